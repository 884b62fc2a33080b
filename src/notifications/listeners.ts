import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { hearsOf } from './owe-news.ts';

/** How many subscribers hear of an issue, without those who told us of it themselves. */
export async function countListeners(db: Db, issueId: string): Promise<number> {
  const { rows } = await sql<{ listeners: number }>`
    select count(*) as listeners from subscriber s cross join issue
    where issue.id = ${issueId} and ${hearsOf(sql`s`, sql`issue`)}
      and not exists (
        select from report where report.issue_id = issue.id and report.email_key = s.email_key and report.stands)
    `.execute(db);
  return rows[0]!.listeners;
}
