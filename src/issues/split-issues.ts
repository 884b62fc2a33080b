import type { Trx } from '../db.ts';
import { firstStatus } from '../domain/lifecycle.ts';
import { Conflict } from '../errors.ts';
import { state } from '../ledger/state.ts';
import { pathOf } from '../merged.ts';
import type { Issue, IssueUpdate } from '../tables.ts';
import { lockIssues } from './merge-issues.ts';
import { postUpdate } from './post-update.ts';

/** An issue that was merged, and what it is followed at, step by step; the last holds its reports. */
export interface Followed {
  from: Issue;
  path: Issue[];
}

/** Locks a merged issue and all it is followed at. Throws NotFound, and Conflict where it is not merged, or no longer so. */
export async function lockMerged(trx: Trx, id: string): Promise<Followed> {
  const ids = await pathOf(trx, id);
  const found = await lockIssues(trx, ids.length > 0 ? ids : [id]);
  const [from, ...path] = ids.map((one) => found.get(one)!);
  if (!from || path.length === 0) throw new Conflict('It is not merged into another one.');
  const asSeen = [from, ...path].every((one, step) => one.merged_into === (ids[step + 1] ?? null));
  if (!asSeen)
    throw new Conflict('A colleague was merging or splitting it in this very moment. Please look again.');
  return { from, path };
}

/** Opens an issue again that had been merged, as it stood before, with a word in public. The caller holds its lock. */
export async function openApart(trx: Trx, from: Issue, message: string, now: Date): Promise<IssueUpdate> {
  await trx.updateTable('issue').set({ merged_into: null }).where('id', '=', from.id).execute();
  await state(trx, { type: 'issue_split', issue_id: from.id, from: from.merged_into! }, now);
  const before = await trx
    .selectFrom('issue_update')
    .select('status')
    .where('issue_id', '=', from.id)
    .where('status', 'not in', ['resolved', 'completed'])
    .orderBy('created_at', 'desc')
    .orderBy('seq', 'desc')
    .executeTakeFirst();
  const status = before?.status ?? firstStatus(from.kind);
  return postUpdate(trx, from.id, { status, message }, now, { apart: true });
}
