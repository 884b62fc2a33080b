import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { alikeFrom, likeness, readStems } from '../domain/alike.ts';
import { rightDays } from '../domain/right.ts';
import { type Handled, readReports } from './read-handled.ts';

// The index report_told_otherwise holds these verdicts by name.
const toldOtherwise = sql<boolean>`report.verdict in ('not_a_bug', 'works_as_designed', 'not_reproducible')`;
const day = 86_400_000;

/** How many reports we answered in the last 90 days as if there was no fault, and how many of these were right after all. */
export async function countRight(db: Db, now: Date): Promise<{ answered: number; right: number }> {
  const { rows } = await sql<{ answered: number; right: number }>`
    select count(*) as answered, count(was_right_at) as right from report
    where ${toldOtherwise} and answered_at > ${new Date(now.getTime() - rightDays * day)}
      and stands`.execute(db);
  return rows[0]!;
}

/** The reports that were right after all, the newest found out first; at most `limit`. */
export async function readRight(db: Db, limit: number): Promise<Handled[]> {
  const rows = await db
    .selectFrom('report')
    .select('id')
    .where('was_right_at', 'is not', null)
    .where('verdict', 'is not', null)
    .where('stands', '=', true)
    .orderBy('was_right_at', 'desc')
    .orderBy('id')
    .limit(limit)
    .execute();
  const ids = rows.map(({ id }) => id);
  const reports = await readReports(db, ids);
  return reports.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

const mostRead = 300;
const readBack = 180 * day;

/**
 * The reports that we had answered as if there was no fault, and that sound like this issue, most alike first; among the
 * newest 300 of the last 180 days.
 */
export async function soundsLike(db: Db, issueId: string, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string; stems: string[]; title: string[]; text: string[] }>`
    with about as materialized (
      select ${stemsOf('issue.title')} as title, ${stemsOf(`concat_ws(' ', issue.title, said.message)`)} as text
      from issue left join lateral (
        select message from issue_update where issue_id = issue.id order by created_at, seq limit 1) as said on true
      where issue.id = ${issueId})
    select early.id, ${stemsOf('early.message')} as stems, about.title, about.text
    from about cross join (
      select id, message from report
      where ${toldOtherwise} and state = 'answered' and message is not null
        and answered_at > ${new Date(now.getTime() - readBack)}
      order by answered_at desc, id limit ${mostRead}) as early`.execute(db);
  return rows
    .map(({ id, stems, title, text }) => {
      const hers = readStems(stems);
      return { id, like: Math.max(likeness(hers, readStems(title)), likeness(hers, readStems(text))) };
    })
    .filter(({ like }) => like >= alikeFrom)
    .sort((a, b) => b.like - a.like)
    .slice(0, limit)
    .map(({ id }) => id);
}

function stemsOf(column: string) {
  const text = sql.raw(column);
  return sql<
    string[]
  >`tsvector_to_array(search_stems(left(${text}, 1000)) || search_joined(left(${text}, 1000)))`;
}
