import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '../../api/problem.ts';
import { Conflict, Refused } from '../../errors.ts';
import { logFailure } from '../../log.ts';

/** A failure in the shape of Statuspage: `{ "error": "…" }`, or a list of what is wrong; 422 for what cannot be done. */
export function answerTrouble(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, detail, errors, retryAfter } = problemOf(error, request);
  const refused = (error instanceof Refused && status === 400) || error instanceof Conflict;
  if (status >= 500) logFailure(request.log, error, request.routeOptions?.url, 'a request failed');
  if (status === 401) reply.header('www-authenticate', 'OAuth');
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply
    .code(refused ? 422 : status)
    .header('cache-control', 'no-store')
    .send({ error: errors ? errors.map(({ path, message }) => `${path} ${message}`.trim()) : detail });
}
