import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { strikesToPause } from '../domain/retry.ts';

/** Pauses all sending, everywhere. True for the one caller that did it; false when it was paused already. */
export async function pauseSending(db: Db, reason: string, now: Date, probeMs: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sending')
    .set({ paused_since: now, reason, probe_at: new Date(now.getTime() + probeMs) })
    .where('paused_since', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Counts a refusal that is our own fault; true when so many came in a row that sending should pause. */
export async function countStrike(db: Db): Promise<boolean> {
  const { strikes } = await db
    .updateTable('sending')
    .set((eb) => ({ strikes: eb('strikes', '+', 1) }))
    .returning('strikes')
    .executeTakeFirstOrThrow();
  return strikes >= strikesToPause;
}

/** A mail was taken: ends the pause and the row of strikes. Answers since when it had been paused, or null. */
export async function noteSuccess(db: Db, now: Date): Promise<Date | null> {
  const { rows } = await sql<{ was_paused_since: Date | null }>`
    with was as (select one, paused_since from sending for update)
    update sending
    set paused_since = null, reason = null, probe_at = null, strikes = 0, last_sent_at = ${now}
    from was where was.one = sending.one
    returning was.paused_since as was_paused_since`.execute(db);
  return rows[0]?.was_paused_since ?? null;
}

/**
 * The mail server answered about one mail, though it did not take it: what had kept us from it is over. Refusals that are
 * our own fault are not ended by that. Answers since when it had been paused, or null.
 */
export async function noteAnswer(db: Db): Promise<Date | null> {
  const { rows } = await sql<{ was_paused_since: Date }>`
    with was as (select one, paused_since from sending
      where paused_since is not null and strikes < ${strikesToPause} for update)
    update sending set paused_since = null, reason = null, probe_at = null
    from was where was.one = sending.one
    returning was.paused_since as was_paused_since`.execute(db);
  return rows[0]?.was_paused_since ?? null;
}
