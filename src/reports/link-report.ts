import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { holdMs } from '../domain/undo.ts';
import { Conflict, NotFound } from '../errors.ts';
import { closingUpdate } from '../issue-row.ts';
import { stateCounts } from '../ledger/count.ts';
import { lockFollowed } from '../merged.ts';
import { cancelFor, oweLinked, oweRight } from '../notifications/owe-step.ts';
import type { Issue, Report } from '../tables.ts';
import { type By, recordDeed, type Step, takeAnswered, takeNew } from './deeds.ts';
import { noteRight } from './was-right.ts';

/**
 * Says that a report is about a known issue: its reporter follows that issue from now on, or the one it was merged
 * into, and is told so, or, if that is over, told that it is. Linking it there again does nothing twice.
 */
export async function linkReport(trx: Trx, reportId: string, issueId: string, now: Date): Promise<Report> {
  const issue = await lockFollowed(trx, issueId);
  const report = await lockReport(trx, reportId);
  if (report.state === 'linked' && report.issue_id === issue.id) return report;
  await attach(trx, [reportId], issue, issueId, { now, dueAt: now });
  return trx.selectFrom('report').selectAll().where('id', '=', reportId).executeTakeFirstOrThrow();
}

/**
 * The same for many new reports in one step that can be taken back; nobody hears of it before `holdMs` have passed,
 * and an address that told us several times is told once. Those that somebody else handled meanwhile stay as they are.
 * Throws NotFound for the issue, and Conflict where no report is left.
 */
export async function linkReports(
  trx: Trx,
  ids: string[],
  issueId: string,
  by: By,
  now: Date,
  kind: 'link' | 'acknowledge' = 'link',
  take = takeNew,
): Promise<Step> {
  const issue = await lockFollowed(trx, issueId);
  const { taken, gone } = await take(trx, ids);
  const deedId = await recordDeed(
    trx,
    { kind, issueId: issue.id, staffId: by?.id ?? null, reportIds: taken },
    now,
  );
  await attach(trx, taken, issue, issueId, { now, dueAt: new Date(now.getTime() + holdMs) });
  return { deedId, taken, gone };
}

/**
 * The same for reports that we had answered: they are about a known issue after all. Whom we had told that there is no
 * fault is told that she was right.
 */
export function linkAnswered(trx: Trx, ids: string[], issueId: string, by: By, now: Date): Promise<Step> {
  return linkReports(trx, ids, issueId, by, now, 'link', takeAnswered);
}

/** A report, locked until the transaction ends. Throws NotFound, and Conflict for one that was withdrawn. */
export async function lockReport(trx: Trx, id: string): Promise<Report> {
  const report = await trx
    .selectFrom('report')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!report) throw new NotFound(`There is no report ${id}.`);
  if (report.state === 'withdrawn') throw new Conflict('Its sender has withdrawn this report.');
  return report;
}

/** `meant` is the issue that was chosen: the same, or one that is followed at it. */
async function attach(
  trx: Trx,
  ids: string[],
  issue: Issue,
  meant: string,
  times: { now: Date; dueAt: Date },
): Promise<void> {
  const { right, others } = await noteRight(trx, ids, issue.id, times.now);
  const { rows: were } = await sql<{ issue_id: string | null }>`
    update report set issue_id = ${issue.id}, state = 'linked', linked_at = ${times.now},
      merged_from = nullif(${meant}::text, ${issue.id})
    from report as were where were.id = report.id and report.id = any(${ids}::text[])
    returning were.issue_id`.execute(trx);
  await cancelFor(
    trx,
    ids,
    ['linked', 'answered', 'resolved', 'update', 'right'],
    'another step replaced it',
    times.now,
  );
  const closing = issue.resolved_at === null ? undefined : await closingUpdate(trx, issue.id);
  const about = { issueId: issue.id, closedBy: closing?.id ?? null };
  await oweRight(trx, right, about, times);
  await oweLinked(trx, others, about, times);
  const left = were.map((was) => was.issue_id).filter((id) => id !== issue.id);
  const moved = right.length > 0 ? [issue.id] : []; // a mail cancelled before goes with another closing now
  await stateCounts(trx, [...left, ...moved], times.now);
}
