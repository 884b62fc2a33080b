import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { stateCounts } from '../ledger/count.ts';

/**
 * Moves every report of an issue to the one it is merged into, each with where it came from; those that had come from
 * an issue merged into this one before keep that. Answers how many. The caller holds the locks of both issues.
 */
export async function carryReports(
  trx: Trx,
  { from, into, family }: { from: string; into: string; family: string[] },
  now: Date,
): Promise<number> {
  const { numAffectedRows } = await sql`
    with mine as (select id from report where issue_id = ${from} order by id for update)
    update report
    set issue_id = ${into}, merged_from = case when merged_from = any(${family}::text[]) then merged_from else ${from} end
    from mine where mine.id = report.id`.execute(trx);
  await stateCounts(trx, [from, into], now);
  return Number(numAffectedRows ?? 0);
}

/**
 * Takes the reports that a merge had brought to an issue back to where they came from; whatever staff moved elsewhere
 * since, or came there by itself, stays where it is. Answers how many. The caller holds the locks of both issues.
 */
export async function takeReportsBack(
  trx: Trx,
  { from, at, family }: { from: string; at: string; family: string[] },
  now: Date,
): Promise<number> {
  const { numAffectedRows } = await sql`
    with mine as (
      select id from report where issue_id = ${at} and merged_from = any(${family}::text[]) order by id for update)
    update report set issue_id = ${from}, merged_from = nullif(merged_from, ${from})
    from mine where mine.id = report.id`.execute(trx);
  await stateCounts(trx, [from, at], now);
  return Number(numAffectedRows ?? 0);
}
