import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import type { Links } from '../links.ts';
import type { Fields } from './route.ts';

/** The word that every form of a session carries: a keyed hash of the session's secret, so nothing is stored. */
export function csrfOf({ bucket }: Links, secret: string): string {
  return bucket('csrf', secret).slice('csrf:'.length);
}

/**
 * Why a form cannot have been sent from our own page; null where it was. It carries the word of this session, or that
 * of this browser from before somebody signed in, since a form may wait while she does.
 */
export function checkForgery(
  { baseUrl }: Config,
  request: FastifyRequest,
  words: string[],
  fields: Fields,
): string | null {
  const { origin, host } = request.headers;
  if (request.headers['sec-fetch-site'] === 'cross-site') return elsewhere;
  if (origin !== undefined && origin !== baseUrl && hostOf(origin) !== host) return elsewhere;
  const given = Buffer.from(String(request.headers['x-csrf'] ?? fields.csrf ?? ''));
  const same = (word: string) => given.length === word.length && timingSafeEqual(given, Buffer.from(word));
  return words.some(same) ? null : stale;
}

const elsewhere = 'This form was sent from another site, so nothing was done.';
const stale = 'This form is from another session, so nothing was done. Send it again from a fresh page.';

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
