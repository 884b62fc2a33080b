import { sql } from 'kysely';
import type { Db, Trx } from './db.ts';
import { lockIssue } from './issue-row.ts';
import type { Issue } from './tables.ts';

/** Where an issue is followed, step by step: itself first, then what it was merged into, to the end. */
export async function pathOf(db: Db | Trx, id: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`${pathsFrom([id])} select id from path order by step`.execute(
    db,
  );
  return rows.map((row) => row.id);
}

/** The beginning of a query: as `path`, every step from each of these issues, `begun` at one of them, to where it is followed. */
export function pathsFrom(ids: string[]) {
  return sql`
    with recursive path (begun, id, merged_into, step) as (
      select id, id, merged_into, 0 from issue where id = any(${ids})
      union all
      select begun, issue.id, issue.merged_into, step + 1 from path join issue on issue.id = path.merged_into)`;
}

/** An issue and everything that was merged into it, however many steps away. */
export async function familyOf(db: Db | Trx, id: string): Promise<string[]> {
  const { rows } = await familyQuery(id).execute(db);
  return rows.map((row) => row.id);
}

/** The same as a query, for those that ask for what belongs to it. */
export function familyQuery(id: string) {
  return sql<{ id: string }>`
    with recursive family (id) as (
      values (${id}::text)
      union
      select issue.id from family join issue on issue.merged_into = family.id)
    select id from family`;
}

/**
 * Locks the issue that news about this one belong to: itself, or the one it is followed at. The lock of an issue that
 * is merged at this very moment is given back, so that whoever merges two issues may lock them in the order of their
 * ids and meets nobody. Throws NotFound.
 */
export async function lockFollowed(trx: Trx, id: string): Promise<Issue> {
  for (;;) {
    const end = (await pathOf(trx, id)).at(-1) ?? id;
    await sql`savepoint follow`.execute(trx);
    const issue = await lockIssue(trx, end);
    if (issue.merged_into === null) return issue;
    await sql`rollback to savepoint follow`.execute(trx);
  }
}
