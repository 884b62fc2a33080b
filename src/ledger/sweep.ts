import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { stateCounts, unstated } from './count.ts';

const atOnce = 100;
const overlapMs = 120_000; // what was written meanwhile by whoever has another clock, or takes long to commit
const restMs = 600_000; // on a quiet day it is not noted more often how far this came

/**
 * States the counts that rose since the last time: who told us, who says it works, who was told. Twice adds nothing, in
 * several processes at once neither. The first time it goes through all issues that somebody told us of.
 */
export async function sweepCounts(db: Db, now: Date): Promise<void> {
  const last = await lastSwept(db);
  const touched = await touchedSince(db, new Date(last - overlapMs));
  if (touched.length === 0 && Math.abs(now.getTime() - last) < restMs) return;
  for (let from = 0; from < touched.length; from += atOnce) {
    const ids = await behind(db, touched.slice(from, from + atOnce));
    if (ids.length > 0) await db.transaction().execute((trx) => stateCounts(trx, ids, now));
  }
  await db
    .insertInto('setting')
    .values({ key: swept, value: now.toISOString() })
    .onConflict((oc) => oc.column('key').doUpdateSet({ value: now.toISOString() }))
    .execute();
}

const swept = 'counts_swept_at';

/** In milliseconds; 0 before the first time. */
async function lastSwept(db: Db): Promise<number> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', swept).executeTakeFirst();
  return row ? Date.parse(row.value) : 0;
}

/** Each of the three has an index of its own. */
async function touchedSince(db: Db, since: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select issue_id as id from report where issue_id is not null and coalesce(linked_at, created_at) > ${since}
    union select issue_id from report where issue_id is not null and worked_at > ${since}
    union select over.issue_id from delivery join issue_update as over on over.id = delivery.update_id
      where delivery.template in ('resolved', 'right') and delivery.ended_at > ${since}
    order by id`.execute(db);
  return rows.map((row) => row.id);
}

async function behind(db: Db, ids: readonly string[]): Promise<string[]> {
  const statements = await unstated(db, ids);
  return [...new Set(statements.map((one) => one.issue_id!))];
}
