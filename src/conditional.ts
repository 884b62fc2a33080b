import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A browser asks each time whether it is still true; a cache in front may answer for five seconds. */
export const publicCache = 'public, max-age=0, s-maxage=5, must-revalidate';

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
  const etag = `W/"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  reply.header('cache-control', cache).header('etag', etag).type(type);
  if (updatedAt) reply.header('last-modified', updatedAt.toUTCString());
  return hasItAlready(request, etag, updatedAt) ? reply.code(304).send() : reply.send(body);
}

function hasItAlready({ headers }: FastifyRequest, etag: string, updatedAt: Date | null): boolean {
  const known = headers['if-none-match'];
  if (known !== undefined) {
    const opaque = etag.slice(2);
    return known.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === opaque);
  }
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return updatedAt !== null && Math.floor(updatedAt.getTime() / 1000) * 1000 <= since;
}
