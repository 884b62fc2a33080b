import type { Db, Trx } from '../db.ts';
import { wakeNotifiers } from './outbox.ts';

/** Since when nothing is sent, by whose word and why: unlike a pause it ends only when a person says so. */
export interface Hold {
  since: Date;
  /** The middle of a sentence: "a backup of … was brought back". */
  reason: string;
}

/** The hold, or null while mail may go. */
export async function readHold(db: Db | Trx): Promise<Hold | null> {
  const row = await db.selectFrom('sending').select(['held_since', 'held_reason']).executeTakeFirst();
  return row?.held_since
    ? { since: row.held_since, reason: row.held_reason ?? 'the reason is unknown' }
    : null;
}

/** Nothing is sent from now on, to people or programs, by any process. Calling again changes the reason. */
export async function holdSending(trx: Trx, reason: string, now: Date): Promise<void> {
  await trx.updateTable('sending').set({ held_since: now, held_reason: reason }).execute();
}

/**
 * Lets everything go again and answers what held it, and how many mails that were queued before were cancelled, which
 * happens only if so asked. Null when nothing was held: calling twice does nothing more.
 */
export async function resumeSending(
  trx: Trx,
  now: Date,
  { cancelQueued = false } = {},
): Promise<(Hold & { cancelled: number }) | null> {
  await trx.selectFrom('sending').select('one').forUpdate().execute();
  const held = await readHold(trx);
  if (!held) return null;
  const cancelled = cancelQueued ? await cancelUntil(trx, held.since, now) : 0;
  await trx.updateTable('sending').set({ held_since: null, held_reason: null }).execute();
  await wakeNotifiers(trx);
  return { ...held, cancelled };
}

async function cancelUntil(trx: Trx, until: Date, now: Date): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('delivery')
    .set({
      state: 'cancelled',
      reason: 'was queued when a backup was brought back, and was not sent again',
      ended_at: now,
      lease_token: null,
      lease_until: null,
    })
    .where('state', '=', 'queued')
    .where('created_at', '<=', until)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}
