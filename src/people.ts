import { sql } from 'kysely';
import type { Db, Trx } from './db.ts';

/** How many people told us about each issue: one address is one person, and so is each report without one. */
export async function countPeople(db: Db | Trx, issueIds: string[]): Promise<Map<string, number>> {
  if (issueIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('report')
    .select(['issue_id', sql<number>`count(distinct email_key) + count(*) - count(email_key)`.as('people')])
    .where('issue_id', 'in', issueIds)
    .where('stands', '=', true)
    .groupBy('issue_id')
    .execute();
  return new Map(rows.map((row) => [row.issue_id!, row.people]));
}

/** How many people told us about one issue, and how many of them can be written to: one address is one person. */
export async function countReach(
  db: Db | Trx,
  issueId: string,
): Promise<{ people: number; reachable: number }> {
  const { reachable, silent } = await db
    .selectFrom('report')
    .select([
      sql<number>`count(distinct email_key)`.as('reachable'),
      sql<number>`count(*) - count(email_key)`.as('silent'),
    ])
    .where('issue_id', '=', issueId)
    .where('stands', '=', true)
    .executeTakeFirstOrThrow();
  return { people: reachable + silent, reachable };
}
