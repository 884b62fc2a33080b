import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { brokenWords } from '../domain/headline.ts';
import { type Moment, moment } from '../domain/moment.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';
import { type Row, type RowIssue, rowColumns, toRows } from './issue-rows.ts';
import { listParts, type PartGroup } from './parts.ts';

interface FrontPage extends Page {
  asOf: Moment;
  headline: string;
  broken: List;
  /** Planned work that has begun. */
  working: List;
  bugs: List;
  ahead: List;
  fixed: Row[];
  groups: PartGroup[];
}

interface List {
  rows: Row[];
  /** There are more than we show here. */
  more: boolean;
}

const mostRows = 50;
const mostFixed = 8;
const day = 86_400_000;

const render = view<FrontPage>('front.eta');

/** The front page: is it me, what is broken now, what is known, what lies ahead, what was fixed lately. */
export async function frontPage(db: Db, shell: Shell, now: Date): Promise<string> {
  const [broken, working, bugs, ahead, fixed, groups] = await Promise.all([
    listOpen(db, 'broken', now),
    listOpen(db, 'working', now),
    listOpen(db, 'bugs', now),
    listOpen(db, 'ahead', now),
    listFixed(db, now),
    listParts(db, now),
  ]);
  return render({
    shell,
    title: 'Is it me?',
    description: `What is broken at ${shell.pageName} right now, what we know about it, and what to do meanwhile.`,
    canonical: '/',
    here: 'now',
    asOf: moment(now),
    headline: headlineOf({ broken, working, bugs }, groups),
    broken,
    working,
    bugs,
    ahead,
    fixed,
    groups,
  });
}

type Group = 'broken' | 'working' | 'bugs' | 'ahead';

async function listOpen(db: Db, group: Group, now: Date): Promise<List> {
  const issues = await db
    .selectFrom('issue')
    .select(rowColumns)
    .where('resolved_at', 'is', null)
    .where((eb) => {
      if (group === 'bugs') return eb('kind', '=', 'bug');
      if (group === 'ahead') return eb('status', '=', 'scheduled');
      if (group === 'working')
        return eb.and([eb('kind', '=', 'maintenance'), eb('status', '<>', 'scheduled')]);
      return eb('kind', '=', 'incident');
    })
    .orderBy(group === 'ahead' ? sql`scheduled_for asc nulls last` : sql`started_at desc`)
    .orderBy('id')
    .limit(mostRows + 1)
    .execute();
  return { rows: await toRows(db, issues.slice(0, mostRows), now), more: issues.length > mostRows };
}

async function listFixed(db: Db, now: Date): Promise<Row[]> {
  const issues: RowIssue[] = await db
    .selectFrom('issue')
    .select(rowColumns)
    .where('resolved_at', '>', new Date(now.getTime() - 14 * day))
    .orderBy('resolved_at', 'desc')
    .orderBy('id')
    .limit(mostFixed)
    .execute();
  return toRows(db, issues, now);
}

function headlineOf(
  { broken, working, bugs }: Pick<FrontPage, 'broken' | 'working' | 'bugs'>,
  groups: PartGroup[],
): string {
  if (broken.rows.length > 0) return `${brokenWords(broken.rows.length)} right now.`;
  const marks = groups.flatMap(({ parts }) => parts.map(({ mark }) => mark));
  if (marks.includes('broken')) return 'A part of the service is down right now.';
  if (marks.includes('known') && bugs.rows.length === 0)
    return 'A part of the service is slow or unreliable right now.';
  if (working.rows.length > 0) return 'We are working on something we had planned.';
  if (bugs.rows.length > 0) return 'Nothing is down. Some things have bugs we know of.';
  return 'We know of nothing that is broken.';
}
