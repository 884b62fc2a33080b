import { sql } from 'kysely';
import type { Db } from '../db.ts';

/** Where a list of groups goes on. */
export interface GroupPlace {
  at: Date;
  id: string;
}

/** New reports that tell us the same thing. */
export interface Group {
  id: string;
  /** Under an issue that was over when they came: "still broken". */
  issueId: string | null;
  reports: number;
  people: number;
  first: Date;
  last: Date;
  /** What some of them said, newest first, each cut short. */
  messages: string[];
}

const mostMessages = 12;

/**
 * Groups with new reports in them, that with the newest first, and where the list goes on. A report that nobody gathered
 * yet is a group of its own. The work is that of one page, however many wait.
 */
export async function readGroups(
  db: Db,
  { limit, after = null }: { limit: number; after?: GroupPlace | null },
): Promise<{ groups: Group[]; next: GroupPlace | null }> {
  const behind = (at: string, id: string) =>
    after ? sql`(${sql.raw(at)}, ${sql.raw(id)}) < (${after.at}::timestamptz, ${after.id}::text)` : sql`true`;
  const { rows } = await sql<{ id: string; issue_id: string | null; at: Date }>`
    select id, issue_id, at from (
      (select id, issue_id, newest_at as at from report_group
        where ${behind('newest_at', 'id')}
          and exists (select from report where report.group_id = report_group.id and report.state = 'new')
        order by newest_at desc, id desc limit ${limit + 1})
      union all
      (select id, issue_id, created_at from report
        where state = 'new' and group_id is null and ${behind('created_at', 'id')}
        order by created_at desc, id desc limit ${limit + 1})) as waiting
    order by at desc, id desc limit ${limit + 1}`.execute(db);
  const heads = rows.slice(0, limit);
  const last = heads.at(-1);
  return {
    groups: await fill(db, heads),
    next: rows.length > limit && last ? { at: last.at, id: last.id } : null,
  };
}

/** Those whose first report has waited longest, that first, and how many more there are among the 2,000 oldest reports. */
export async function readLongestWaiting(db: Db, limit: number): Promise<{ groups: Group[]; more: number }> {
  const { rows } = await sql<{ id: string; issue_id: string | null; total: number }>`
    select id, issue_id, count(*) over () as total from (
      select coalesce(group_id, id) as id, min(issue_id) as issue_id, min(created_at) as since from (
        select group_id, id, issue_id, created_at from report where state = 'new' order by created_at limit 2000) as oldest
      group by coalesce(group_id, id)) as waiting
    order by since, id limit ${limit}`.execute(db);
  return { groups: await fill(db, rows), more: Math.max(0, (rows[0]?.total ?? 0) - rows.length) };
}

/** One of them; null where nothing in it is new any more. */
export async function readGroup(db: Db, id: string): Promise<Group | null> {
  const { rows } = await sql<{ id: string; issue_id: string | null }>`
    select id, issue_id from report_group where id = ${id}
    union all
    select id, issue_id from report where id = ${id} and state = 'new' and group_id is null limit 1`.execute(
    db,
  );
  const [group] = await fill(db, rows);
  return group ?? null;
}

interface Sum {
  id: string;
  reports: number;
  people: number;
  first: Date;
  last: Date;
  messages: string[] | null;
}

async function fill(db: Db, heads: { id: string; issue_id: string | null }[]): Promise<Group[]> {
  if (heads.length === 0) return [];
  const ids = heads.map((head) => head.id);
  const { rows } = await sql<Sum>`
    select head.id, sum.*, said.messages from unnest(${ids}::text[]) as head (id)
    cross join lateral (
      select count(*) as reports, count(distinct email_key) + count(*) - count(email_key) as people,
        min(created_at) as first, max(created_at) as last
      from (
        select email_key, created_at from report where group_id = head.id and state = 'new'
        union all
        select email_key, created_at from report where id = head.id and group_id is null and state = 'new') as its) as sum
    cross join lateral (
      select array_agg(words order by at desc) as messages from (
        (select left(${words}, 400) as words, created_at as at from report
          where group_id = head.id and state = 'new' and ${words} is not null
          order by created_at desc limit ${mostMessages})
        union all
        select left(${words}, 400), created_at from report
          where id = head.id and group_id is null and state = 'new' and ${words} is not null) as each) as said
    where sum.reports > 0`.execute(db);
  const sums = new Map(rows.map((row) => [row.id, row]));
  return heads.flatMap(({ id, issue_id }) => {
    const sum = sums.get(id);
    if (!sum) return [];
    const { reports, people, first, last, messages } = sum;
    return [{ id, issueId: issue_id, reports, people, first, last, messages: messages ?? [] }];
  });
}

/** What a report says now: why the fix does not work for her, or what is wrong. */
const words = sql`coalesce(case when worked = false then worked_comment end, message)`;
