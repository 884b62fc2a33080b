import type { Trx } from '../db.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { lockIssue } from '../issue-row.ts';
import { countPeople } from '../people.ts';
import { postUpdate } from './post-update.ts';

/**
 * Takes back an issue that was opened by mistake: it is closed, and its page says so; what was said stays readable.
 * False where that would leave somebody alone with it: people stand under it, or it is over already.
 */
export async function retractIssue(trx: Trx, id: string, now: Date): Promise<boolean> {
  const issue = await lockIssue(trx, id);
  const people = await countPeople(trx, [id]);
  if (isClosed(issue.status) || (people.get(id) ?? 0) > 0) return false;
  const planned = issue.kind === 'maintenance';
  await postUpdate(
    trx,
    id,
    {
      status: planned ? 'completed' : 'resolved',
      message: 'We opened this by mistake and take it back.',
      resolution: 'retracted',
    },
    now,
  );
  return true;
}
