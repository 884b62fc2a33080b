import type { FastifyInstance } from 'fastify';
import { sha256 } from '../ids.ts';

/** The largest mail we read, in bytes. */
export const mostMail = 25 * 1024 * 1024;

/** Lets routes that say so take a mail as it came, byte for byte: the body is then `{ message }`. */
export function takeRawMail(app: FastifyInstance): void {
  app.addContentTypeParser('message/rfc822', { parseAs: 'buffer' }, (request, message, done) => {
    const { takesMail } = request.routeOptions.config as { takesMail?: boolean };
    if (takesMail) done(null, { message });
    else done(Object.assign(new Error('no mail is taken here'), { statusCode: 415 }));
  });
}

/** A body as text, for telling one request from another; a mail stands by its hash. */
export function whatIsSaid(body: unknown): string {
  const { message } = (body ?? {}) as { message?: unknown };
  return message instanceof Uint8Array ? `mail ${sha256(message)}` : JSON.stringify(body ?? null);
}
