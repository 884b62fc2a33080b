import { addressKey } from '../address.ts';
import type { Db, Trx } from '../db.ts';
import { type Rule, take } from '../limits.ts';
import type { Links } from '../links.ts';
import { oweStaffLink } from '../notifications/outbox.ts';
import { markOf } from './known-browsers.ts';
import { makeLink } from './staff-links.ts';

const hour = 3_600_000;
export const forgottenRules = {
  perAddress: { most: 3, perMs: hour },
  perNetwork: { most: 60, perMs: hour },
} satisfies Record<string, Rule>;

export interface Asking {
  email: string;
  network: string;
  /** The marks that the browser showed. */
  marks: string | null;
}

/** Somebody to whom a link is owed. */
export interface Asked {
  id: string;
  name: string;
  email: string;
}

/**
 * Who is to get a link, and counts it: the enabled person of this address, or null for nobody. A fourth time in an
 * hour is null too: the links she has got hold for two. Answers the seconds to wait where her network asked too
 * often; a browser she used before never waits for what others did. `sso`: whoever comes by it alone gets no password.
 */
export async function whoAsks(
  db: Db,
  { email, network, marks }: Asking,
  { links, sso }: { links: Links; sso: boolean },
  now: Date,
): Promise<Asked | null | { waitSeconds: number }> {
  const person = await db
    .selectFrom('staff')
    .select(['id', 'name', 'email', 'password', 'subject', 'disabled_at'])
    .where('email_key', '=', addressKey(email))
    .executeTakeFirst();
  const known = person !== undefined && markOf(marks, person.id, links) !== null;
  const crowd = links.bucket('forgotten-network', network);
  const waitSeconds = known ? 0 : await take(db, crowd, forgottenRules.perNetwork, now);
  if (waitSeconds > 0) return { waitSeconds };
  const often = await take(db, links.bucket('forgotten', addressKey(email)), forgottenRules.perAddress, now);
  if (often > 0 || !person || person.disabled_at) return null;
  if (sso && person.subject !== null && person.password === null) return null;
  const { id, name, email: address } = person;
  return { id, name, email: address };
}

/** Owes her the link. */
export async function mailLink(trx: Trx, { id, email }: Asked, now: Date): Promise<void> {
  const linkId = await makeLink(trx, { staffId: id, purpose: 'password' }, now);
  await oweStaffLink(trx, { linkId, address: email }, now);
}
