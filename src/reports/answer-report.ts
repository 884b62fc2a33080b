import type { Trx } from '../db.ts';
import type { Verdict } from '../domain/words.ts';
import { owePerson } from '../notifications/outbox.ts';
import type { Report } from '../tables.ts';
import { lockReport } from './link-report.ts';

/** Answers a report with a verdict and staff's own words; its reporter is told. The same answer again does nothing twice. */
export async function answerReport(
  trx: Trx,
  reportId: string,
  { verdict, message }: { verdict: Verdict; message: string },
  now: Date,
): Promise<Report> {
  const report = await lockReport(trx, reportId);
  if (report.verdict === verdict && report.answer === message) return report;
  const answered = await trx
    .updateTable('report')
    .set({ state: 'answered', verdict, answer: message, answered_at: now })
    .where('id', '=', reportId)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (answered.email !== null) {
    await owePerson(
      trx,
      {
        template: 'answered',
        reportId,
        address: answered.email,
        issueId: answered.issue_id,
        occasion: now.toISOString(),
      },
      now,
    );
  }
  return answered;
}
