import type { Db } from '../db.ts';
import type { Role } from '../domain/words.ts';
import { newSecret, sha256 } from '../ids.ts';

/** Somebody who is signed in. */
export interface Signed {
  id: string;
  name: string;
  email: string;
  role: Role;
  /** The hash of this session. */
  session: string;
}

const hour = 3_600_000;
/** A session nobody used for this long is over, and so is one of this age. */
export const idleMs = 12 * hour;
export const longestMs = 7 * 24 * hour;

/** Begins a session and answers its secret, which is for the browser's cookie alone; only its hash is kept. */
export async function beginSession(db: Db, staffId: string, now: Date): Promise<string> {
  const secret = newSecret('session');
  await db
    .insertInto('staff_session')
    .values({
      hash: sha256(secret),
      staff_id: staffId,
      created_at: now,
      seen_at: now,
      ends_at: new Date(now.getTime() + longestMs),
    })
    .execute();
  return secret;
}

/** Whose session this is; null for one that is unknown or over, or whose person was disabled. Notes once a minute that it is used. */
export async function readSession(db: Db, secret: string, now: Date): Promise<Signed | null> {
  const row = await db
    .selectFrom('staff_session as session')
    .innerJoin('staff', 'staff.id', 'session.staff_id')
    .select(['staff.id', 'staff.name', 'staff.email', 'staff.role', 'session.hash', 'session.seen_at'])
    .where('session.hash', '=', sha256(secret))
    .where('session.ends_at', '>', now)
    .where('session.seen_at', '>', new Date(now.getTime() - idleMs))
    .where('staff.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!row) return null;
  const { hash, seen_at, ...person } = row;
  if (now.getTime() - seen_at.getTime() > 60_000) {
    await db.updateTable('staff_session').set({ seen_at: now }).where('hash', '=', hash).execute();
    await db.updateTable('staff').set({ last_seen_at: now }).where('id', '=', person.id).execute();
  }
  return { ...person, session: hash };
}

/** Ends one session. Twice is the same. */
export async function endSession(db: Db, hash: string): Promise<void> {
  await db.deleteFrom('staff_session').where('hash', '=', hash).execute();
}

/** Ends every session of a person, on every machine, but perhaps the one at hand. */
export async function endSessionsOf(db: Db, staffId: string, except?: string): Promise<void> {
  await db
    .deleteFrom('staff_session')
    .where('staff_id', '=', staffId)
    .$if(except !== undefined, (q) => q.where('hash', '<>', except!))
    .execute();
}

/** Forgets sessions that are over. */
export async function forgetOldSessions(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('staff_session')
    .where((eb) => eb.or([eb('ends_at', '<=', now), eb('seen_at', '<=', new Date(now.getTime() - idleMs))]))
    .execute();
}
