import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import type { Report } from '../tables.ts';

const most = 10_000;

/**
 * The reports that a step is meant for: those ticked, or, where none is, all of the group that had come when the page
 * was made. Among them are those that somebody handled since; the step itself leaves them alone and counts them.
 */
export async function chooseReports(
  trx: Trx,
  { group, ticked, seen }: { group: string; ticked: string[]; seen: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from report
    where (${inGroup(group)}) and case when ${ticked.length > 0} then id = any(${ticked}::text[])
      else created_at <= ${seen} and (state = 'new' or withdrawn_at > ${seen} or exists (
        select from deed_report join deed on deed.id = deed_report.deed_id
        where deed_report.report_id = report.id and deed.at > ${seen} and deed.undone_at is null)) end
    order by created_at desc limit ${most}`.execute(trx);
  return rows.map((row) => row.id);
}

/** New reports of a group, newest first: a page and one more, or those ticked; with `seen` only what had come by then. */
export function readWaiting(
  db: Db,
  group: string,
  {
    limit,
    after = null,
    ticked = [],
    seen = null,
  }: { limit: number; after?: { at: Date; id: string } | null; ticked?: string[]; seen?: Date | null },
): Promise<Report[]> {
  return db
    .selectFrom('report')
    .selectAll()
    .where('state', '=', 'new')
    .where(sql<boolean>`(${inGroup(group)})`)
    .$if(ticked.length > 0, (q) => q.where('id', '=', sql<string>`any(${ticked}::text[])`))
    .$if(seen !== null, (q) => q.where('created_at', '<=', seen!))
    .$if(after !== null, (q) => q.where(sql<boolean>`(created_at, id) < (${after!.at}, ${after!.id})`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

export interface Reach {
  reports: number;
  addresses: number;
  silent: number;
  /** Null where there is none. */
  first: Date | null;
}

/** How many addresses and how many reports without one a step on them would reach, and when the first of them came. */
export async function countReach(
  db: Db,
  group: string,
  ticked: string[],
  seen: Date | null = null,
): Promise<Reach> {
  const { rows } = await sql<Reach>`
    select count(*) as reports, count(distinct email_key) as addresses, count(*) - count(email_key) as silent,
      min(created_at) as first
    from report where state = 'new' and (${inGroup(group)})
      and (${ticked.length === 0} or id = any(${ticked}::text[]))
      and (created_at > ${seen}::timestamptz) is not true`.execute(db);
  return rows[0]!;
}

/** The group of this id, or the one report of this id where it is no group. */
function inGroup(group: string) {
  return sql`group_id = ${group} or (id = ${group}
    and not exists (select from report as other where other.group_id = ${group} and other.state = 'new'))`;
}
