import { sql } from 'kysely';
import { addressKey } from '../address.ts';
import type { Trx } from '../db.ts';
import { forgetOffers } from './forget-offers.ts';

/**
 * Takes a person out of everything she told us: her address, her name, her words and what we answered. The reports
 * stay as taken back, so that nothing else that was counted on them breaks. Answers how many, and whose counts are to be
 * stated as the last thing of the transaction (`stateCounts`); twice is the same.
 */
export async function eraseReports(
  trx: Trx,
  address: string,
  now: Date,
): Promise<{ reports: number; issueIds: (string | null)[] }> {
  const { rows } = await sql<{ id: string; issue_id: string | null }>`
    update report set state = 'withdrawn', withdrawn_at = coalesce(withdrawn_at, ${now}), email = null, name = null,
      message = null, page_url = null, code_hash = null, verdict = null, answer = null, answered_at = null, worked_comment = null,
      traits = null
    where email_key = ${addressKey(address)} or (email is null and id in (
      select report_id from delivery where address_key = ${addressKey(address)} and report_id is not null))
    returning id, issue_id`.execute(trx);
  if (rows.length > 0) {
    const ids = rows.map((row) => row.id);
    await forgetOffers(trx, ids, now);
    await trx
      .updateTable('deed_report')
      .set({ verdict: null, answer: null, answered_at: null })
      .where('report_id', '=', sql<string>`any(${ids}::text[])`)
      .execute();
  }
  return { reports: rows.length, issueIds: rows.map((row) => row.issue_id) };
}
