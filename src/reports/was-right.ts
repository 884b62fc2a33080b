import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { turnsOutRight } from '../domain/right.ts';
import type { Verdict } from '../domain/words.ts';
import { stateAll } from '../ledger/state.ts';

/** Reports that become part of an issue: whose mail says that she was right, and whose says that we know it. */
export interface Sorted {
  right: string[];
  others: string[];
}

/**
 * Writes down and states which of these reports, about to become part of an issue, we had answered as if there was none.
 * Somebody who is told that she was right is told nothing else, whatever she told us besides. The caller holds the
 * issue's lock. Calling twice states nothing twice.
 */
export async function noteRight(trx: Trx, ids: string[], issueId: string, now: Date): Promise<Sorted> {
  const { rows } = await sql<Row>`
    select id, email_key, verdict, answered_at, was_right_at, was_right_at is not null and not exists (
      select from delivery where delivery.report_id = report.id and template = 'right' and state = 'sent') as untold
    from report where id = any(${ids}::text[]) order by id for update`.execute(trx);
  const found = rows.filter(turnsOutRight);
  await sql`
    update report set was_right_at = ${now} where id = any(${found.map(({ id }) => id)}::text[])`.execute(
    trx,
  );
  await stateRight(trx, issueId, found, 1, now);
  const right = rows.filter((row) => row.untold || found.includes(row));
  const told = new Set(right.map(({ email_key }) => email_key));
  return {
    right: right.map(({ id }) => id),
    others: rows.filter(({ email_key }) => email_key === null || !told.has(email_key)).map(({ id }) => id),
  };
}

interface Row {
  id: string;
  email_key: string | null;
  verdict: Verdict | null;
  answered_at: Date | null;
  was_right_at: Date | null;
  /** Found out before, and no mail said so yet. */
  untold: boolean;
}

/** Takes that back for a step of staff that is taken back. Call it before its mails are cancelled. */
export async function takeRightBack(
  trx: Trx,
  step: { issueId: string | null; at: Date },
  ids: string[],
  now: Date,
): Promise<void> {
  const back = await trx
    .updateTable('report')
    .set({ was_right_at: null })
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .where('was_right_at', '=', step.at)
    .returning('verdict')
    .execute();
  if (step.issueId !== null) await stateRight(trx, step.issueId, back, -1, now);
}

function stateRight(
  trx: Trx,
  issue_id: string,
  reports: readonly { verdict: Verdict | null }[],
  sign: 1 | -1,
  now: Date,
): Promise<void> {
  const counts = new Map<Verdict, number>();
  for (const { verdict } of reports) if (verdict) counts.set(verdict, (counts.get(verdict) ?? 0) + sign);
  const statements = [...counts].map(([verdict, count]) => ({
    type: 'were_right' as const,
    issue_id,
    verdict,
    count,
  }));
  return stateAll(trx, statements, now);
}
