import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { whyNotMerge } from '../domain/merging.ts';
import { Conflict, NotFound } from '../errors.ts';
import { state } from '../ledger/state.ts';
import type { Issue, IssueUpdate } from '../tables.ts';
import { postUpdate } from './post-update.ts';

/** Two issues, the one that ends and the one that goes on. */
export interface Pair {
  from: Issue;
  into: Issue;
}

/** Locks issues in the order of their ids, so that no two who lock several wait for each other. Throws NotFound. */
export async function lockIssues(trx: Trx, ids: string[]): Promise<Map<string, Issue>> {
  const rows = await trx
    .selectFrom('issue')
    .selectAll()
    .where('id', '=', sql<string>`any(${ids}::text[])`)
    .orderBy('id')
    .forNoKeyUpdate() // as exclusive among us; a new report that names the other issue need not wait for it
    .execute();
  const found = new Map(rows.map((row) => [row.id, row]));
  const missing = ids.find((id) => !found.has(id));
  if (missing !== undefined) throw new NotFound(`There is no issue ${missing}.`);
  return found;
}

/** Locks two issues that are about to become one. Throws NotFound, and Conflict where they cannot. */
export async function lockPair(trx: Trx, ids: { from: string; into: string }): Promise<Pair> {
  const found = await lockIssues(trx, [ids.from, ids.into]);
  const pair = { from: found.get(ids.from)!, into: found.get(ids.into)! };
  const reason = whyNotMerge(pair.from, pair.into);
  if (reason) throw new Conflict(reason);
  return pair;
}

/**
 * Closes an issue as the same as another, with a word in public. Its reports must have moved already: whoever still
 * stands on it would be mailed that it is over. The caller holds both locks.
 */
export async function closeInto(
  trx: Trx,
  { from, into }: Pair,
  message: string,
  now: Date,
): Promise<IssueUpdate> {
  const planned = from.kind === 'maintenance';
  const status = planned ? 'completed' : 'resolved';
  const update = await postUpdate(trx, from.id, { status, message, resolution: 'duplicate' }, now);
  await trx.updateTable('issue').set({ merged_into: into.id }).where('id', '=', from.id).execute();
  await state(trx, { type: 'issue_merged', issue_id: from.id, into: into.id }, now);
  return update;
}
