import { randomUUID } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { Db } from '../db.ts';
import type { DeliveryTable } from '../delivery-tables.ts';

/** A mail that is ours to send until `lease_until`. */
export type Claimed = Selectable<DeliveryTable> & {
  lease_token: string;
  lease_until: Date;
  /** The hash of the ledger's entry that `ledger_seq` names: where it stood at the first try, the same on every other. */
  ledger_hash?: string | null;
};

export interface Claiming {
  now: Date;
  leaseMs: number;
  /** Domains that have as many mails under way as we allow. */
  except: string[];
}

/**
 * Takes the mail that is due for longest, and counts the attempt; null when there is none, or while sending is
 * paused or held. An expired lease is claimable like any other row, so that no mail of a killed process needs a janitor.
 */
export async function claimDue(db: Db, { now, leaseMs, except }: Claiming): Promise<Claimed | null> {
  return claim(
    db,
    now,
    leaseMs,
    sql`
    ${isDue(now)} and domain <> all(${except}::text[])
    and not exists (select from sending where paused_since is not null or held_since is not null)
    order by due_at, id`,
  );
}

/**
 * While sending is paused: takes one mail to try, once an interval among all processes, or answers null. Any due
 * mail serves, picked at random, so that one mail the server cannot stomach does not stand in the way for ever.
 */
export async function claimProbe(
  db: Db,
  { now, leaseMs, probeMs }: { now: Date; leaseMs: number; probeMs: number },
): Promise<Claimed | null> {
  const { numAffectedRows } = await sql`
    update sending set probe_at = ${new Date(now.getTime() + probeMs)}
    where paused_since is not null and held_since is null and (probe_at is null or probe_at <= ${now})
      and exists (select from delivery where ${isDue(now)})`.execute(db);
  if (!numAffectedRows) return null;
  return claim(db, now, leaseMs, sql`${isDue(now)} order by random()`);
}

/** Frees what a killed predecessor held of one queue; only for a process that knows it is the only one. */
export async function releaseAllLeases(db: Db, queue: 'mails' | 'hooks'): Promise<void> {
  await db
    .updateTable('delivery')
    .set({ lease_token: null, lease_until: null })
    .where('state', '=', 'queued')
    .where('lease_token', 'is not', null)
    .where('webhook_id', queue === 'mails' ? 'is' : 'is not', null)
    .execute();
}

async function claim(
  db: Db,
  now: Date,
  leaseMs: number,
  which: ReturnType<typeof sql>,
): Promise<Claimed | null> {
  const { rows } = await sql<Claimed>`
    update delivery
    set lease_token = ${randomUUID()}, lease_until = ${new Date(now.getTime() + leaseMs)}, attempts = attempts + 1,
      ledger_seq = case attempts when 0 then coalesce(ledger_seq, (select max(seq) from ledger)) else ledger_seq end
    where id = (select id from delivery where ${which} limit 1 for update skip locked)
    returning *, (select hash from ledger where ledger.seq = delivery.ledger_seq) as ledger_hash`.execute(db);
  return rows[0] ?? null;
}

/** `is not true` instead of `is null or`: the planner expects many such rows then, and walks the index instead of sorting. */
function isDue(now: Date) {
  return sql`state = 'queued' and webhook_id is null and due_at <= ${now} and (lease_until > ${now}) is not true`;
}
