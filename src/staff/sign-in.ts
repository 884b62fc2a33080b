import { addressKey } from '../address.ts';
import type { Db, Trx } from '../db.ts';
import type { Staff } from '../desk-tables.ts';
import { giveBack, type Limit, type Rule, takeAll } from '../limits.ts';
import type { Links } from '../links.ts';
import { markOf } from './known-browsers.ts';
import { hashPassword, isOutdated, isPassword } from './passwords.ts';
import { beginSession } from './sessions.ts';

const minute = 60_000;
/** How often somebody may be wrong. None of them holds a person off who comes from a browser she used before. */
export const signInRules = {
  perAddressAndNetwork: { most: 10, perMs: 15 * minute },
  perNetwork: { most: 50, perMs: 15 * minute },
  perAddress: { most: 100, perMs: 60 * minute },
  perKnownBrowser: { most: 10, perMs: 15 * minute },
} satisfies Record<string, Rule>;

export interface Attempt {
  email: string;
  password: string;
  /** `local` on this very machine. */
  network: string;
  /** The marks that the browser showed. */
  marks: string | null;
}

/** Come in; or the seconds to wait; or no, without a reason. */
export type Judged = { person: Staff; freshHash: string | null } | { waitSeconds: number };

/**
 * Whether these open the door. Whoever is unknown, disabled or without a password is told the same, after as long,
 * as one whose password is wrong. Only what fails is counted. No transaction may be open: it takes most of a second.
 */
export async function judgeSignIn(db: Db, attempt: Attempt, links: Links, now: Date): Promise<Judged> {
  const person = await db
    .selectFrom('staff')
    .selectAll()
    .where('email_key', '=', addressKey(attempt.email))
    .executeTakeFirst();
  const mark = person ? markOf(attempt.marks, person.id, links) : null;
  const limits = limitsOf(attempt, mark, links);
  // Counted before, and given back to whoever was right: many at once cannot all have the last.
  const waitSeconds = await takeAll(db, limits, now);
  if (waitSeconds > 0) return { waitSeconds };
  const right = await isPassword(attempt.password, person?.password ?? null, { ahead: mark !== null });
  if (!person || !right || person.disabled_at) return { waitSeconds: 0 };
  await giveBack(db, limits);
  const outdated = isOutdated(person.password!);
  return { person, freshHash: outdated ? await hashPassword(attempt.password) : null };
}

/** Lets her in: a session, whose secret it answers; null where she was disabled or changed her password meanwhile. */
export async function letIn(
  trx: Trx,
  { person, freshHash }: { person: Staff; freshHash: string | null },
  now: Date,
): Promise<string | null> {
  const { numUpdatedRows } = await trx
    .updateTable('staff')
    .set({ last_seen_at: now, ...(freshHash === null ? {} : { password: freshHash }) })
    .where('id', '=', person.id)
    .where('disabled_at', 'is', null)
    .where('password', 'is not distinct from', person.password)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 0n ? null : beginSession(trx, person.id, now);
}

function limitsOf({ email, network }: Attempt, mark: string | null, { bucket }: Links): Limit[] {
  if (mark !== null) return [[bucket('sign-in-browser', mark), signInRules.perKnownBrowser]];
  const address = addressKey(email);
  return [
    [bucket('sign-in', `${address} ${network}`), signInRules.perAddressAndNetwork],
    [bucket('sign-in-network', network), signInRules.perNetwork],
    [bucket('sign-in-address', address), signInRules.perAddress],
  ];
}
