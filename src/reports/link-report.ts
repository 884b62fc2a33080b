import type { Trx } from '../db.ts';
import { Conflict, NotFound } from '../errors.ts';
import { closingUpdate, lockIssue } from '../issue-row.ts';
import { owePerson } from '../notifications/outbox.ts';
import type { Report } from '../tables.ts';

/**
 * Says that a report is about a known issue: its reporter follows that issue from now on and is told so, or,
 * if the issue is over, told that it is. Linking it there again does nothing twice.
 */
export async function linkReport(trx: Trx, reportId: string, issueId: string, now: Date): Promise<Report> {
  const issue = await lockIssue(trx, issueId);
  const report = await lockReport(trx, reportId);
  if (report.state === 'linked' && report.issue_id === issueId) return report;
  const linked = await trx
    .updateTable('report')
    .set({ issue_id: issueId, state: 'linked', linked_at: now })
    .where('id', '=', reportId)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (linked.email !== null) {
    const closing = issue.resolved_at === null ? undefined : await closingUpdate(trx, issueId);
    const mail = { reportId, issueId, address: linked.email };
    await owePerson(
      trx,
      closing ? { ...mail, template: 'resolved', updateId: closing.id } : { ...mail, template: 'linked' },
      now,
    );
  }
  return linked;
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
