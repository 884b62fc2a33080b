import type { Trx } from './db.ts';
import { NotFound } from './errors.ts';
import type { Issue } from './tables.ts';

/**
 * The issue a report is about, locked until the transaction ends. A resolve takes the same lock, so a report
 * is either there when the resolve counts its reporters, or finds the issue closed. Throws NotFound.
 */
export async function lockIssue(trx: Trx, id: string): Promise<Issue> {
  const issue = await trx.selectFrom('issue').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  if (!issue) throw new NotFound(`There is no issue ${id}.`);
  return issue;
}

/** The update that closed an issue; undefined for one that is open and always was. */
export function closingUpdate(trx: Trx, issueId: string): Promise<{ id: string } | undefined> {
  return trx
    .selectFrom('issue_update')
    .select('id')
    .where('issue_id', '=', issueId)
    .where('status', 'in', ['resolved', 'completed'])
    .orderBy('created_at', 'desc')
    .orderBy('seq', 'desc')
    .executeTakeFirst();
}
