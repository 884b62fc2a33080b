import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { holdMs } from '../domain/undo.ts';
import type { Verdict } from '../domain/words.ts';
import { state } from '../ledger/state.ts';
import { cancelFor, oweAnswered } from '../notifications/owe-step.ts';
import type { Report } from '../tables.ts';
import { type By, recordDeed, type Step, takeNew } from './deeds.ts';
import { lockReport } from './link-report.ts';

/** What staff answer a report: how they see it, and their own words. */
export interface Given {
  verdict: Verdict;
  message: string;
}

/** Answers a report with a verdict and staff's own words; its reporter is told. The same answer again does nothing twice. */
export async function answerReport(trx: Trx, reportId: string, given: Given, now: Date): Promise<Report> {
  const report = await lockReport(trx, reportId);
  if (report.verdict === given.verdict && report.answer === given.message) return report;
  await answer(trx, [reportId], given, { now, dueAt: now });
  return trx.selectFrom('report').selectAll().where('id', '=', reportId).executeTakeFirstOrThrow();
}

/**
 * The same answer to many new reports in one step that can be taken back; nobody hears of it before `holdMs` have
 * passed, and an address that told us several times gets it once. Those that somebody else handled meanwhile stay as
 * they are. Throws Conflict where no report is left.
 */
export async function answerReports(trx: Trx, ids: string[], given: Given, by: By, now: Date): Promise<Step> {
  const { taken, gone } = await takeNew(trx, ids);
  const deed = { kind: 'answer', issueId: null, staffId: by?.id ?? null, reportIds: taken } as const;
  const deedId = await recordDeed(trx, deed, now);
  await answer(trx, taken, given, { now, dueAt: new Date(now.getTime() + holdMs) });
  return { deedId, taken, gone };
}

async function answer(
  trx: Trx,
  ids: string[],
  { verdict, message }: Given,
  times: { now: Date; dueAt: Date },
): Promise<void> {
  await cancelFor(trx, ids, ['linked', 'answered', 'right'], 'another step replaced it', times.now);
  await oweAnswered(trx, ids, { verdict, message }, times);
  const { rows } = await sql<{ verdict: Verdict | null }>`
    update report set state = 'answered', verdict = ${verdict}, answer = ${message}, answered_at = ${times.now}
    from report as were where were.id = report.id and report.id = any(${ids}::text[])
    returning were.verdict`.execute(trx);
  const count = rows.filter((was) => was.verdict !== verdict).length;
  if (count > 0) await state(trx, { type: 'answered', issue_id: null, verdict, count }, times.now);
}
