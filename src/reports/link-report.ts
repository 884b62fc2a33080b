import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { holdMs } from '../domain/undo.ts';
import { Conflict, NotFound } from '../errors.ts';
import { closingUpdate } from '../issue-row.ts';
import { lockFollowed } from '../merged.ts';
import { cancelFor, oweLinked } from '../notifications/owe-step.ts';
import type { Issue, Report } from '../tables.ts';
import { type By, recordDeed, type Step, takeNew } from './deeds.ts';

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
): Promise<Step> {
  const issue = await lockFollowed(trx, issueId);
  const { taken, gone } = await takeNew(trx, ids);
  const deedId = await recordDeed(
    trx,
    { kind, issueId: issue.id, staffId: by?.id ?? null, reportIds: taken },
    now,
  );
  await attach(trx, taken, issue, issueId, { now, dueAt: new Date(now.getTime() + holdMs) });
  return { deedId, taken, gone };
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
  await sql`
    update report set issue_id = ${issue.id}, state = 'linked', linked_at = ${times.now},
      merged_from = nullif(${meant}::text, ${issue.id})
    where id = any(${ids}::text[])`.execute(trx);
  await cancelFor(
    trx,
    ids,
    ['linked', 'answered', 'resolved', 'update'],
    'another step replaced it',
    times.now,
  );
  const closing = issue.resolved_at === null ? undefined : await closingUpdate(trx, issue.id);
  await oweLinked(trx, ids, { issueId: issue.id, closedBy: closing?.id ?? null }, times);
}
