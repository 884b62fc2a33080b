import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { rollingOut } from '../domain/affected-words.ts';
import { isItMe } from '../domain/answers.ts';
import { doubtWords, isSaidToWork } from '../domain/doubt.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { holdMs } from '../domain/undo.ts';
import type { DeedKind } from '../domain/words.ts';
import type { Issue, Report } from '../tables.ts';
import { countWorked } from '../worked.ts';
import type { Rule } from './doubts.ts';
import type { Back } from './is-back.ts';

/** The first sentence of her own page. `doubted`: what is to say of a fix that many doubt, or nothing. */
export function leadOf(
  report: Report,
  issue: Issue | null,
  { back, doubted, early }: { back: Back | null; doubted: string; early: TooEarly | null },
): string {
  if (report.state === 'withdrawn') return 'You took this back. We will not write to you about it.';
  if (wasRight(report) && issue && !isClosed(issue.status))
    return 'You were right. We told you otherwise, and we are sorry.';
  if (back?.said && back.open) return 'You told us that it is back. We are on it.';
  if (report.state === 'answered') return 'We looked at what you told us. Our answer is below.';
  if (issue && !isClosed(issue.status)) return 'Thank you. We know about this, and it is not your fault.';
  if (report.worked === false && isNew(report) && issue && isAboutThisFix(report, issue))
    return 'Thank you. A person will look at it again.';
  if (report.state === 'linked' && issue) return (rollingOut(issue)?.short ?? doubted) || isItMe(issue).short;
  if (early) return 'We wrote to you too early, and we are sorry. A person will look at it again.';
  return issue
    ? 'Thank you. We thought this was over. A person will read what you told us.'
    : 'Thank you. We have your words, and a person will read them.';
}

/** We told her something, took it back, and have said nothing since. */
export interface TooEarly {
  time: Date;
  text: string;
}

/** The last step on her report that was taken back when she may have heard of it; null where there is none. */
export async function readTooEarly(db: Db, report: Report): Promise<TooEarly | null> {
  if (!isNew(report)) return null;
  const { rows } = await sql<{ kind: DeedKind; undone_at: Date }>`
    select deed.kind, deed.undone_at from deed_report join deed on deed.id = deed_report.deed_id
    where deed_report.report_id = ${report.id} and deed.undone_at is not null and deed.kind <> 'spam'
      and (deed.undone_at > deed.at + ${holdMs} * interval '1 millisecond' or exists (
        select from delivery where report_id = ${report.id} and state = 'sent' and ended_at >= deed.at
          and template = any(${tellsOf}::text[])))
    order by deed.undone_at desc limit 1`.execute(db);
  const [last] = rows;
  return last ? { time: last.undone_at, text: tooEarlyWords(last.kind) } : null;
}

const tellsOf = ['linked', 'resolved', 'right', 'answered'];

function tooEarlyWords(kind: DeedKind): string {
  return kind === 'answer'
    ? 'We had answered you and took the answer back; we will look at it again.'
    : 'We had linked it to a known problem and took that back; we will look at it again. What we promised there does not hold for you.';
}

/** What is to say of the fix of an issue while many doubt it; empty where nobody need look at it again. */
export async function doubtedFix(db: Db, issue: Issue | null, rule: Rule): Promise<string> {
  if (!issue || issue.merged_into !== null || !isSaidToWork(issue)) return '';
  const word = (await countWorked(db, [issue.id])).get(issue.id);
  return word ? doubtWords(word, issue.doubts_seen, rule) : '';
}

/** What stands behind an answer of ours that turned out to be wrong. */
export function takenBackWords(report: Report): string {
  return hadBeenRight(report) ? ' We take this answer back.' : '';
}

/** Whoever sends spam reads the same as whoever waits for us to read it. */
export function isNew({ state }: Report): boolean {
  return state === 'new' || state === 'spam';
}

/** A word said before a reopening was about the fix before. */
export function isAboutThisFix({ worked_at }: Report, { resolved_at }: Issue): boolean {
  return worked_at !== null && resolved_at !== null && worked_at >= resolved_at;
}

function wasRight(report: Report): boolean {
  return report.state === 'linked' && hadBeenRight(report);
}

/** We had told her otherwise, and have not said so again since. */
function hadBeenRight({ was_right_at, answered_at }: Report): boolean {
  return was_right_at !== null && answered_at !== null && was_right_at >= answered_at;
}
