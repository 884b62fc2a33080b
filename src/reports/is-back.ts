import type { Db, Trx } from '../db.ts';
import { Conflict, NotFound } from '../errors.ts';
import { newId, sha256 } from '../ids.ts';
import type { Visitor } from '../limits.ts';
import { lockFollowed } from '../merged.ts';
import { lastReturn, type OtherTime } from '../returns.ts';
import type { Issue, Report } from '../tables.ts';
import { nothingHere } from './change-report.ts';
import { meToo } from './file-report.ts';

/** What her own page asks once her problem came back as a new issue. */
export interface Back extends OtherTime {
  /** She has said so already. */
  said: boolean;
}

/** What came back of her problem; null where nothing did, or she took her report back. */
export async function backOf(db: Db, report: Report, issue: Issue | null): Promise<Back | null> {
  if (issue === null || issue.resolved_at === null || report.state === 'withdrawn') return null;
  const last = await lastReturn(db, issue.id);
  return last && { ...last, said: (await madeFrom(db, report, last.id))?.stands === true };
}

/**
 * Counts whoever told us of a problem among those whom its return reaches, under the same address, and answers that
 * report. Twice is once. Throws NotFound, and Conflict where nothing came back, or what came back is over.
 */
export async function sayItIsBack(trx: Trx, id: string, now: Date, visitor?: Visitor): Promise<Report> {
  const report = await trx.selectFrom('report').selectAll().where('id', '=', id).executeTakeFirst();
  if (!report) throw new NotFound(nothingHere);
  if (report.state === 'withdrawn') throw new Conflict('You took this report back. You can tell us anew.');
  const last = report.issue_id === null ? null : await lastReturn(trx, report.issue_id);
  if (!last)
    throw new Conflict('We know of no return of this problem. If it is back for you, please tell us anew.');
  const issue = await lockFollowed(trx, last.id);
  const made = await madeFrom(trx, report, issue.id);
  if (made?.stands) return made;
  if (issue.resolved_at !== null)
    throw new Conflict(
      'What came back is over, too. If it is still broken for you, please say so on its page.',
    );
  const { email, name, traits } = report;
  const told = { id: made ? newId() : idOf(report.id, issue.id), email: email ?? '', name: name ?? '' };
  return meToo(trx, issue.id, traits === null ? told : { ...told, traits }, now, visitor);
}

/**
 * The report that this button made of that issue; not any other under the same address, since whoever typed somebody
 * else's address must not learn what that person told us.
 */
function madeFrom(db: Db | Trx, report: Report, issueId: string): Promise<Report | undefined> {
  return db.selectFrom('report').selectAll().where('id', '=', idOf(report.id, issueId)).executeTakeFirst();
}

/** The same report and the same return make the same report of it, however often the button is pressed. */
function idOf(reportId: string, issueId: string): string {
  return BigInt(`0x${sha256(`returned:${reportId}:${issueId}`).slice(0, 32)}`)
    .toString(36)
    .padStart(12, '0')
    .slice(-12);
}
