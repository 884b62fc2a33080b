import type { Trx } from '../db.ts';
import { Conflict } from '../errors.ts';
import { lockIssue } from '../issue-row.ts';
import { countWorked } from '../worked.ts';

/**
 * Staff have looked at those who say that the fix does not work, and leave it as it is: it is in doubt again only when
 * enough others say so. `seen` is how many they have seen; who said so since is not among them. Twice is the same. Throws
 * NotFound, and Conflict for an issue that is open.
 */
export async function leaveFixed(trx: Trx, issueId: string, seen: number): Promise<number> {
  const issue = await lockIssue(trx, issueId);
  if (issue.resolved_at === null) throw new Conflict('It is open again already.');
  const word = (await countWorked(trx, [issueId])).get(issueId);
  const doubts_seen = Math.min(seen, word?.no ?? 0);
  await trx.updateTable('issue').set({ doubts_seen }).where('id', '=', issueId).execute();
  return doubts_seen;
}
