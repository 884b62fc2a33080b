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
  /** How many at most; all under one lease. */
  most: number;
}

/**
 * Takes the mails that are due for longest, and counts the attempt; none when there is none, or while sending is
 * paused or held. An expired lease is claimable like any other row, so that no mail of a killed process needs a janitor.
 */
export async function claimDue(db: Db, { now, leaseMs, except, most }: Claiming): Promise<Claimed[]> {
  return claim(
    db,
    now,
    leaseMs,
    sql`
    ${isDue(now)} and domain <> all(${except}::text[])
    and not exists (select from sending where paused_since is not null or held_since is not null)
    order by due_at, id`,
    most,
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
  const [mail = null] = await claim(db, now, leaseMs, sql`${isDue(now)} order by random()`, 1);
  return mail;
}

/** Frees mails of ours that were not begun: the try does not count. Those that are no longer ours stay as they are. */
export async function giveBack(db: Db, mails: Claimed[]): Promise<void> {
  await db
    .updateTable('delivery')
    .set((eb) => ({
      lease_token: null,
      lease_until: null,
      attempts: eb.fn<number>('greatest', [eb('attempts', '-', 1), eb.lit(0)]),
    }))
    .where('state', '=', 'queued')
    .where((eb) =>
      eb(
        eb.refTuple('id', 'lease_token'),
        'in',
        mails.map((mail) => eb.tuple(mail.id, mail.lease_token)),
      ),
    )
    .execute();
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
  most: number,
): Promise<Claimed[]> {
  const { rows } = await sql<Claimed>`
    with due as materialized (select id as due_id from delivery where ${which} limit ${most} for update skip locked)
    update delivery
    set lease_token = ${randomUUID()}, lease_until = ${new Date(now.getTime() + leaseMs)}, attempts = attempts + 1,
      ledger_seq = case attempts when 0 then coalesce(ledger_seq, (select max(seq) from ledger)) else ledger_seq end
    from due where id = due_id
    returning delivery.*, (select hash from ledger where ledger.seq = delivery.ledger_seq) as ledger_hash`.execute(
    db,
  );
  return rows.sort((a, b) => a.due_at.getTime() - b.due_at.getTime() || (a.id < b.id ? -1 : 1));
}

/** `is not true` instead of `is null or`: the planner expects many such rows then, and walks the index instead of sorting. */
function isDue(now: Date) {
  return sql`state = 'queued' and webhook_id is null and due_at <= ${now} and (lease_until > ${now}) is not true`;
}
