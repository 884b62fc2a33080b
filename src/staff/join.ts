import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { newId } from '../ids.ts';
import type { Links } from '../links.ts';
import { beginSession, endSessionsOf } from './sessions.ts';
import { hasOwner, makeLink, type OpenLink, useLink } from './staff-links.ts';

/** What somebody chose behind a link; the password is hashed already. */
export interface Chosen {
  name: string;
  email: string;
  hash: string;
}

export interface Joined {
  id: string;
  name: string;
  /** Of the session that begins. */
  secret: string;
}

/**
 * Takes what was chosen behind a link and lets the person in; every other session of hers ends. Answers `dead` where
 * the link was used meanwhile, or there is an owner now, `taken` where the address has an account.
 */
export async function join(
  trx: Trx,
  link: OpenLink,
  chosen: Chosen,
  now: Date,
): Promise<Joined | 'dead' | 'taken'> {
  if (link.person === null) return joinAsFirstOwner(trx, link, chosen, now);
  if (!(await useLink(trx, link, now))) return 'dead';
  const { id } = link.person;
  const name = link.purpose === 'invitation' ? chosen.name : link.person.name;
  const { numUpdatedRows } = await trx
    .updateTable('staff')
    .set({ name, password: chosen.hash, last_seen_at: now })
    .where('id', '=', id)
    .where('disabled_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return 'dead';
  await endSessionsOf(trx, id);
  return { id, name, secret: await beginSession(trx, id, now) };
}

/**
 * A link for whoever becomes the first owner, or null where there are staff already. Those made before stay good: each
 * replica prints one, and one may be on its way to somebody. The first that is used ends them all.
 */
export async function makeFirstLink(db: Db, links: Links, now: Date): Promise<string | null> {
  return db.transaction().execute(async (trx) => {
    const somebody = await trx.selectFrom('staff').select('id').limit(1).executeTakeFirst();
    if (somebody) return null;
    return links.token('staff', await makeLink(trx, { staffId: null, purpose: 'first' }, now));
  });
}

async function joinAsFirstOwner(
  trx: Trx,
  link: OpenLink,
  { name, email, hash }: Chosen,
  now: Date,
): Promise<Joined | 'dead' | 'taken'> {
  await sql`lock table staff in share row exclusive mode`.execute(trx); // so that there cannot be two firsts
  if ((await hasOwner(trx)) || !(await useLink(trx, link, now))) return 'dead';
  const id = newId();
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('staff')
    .values({
      id,
      email,
      name,
      role: 'owner',
      password: hash,
      subject: null,
      created_at: now,
      disabled_at: null,
      last_seen_at: now,
    })
    .onConflict((oc) => oc.column('email_key').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) return 'taken';
  return { id, name, secret: await beginSession(trx, id, now) };
}
