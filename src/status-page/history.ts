import type { Db } from '../db.ts';
import { NotFound } from '../errors.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';
import { type Row, rowColumns, toRows } from './issue-rows.ts';

interface HistoryPage extends Page {
  month: string;
  rows: Row[];
  /** Links to what is older and newer; null where there is nothing. */
  older: { href: string; text: string } | null;
  newer: { href: string; text: string } | null;
  /** The rest of a month too full for one page. */
  rest: { href: string; text: string } | null;
}

const mostRows = 100;
const mostPages = 50;
const names = 'January February March April May June July August September October November December'.split(
  ' ',
);

const render = view<HistoryPage>('history.eta');

/** Everything that began in one month, newest first; without one, the newest month there is something to tell of. */
export async function historyPage(
  db: Db,
  shell: Shell,
  asked: { month?: unknown; page?: unknown },
  now: Date,
): Promise<string> {
  const start = asked.month === undefined ? await newestMonth(db, now) : readMonth(asked.month);
  const page = asked.page === undefined ? 1 : readPage(asked.page);
  const end = monthAfter(start);
  const [issues, before, after] = await Promise.all([
    db
      .selectFrom('issue')
      .select(rowColumns)
      .where('started_at', '>=', start)
      .where('started_at', '<', end)
      .orderBy('started_at', 'desc')
      .orderBy('id', 'desc')
      .limit(mostRows + 1)
      .offset((page - 1) * mostRows)
      .execute(),
    nearest(db, '<', start),
    nearest(db, '>=', end),
  ]);
  const more = issues.length > mostRows && page < mostPages;
  return render({
    shell,
    title: `History: ${nameOf(start)}`,
    description: `What went wrong at ${shell.pageName} in ${nameOf(start)}, how long it lasted, and what we said.`,
    canonical: `/history?month=${keyOf(start)}${page > 1 ? `&page=${page}` : ''}`,
    here: 'history',
    month: nameOf(start),
    rows: await toRows(db, issues.slice(0, mostRows), now),
    older: before && { href: `/history?month=${keyOf(before)}`, text: nameOf(before) },
    newer: after && { href: `/history?month=${keyOf(after)}`, text: nameOf(after) },
    rest: more
      ? { href: `/history?month=${keyOf(start)}&page=${page + 1}`, text: `More of ${nameOf(start)}` }
      : null,
  });
}

async function newestMonth(db: Db, now: Date): Promise<Date> {
  const newest = await nearest(db, '<', monthAfter(now));
  return newest ?? monthOf(now);
}

/** The month of the nearest issue before or after a time. */
async function nearest(db: Db, side: '<' | '>=', at: Date): Promise<Date | null> {
  const issue = await db
    .selectFrom('issue')
    .select('started_at')
    .where('started_at', side, at)
    .orderBy('started_at', side === '<' ? 'desc' : 'asc')
    .limit(1)
    .executeTakeFirst();
  return issue ? monthOf(issue.started_at) : null;
}

function readMonth(text: unknown): Date {
  const [, year, month] = /^(20\d\d|19[7-9]\d)-(0[1-9]|1[0-2])$/.exec(String(text)) ?? [];
  if (!year) throw new NotFound('Months are written like 2026-11.');
  return new Date(Date.UTC(Number(year), Number(month) - 1));
}

function readPage(text: unknown): number {
  const page = /^\d{1,3}$/.test(String(text)) ? Number(text) : 0;
  if (page < 1 || page > mostPages) throw new NotFound('There is no such page of this month.');
  return page;
}

const monthOf = (at: Date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth()));
const monthAfter = (at: Date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1));
const keyOf = (at: Date) => at.toISOString().slice(0, 7);
const nameOf = (at: Date) => `${names[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
