import type { Db, Trx } from '../db.ts';
import { isPassword } from './passwords.ts';
import { endSessionsOf, type Signed } from './sessions.ts';
import { voidLinks } from './staff-links.ts';

/** What somebody may know of her own account. */
export interface OwnAccount {
  hasPassword: boolean;
  /** Where she is signed in at the moment. */
  sessions: number;
  /** She is reminded before a promise runs out. */
  nudges: boolean;
}

export async function readOwnAccount(db: Db, { id }: Signed, now: Date): Promise<OwnAccount> {
  const { password, nudges } = await db
    .selectFrom('staff')
    .select(['password', 'nudges'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const { sessions } = await db
    .selectFrom('staff_session')
    .select((eb) => eb.fn.countAll<number>().as('sessions'))
    .where('staff_id', '=', id)
    .where('ends_at', '>', now)
    .executeTakeFirstOrThrow();
  return { hasPassword: password !== null, sessions: Number(sessions), nudges };
}

/** Whether this is the password she has. Takes most of a second; no transaction may be open. */
export async function isOwnPassword(db: Db, { id }: Signed, password: string): Promise<boolean> {
  const row = await db.selectFrom('staff').select('password').where('id', '=', id).executeTakeFirst();
  return isPassword(password, row?.password ?? null, { ahead: true });
}

/** Gives her another name. */
export async function rename(trx: Trx, id: string, name: string): Promise<void> {
  await trx.updateTable('staff').set({ name }).where('id', '=', id).execute();
}

/** Says whether she is reminded before a promise runs out, and when one has. */
export async function chooseNudges(trx: Trx, id: string, nudges: boolean): Promise<void> {
  await trx.updateTable('staff').set({ nudges }).where('id', '=', id).execute();
}

/** Gives her another password, hashed already; every session but this one ends, and so does every link to her account. */
export async function changeOwnPassword(
  trx: Trx,
  { id, session }: Signed,
  hash: string,
  now: Date,
): Promise<void> {
  await trx.updateTable('staff').set({ password: hash }).where('id', '=', id).execute();
  await endSessionsOf(trx, id, session);
  await voidLinks(trx, id, now);
}
