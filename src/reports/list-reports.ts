import { sql } from 'kysely';
import type { z } from 'zod';
import { listAnswer, readCursor } from '../api/cursor.ts';
import type { Db } from '../db.ts';
import type { ReportState } from '../domain/words.ts';
import { findIssues, foundAsJson } from '../status-page/find-issues.ts';
import type { Report } from '../tables.ts';
import type { reportAnswer, reportWithMatches } from './schemas.ts';

export interface ReportQuery {
  limit: number;
  cursor?: string | undefined;
  state: ReportState;
}

/** What customers said, newest first, each with the known issues that match it best. For staff only. */
export async function listReports(db: Db, query: ReportQuery, baseUrl: string) {
  const after = readCursor(query.cursor);
  const rows = await db
    .selectFrom('report')
    .selectAll()
    .where('state', '=', query.state)
    .$if(after !== null, (q) => q.where(sql<boolean>`(created_at, id) < (${after!.at}, ${after!.id})`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
    .execute();
  const items: z.input<typeof reportWithMatches>[] = [];
  for (const row of rows.slice(0, query.limit)) {
    const found = row.message ? await findIssues(db, row.message, { limit: 3 }) : [];
    const matches = found.map((one) => foundAsJson(one, baseUrl));
    items.push({ ...reportAsJson(row), matches });
  }
  return listAnswer(rows, query.limit, items);
}

export function reportAsJson(row: Report): z.input<typeof reportAnswer> {
  return {
    id: row.id,
    state: row.state,
    source: row.source,
    issue_id: row.issue_id,
    email: row.email,
    name: row.name,
    message: row.message,
    page_url: row.page_url,
    created_at: row.created_at.toISOString(),
    linked_at: row.linked_at?.toISOString() ?? null,
    verdict: row.verdict,
    answer: row.answer,
    answered_at: row.answered_at?.toISOString() ?? null,
    was_right_at: row.was_right_at?.toISOString() ?? null,
    traits: row.traits,
    worked: row.worked,
    worked_comment: row.worked_comment,
    worked_at: row.worked_at?.toISOString() ?? null,
  };
}
