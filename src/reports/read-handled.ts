import { sql } from 'kysely';
import { addressKey } from '../address.ts';
import type { Db } from '../db.ts';
import { containing } from '../domain/text.ts';
import { type ReportState, reportStates } from '../domain/words.ts';
import type { Report } from '../tables.ts';

/** A report with what was done to it. */
export interface Handled extends Report {
  title: string | null;
  /** The newest step of staff on it that was not taken back. */
  deed_id: string | null;
  deed_at: Date | null;
  deed_reports: number | null;
  who: string | null;
}

const searched = 3_000;

/** Reports in one state, newest first, a page at a time and one more. */
export async function readHandled(
  db: Db,
  { state, limit, after }: { state: ReportState; limit: number; after: { at: Date; id: string } | null },
): Promise<Handled[]> {
  const place = after ? sql`(created_at, id) < (${after.at}::timestamptz, ${after.id}::text)` : sql`true`;
  return withDeeds(
    db,
    sql`select * from report where state = ${state} and ${place} order by created_at desc, id desc limit ${limit + 1}`,
  );
}

/** One report; null where there is none. */
export async function readReport(db: Db, id: string): Promise<Handled | null> {
  const [report] = await withDeeds(db, sql`select * from report where id = ${id}`);
  return report ?? null;
}

/**
 * Reports that hold these words or come from this address, newest first. A whole address is found however old its
 * reports are; words are looked for in the newest 3,000 of each state.
 */
export async function searchReports(db: Db, q: string, limit: number): Promise<Handled[]> {
  const pattern = containing(q);
  return withDeeds(
    db,
    sql`select * from report where id in (
      select id from report where email_key = ${addressKey(q)}
      union
      select id from unnest(${[...reportStates]}::text[]) as every (state) cross join lateral (
        select id, message, worked_comment, email, name from report where report.state = every.state
        order by created_at desc, id desc limit ${searched}) as newest
      where concat_ws(' ', message, worked_comment, email, name) ilike ${pattern})
    order by created_at desc, id desc limit ${limit}`,
  );
}

/** These reports, newest first. */
export function readReports(db: Db, ids: string[]): Promise<Handled[]> {
  return withDeeds(db, sql`select * from report where id = any(${ids}::text[])`);
}

async function withDeeds(db: Db, reports: ReturnType<typeof sql>): Promise<Handled[]> {
  const { rows } = await sql<Handled>`
    with line as materialized (
      select report.*, issue.title, step.* from (${reports}) as report
      left join issue on issue.id = report.issue_id
      left join lateral (
        select deed.id as deed_id, deed.at as deed_at, staff.name as who
        from deed_report join deed on deed.id = deed_report.deed_id left join staff on staff.id = deed.staff_id
        where deed_report.report_id = report.id and deed.undone_at is null
        order by deed.at desc limit 1) as step on true),
    deed_size as materialized (
      select deed_report.deed_id, count(*) as deed_reports from deed_report
      where deed_report.deed_id in (select line.deed_id from line) group by deed_report.deed_id)
    select line.*, deed_size.deed_reports from line left join deed_size on deed_size.deed_id = line.deed_id
    order by line.created_at desc, line.id desc`.execute(db);
  return rows;
}
