import { sql } from 'kysely';
import type { Db, Trx } from './db.ts';
import type { Word } from './domain/doubt.ts';

/**
 * What those who answered since each issue was closed last say of the fix; nobody answered: it is not in the map. One
 * address is one person, and so is each report without one; her latest word counts.
 */
export async function countWorked(db: Db | Trx, issueIds: string[]): Promise<Map<string, Word>> {
  if (issueIds.length === 0) return new Map();
  const { rows } = await sql<Word & { issue_id: string }>`
    select issue_id, count(*) filter (where worked) as yes, count(*) filter (where not worked) as no
    from (${latestWords(sql`report.issue_id = any(${issueIds}::text[])`)}) as said group by issue_id`.execute(
    db,
  );
  return new Map(rows.map(({ issue_id, yes, no }) => [issue_id, { yes, no }]));
}

/** The latest word of each person about each fix that stands; as a query, for those that count or show it. */
export function latestWords(which: ReturnType<typeof sql>) {
  return sql`
    select distinct on (report.issue_id, coalesce(report.email_key, report.id))
      report.issue_id, report.id, report.worked, report.worked_comment, report.worked_at
    from report join issue on issue.id = report.issue_id
    where ${which} and report.stands and report.worked is not null and report.worked_at >= issue.resolved_at
    order by report.issue_id, coalesce(report.email_key, report.id), report.worked_at desc, report.id`;
}
