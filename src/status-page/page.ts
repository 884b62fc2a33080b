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
  const [{ fixed, ...open }, groups] = await Promise.all([readLists(db, now), listParts(db, now)]);
  return render({
    shell,
    title: 'Is it me?',
    description: `What is broken at ${shell.pageName} right now, what we know about it, and what to do meanwhile.`,
    canonical: '/',
    here: 'now',
    asOf: moment(now),
    headline: headlineOf(open, groups),
    ...open,
    fixed,
    groups,
  });
}

const shownOpen = ['broken', 'working', 'bugs', 'ahead'] as const;
type Group = (typeof shownOpen)[number];
type Lists = Record<Group, List> & { fixed: Row[] };

/** Everything listed, shaped at once: how many people told us is asked for all of it together. */
async function readLists(db: Db, now: Date): Promise<Lists> {
  const [open, fixed] = await Promise.all([readOpen(db), readFixed(db, now)]);
  const rows = await toRows(db, [...open, ...fixed], now);
  const lists = shownOpen.map((group): [Group, List] => {
    const its = rows.filter((_, n) => open[n]?.group === group);
    return [group, { rows: its.slice(0, mostRows), more: its.length > mostRows }];
  });
  return { ...(Object.fromEntries(lists) as Record<Group, List>), fixed: rows.slice(open.length) };
}

/** Of each group what is shown, and one more where there are more. */
async function readOpen(db: Db): Promise<(RowIssue & { group: Group })[]> {
  const columns = sql.join(rowColumns.map((name) => sql.ref(name)));
  const { rows } = await sql<RowIssue & { group: Group }>`
    select ${columns}, "group" from (
      select ${columns}, "group", row_number() over (partition by "group"
        order by case "group" when 'ahead' then scheduled_for end nulls last,
          case when "group" <> 'ahead' then started_at end desc, id) as place
      from issue cross join lateral (
        select case when status = 'scheduled' then 'ahead' when kind = 'maintenance' then 'working'
          when kind = 'bug' then 'bugs' else 'broken' end as "group") as its
      where resolved_at is null) as open
    where place <= ${mostRows + 1} order by "group", place`.execute(db);
  return rows;
}

function readFixed(db: Db, now: Date): Promise<RowIssue[]> {
  return db
    .selectFrom('issue')
    .select(rowColumns)
    .where('resolved_at', '>', new Date(now.getTime() - 14 * day))
    .where('merged_into', 'is', null) // closed, but not fixed
    .orderBy('resolved_at', 'desc')
    .orderBy('id')
    .limit(mostFixed)
    .execute();
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
