import type { Db } from '../db.ts';
import { blankForm, type ReportForm } from '../domain/report-form.ts';
import { cleanText } from '../domain/text.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';
import { type Found, findIssues, foundAsJson } from './find-issues.ts';
import { type Row, rowColumns, toRows } from './issue-rows.ts';

interface SearchPage extends Page {
  words: string;
  /** Each with what it was called where her words were found, if that was another one, merged into it since. */
  rows: (Row & { also: string | null })[];
  form: ReportForm;
  /** We cannot look anything up just now. */
  away: boolean;
}

const mostWords = 1000;
const mostFound = 10;

const render = view<SearchPage>('search.eta');

/** Her words as we search by them: one text, cleaned and capped, whatever the address held. */
export function readWords(q: unknown): string {
  return typeof q === 'string' ? cleanText(q.slice(0, mostWords)) : '';
}

/** What we know that matches her words; where we know nothing, the form to tell us, with her words in it. */
export async function searchPage(db: Db, shell: Shell, words: string, now: Date): Promise<string> {
  return render({
    shell,
    title: words === '' ? 'Is it me?' : 'Is it me? What we know', // never her words: titles go where pages do not
    words,
    rows: await rowsOf(db, await find(db, words), now),
    form: blankForm(words),
    away: false,
  });
}

/** For the time in which we cannot look anything up: it says so, and keeps her words. */
export function awayPage(shell: Shell, words: string): string {
  return render({ shell, title: 'Is it me?', words, rows: [], form: blankForm(words), away: true });
}

/** The same for machines. */
export async function searchJson(db: Db, shell: Shell, words: string): Promise<{ results: object[] }> {
  const found = await find(db, words);
  return { results: found.map((one) => foundAsJson(one, shell.baseUrl)) };
}

async function find(db: Db, words: string): Promise<Found[]> {
  return words === '' ? [] : findIssues(db, words, { limit: mostFound });
}

/** The issues found, in the order in which they were found. */
async function rowsOf(db: Db, found: Found[], now: Date): Promise<SearchPage['rows']> {
  if (found.length === 0) return [];
  const ids = found.map((one) => one.id);
  const issues = await db.selectFrom('issue').select(rowColumns).where('id', 'in', ids).execute();
  issues.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  const also = new Map(found.map((one) => [one.id, one.also]));
  const rows = await toRows(db, issues, now);
  return rows.map((row, n) => ({ ...row, also: also.get(issues[n]!.id) ?? null }));
}
