import { isInDoubt, isSaidToWork, reopeningWords, wordOf } from '../domain/doubt.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { excerpt } from '../domain/text.ts';
import { leaveFixed } from '../issues/leave-fixed.ts';
import { type Doubt, readDoubted, readDoubts } from '../reports/doubts.ts';
import type { Issue } from '../tables.ts';
import { countWorked } from '../worked.ts';
import { typedLine } from './fields.ts';
import { findIssue } from './find-issue.ts';
import { act, type DeskRoute, type Fields, type Visit } from './route.ts';

/** What those say for whom a fix does not work: views/desk/partials/doubts.eta. */
export interface DoubtsShown {
  id: string;
  text: string;
  /** So many that somebody must decide. */
  inDoubt: boolean;
  /** How many said so as this page was made. */
  seen: number;
  lines: { id: string; words: string; who: string; at: Moment }[];
  /** Others who said so, without words on this page. */
  more: number;
}

/** A fixed issue on the page of today. */
export interface DoubtedLine {
  id: string;
  title: string;
  text: string;
  words: string[];
}

const mostLines = 50;
const mostToday = 5;

/** Leaving it fixed; opening it again is an update like any other. */
export const doubtsRoutes: DeskRoute[] = [
  act('POST /admin/issues/:id/doubts', async (visit, fields) => {
    const { id } = await findIssue(visit);
    const typed = typedLine(fields, 'seen');
    const seen = /^\d{1,7}$/.test(typed) ? Number(typed) : 0;
    return visit.change(async (trx) => {
      const doubts = await leaveFixed(trx, id, seen);
      return { to: `/admin/issues/${id}?said=leftfixed`, about: `issue:${id}`, detail: { doubts } };
    });
  }),
];

/** The words on the desk of an issue; null where nobody doubts the fix. */
export async function doubtsOf({ db, config }: Visit, issue: Issue): Promise<DoubtsShown | null> {
  if (!isSaidToWork(issue)) return null;
  const word = (await countWorked(db, [issue.id])).get(issue.id);
  if (!word || word.no === 0) return null;
  const lines = await readDoubts(db, issue.id, mostLines);
  const { yes: works, no: worksNot } = word;
  return {
    id: issue.id,
    text: wordOf(word),
    inDoubt: isInDoubt({ works, worksNot, seen: issue.doubts_seen }, config.doubt),
    seen: worksNot,
    lines: lines.map((doubt) => ({
      id: doubt.id,
      words: doubt.words ?? 'It does not work for me.',
      who: [doubt.name, doubt.email ?? 'no address'].filter(Boolean).join(', '),
      at: moment(doubt.at),
    })),
    more: worksNot - lines.length,
  };
}

/** The update form filled in as a reopening that says why; nothing where the visit does not ask for it. */
export async function reopeningForm(
  { db, query }: Visit,
  issue: Issue,
): Promise<{ fields: Fields } | undefined> {
  if (query.reopen !== 'doubts' || !isSaidToWork(issue)) return undefined;
  const word = (await countWorked(db, [issue.id])).get(issue.id);
  if (!word || word.no === 0) return undefined;
  const status = issue.kind === 'maintenance' ? 'in_progress' : 'investigating';
  return { fields: { message: reopeningWords(word), status } };
}

/** Fixed, but not for everyone: what waits for somebody to decide. */
export async function doubtedToday({ db, config }: Visit): Promise<DoubtedLine[]> {
  const doubted = await readDoubted(db, config.doubt, mostToday);
  return Promise.all(
    doubted.map(async ({ id, title, word }) => ({
      id,
      title,
      text: wordOf(word),
      words: (await readDoubts(db, id, 3)).map(shortly).filter((words) => words !== ''),
    })),
  );
}

function shortly({ words }: Doubt): string {
  return words === null ? '' : excerpt(words, 140);
}
