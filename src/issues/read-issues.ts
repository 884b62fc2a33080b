import { sql } from 'kysely';
import { listAnswer, readCursor } from '../api/cursor.ts';
import type { Db, Trx } from '../db.ts';
import type { Kind } from '../domain/lifecycle.ts';
import { NotFound } from '../errors.ts';
import { countPeople } from '../people.ts';
import type { Component, Issue, IssueUpdate } from '../tables.ts';
import { publishedWays } from '../ways-around.ts';
import { countWorked } from '../worked.ts';
import type { IssueAnswer } from './schemas.ts';

/** One issue as the API answers it. Throws NotFound. */
export async function readIssue(db: Db | Trx, id: string, baseUrl: string): Promise<IssueAnswer> {
  const issue = await db.selectFrom('issue').selectAll().where('id', '=', id).executeTakeFirst();
  if (!issue) throw new NotFound(`There is no issue ${id}.`);
  return (await withAll(db, [issue], baseUrl))[0]!;
}

export interface IssueQuery {
  limit: number;
  cursor?: string | undefined;
  status?: 'open' | 'resolved' | undefined;
  kind?: Kind | undefined;
}

/** Issues, newest first, a page at a time. */
export async function listIssues(db: Db, query: IssueQuery, baseUrl: string) {
  const after = readCursor(query.cursor);
  const rows = await db
    .selectFrom('issue')
    .selectAll()
    .$if(query.status === 'open', (q) => q.where('resolved_at', 'is', null))
    .$if(query.status === 'resolved', (q) => q.where('resolved_at', 'is not', null))
    .$if(query.kind !== undefined, (q) => q.where('kind', '=', query.kind!))
    .$if(after !== null, (q) => q.where(sql<boolean>`(created_at, id) < (${after!.at}, ${after!.id})`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
    .execute();
  return listAnswer(rows, query.limit, await withAll(db, rows.slice(0, query.limit), baseUrl));
}

async function withAll(db: Db | Trx, issues: Issue[], baseUrl: string): Promise<IssueAnswer[]> {
  const ids = issues.map((issue) => issue.id);
  if (ids.length === 0) return [];
  const updates = await db
    .selectFrom('issue_update')
    .selectAll()
    .where('issue_id', 'in', ids)
    .orderBy('created_at', 'desc')
    .orderBy('seq', 'desc')
    .execute();
  const touched = await db
    .selectFrom('issue_component as touch')
    .innerJoin('component', 'component.id', 'touch.component_id')
    .select(['touch.issue_id', 'component.id', 'component.name', 'touch.status'])
    .where('touch.issue_id', 'in', ids)
    .orderBy('touch.position')
    .execute();
  const people = await countPeople(db, ids);
  const ways = await publishedWays(db, ids);
  const worked = await countWorked(db, ids);
  return issues.map((issue) => ({
    id: issue.id,
    title: issue.title,
    kind: issue.kind,
    status: issue.status,
    impact: issue.impact,
    workaround: issue.workaround,
    affected: issue.affected,
    fixed_for: issue.fixed_for,
    components: touched
      .filter((one) => one.issue_id === issue.id)
      .map(({ id, name, status }) => ({ id, name, status })),
    reporters_count: people.get(issue.id) ?? 0,
    worked: worked.get(issue.id) ?? { yes: 0, no: 0 },
    next_update_at: iso(issue.next_update_at),
    started_at: issue.started_at.toISOString(),
    scheduled_for: iso(issue.scheduled_for),
    scheduled_until: iso(issue.scheduled_until),
    auto_start: issue.auto_start,
    auto_complete: issue.auto_complete,
    remind: issue.remind,
    created_at: issue.created_at.toISOString(),
    updated_at: issue.updated_at.toISOString(),
    resolved_at: iso(issue.resolved_at),
    resolution: issue.resolution,
    return_of: issue.return_of,
    url: `${baseUrl}/issues/${issue.id}`,
    workarounds: ways
      .filter((way) => way.issue_id === issue.id)
      .map((way) => ({ id: way.id, body: way.body, helped: way.helped })),
    updates: updates.filter((one) => one.issue_id === issue.id).map(updateAsJson),
  }));
}

export function updateAsJson(update: IssueUpdate) {
  return {
    id: update.id,
    status: update.status,
    message: update.message,
    created_at: update.created_at.toISOString(),
    edited_at: iso(update.edited_at),
  };
}

export function componentAsJson(one: Component) {
  return {
    id: one.id,
    name: one.name,
    description: one.description,
    group: one.group_name,
    position: one.position,
    status: one.status,
    created_at: one.created_at.toISOString(),
    updated_at: one.updated_at.toISOString(),
  };
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
