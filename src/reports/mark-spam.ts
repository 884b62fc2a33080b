import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { stateCounts } from '../ledger/count.ts';
import { cancelFor } from '../notifications/owe-step.ts';
import { type By, recordDeed, type Step, takeNew } from './deeds.ts';

/** Why its mails were cancelled; by it they are found again when the step is taken back. */
export const spamReason = 'staff took the report for spam';

/**
 * Puts new reports aside as spam, in one step that can be taken back: they count for nothing and nobody is mailed about
 * them. Their senders see no sign of it. Those that somebody else handled meanwhile stay as they are. Throws Conflict
 * where no report is left.
 */
export async function markSpam(trx: Trx, ids: string[], by: By, now: Date): Promise<Step> {
  const { taken, gone } = await takeNew(trx, ids);
  const deed = { kind: 'spam', issueId: null, staffId: by?.id ?? null, reportIds: taken } as const;
  const deedId = await recordDeed(trx, deed, now);
  const { rows } = await sql<{ issue_id: string | null }>`
    update report set state = 'spam' where id = any(${taken}::text[]) returning issue_id`.execute(trx);
  await cancelFor(
    trx,
    taken,
    ['receipt', 'linked', 'answered', 'resolved', 'update', 'right'],
    spamReason,
    now,
  );
  await stateCounts(
    trx,
    rows.map((row) => row.issue_id),
    now,
  );
  return { deedId, taken, gone };
}
