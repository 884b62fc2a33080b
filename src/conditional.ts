import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * A browser asks each time whether it is still true. A cache in front answers for a second by itself, for two more while
 * it asks us, and for a day while we do not answer.
 */
const publicCache = 'public, max-age=0, s-maxage=1, stale-while-revalidate=2, stale-if-error=86400';

export interface PublicAnswer {
  body: string;
  type: string;
  /** When anything of it changed last; null: not known, and the body alone tells. */
  updatedAt: Date | null;
  /** How long it may be kept without asking, where that is not the same as for all else. */
  cache?: string;
}

/**
 * Answers with what anybody may see and keep for some seconds, or with 304 to whoever has it already. As RFC 9110
 * wants it, If-Modified-Since counts only where no If-None-Match was sent.
 */
export function sendWithValidators(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, type, updatedAt, cache = publicCache }: PublicAnswer,
): FastifyReply {
  const etag = etagOf(body);
  reply.header('cache-control', cache).header('etag', etag).type(type);
  if (updatedAt) reply.header('last-modified', updatedAt.toUTCString());
  return hasItAlready(request.headers, etag, updatedAt?.getTime() ?? null)
    ? reply.code(304).send()
    : reply.send(body);
}

/** The same for the same bytes, on every replica; weak, since it stands for every compression of them. */
export function etagOf(body: string | Buffer): string {
  return `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
}

/** Whether a request says that it has this answer: by its ETag, or where it names none by its time (in milliseconds). */
export function hasItAlready(headers: IncomingHttpHeaders, etag: string, updatedAt: number | null): boolean {
  const known = headers['if-none-match'];
  if (known !== undefined) {
    if (known === etag) return true;
    const opaque = etag.replace(/^W\//, '');
    return known.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === opaque);
  }
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return updatedAt !== null && Math.floor(updatedAt / 1_000) * 1_000 <= since;
}
