import type { Trx } from '../db.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { editableFields } from '../domain/words.ts';
import { Refused } from '../errors.ts';
import { lockIssue } from '../issue-row.ts';
import type { Issue } from '../tables.ts';
import { setIssueComponents } from './components.ts';
import { checkSchedule, checkStart } from './open-issue.ts';
import type { IssuePatch } from './schemas.ts';

/** Changes an issue's own fields. Whatever stood there in public before is kept and shown. */
export async function changeIssue(
  trx: Trx,
  id: string,
  { components, ...patch }: IssuePatch,
  now: Date,
): Promise<void> {
  const before = await lockIssue(trx, id);
  if (isClosed(before.status) && patch.next_update_at) {
    throw new Refused('An issue that is over promises no next update.', [
      { path: 'next_update_at', message: 'the issue is over' },
    ]);
  }
  checkStart(patch.started_at, now);
  const after = { ...before, ...patch } as Issue;
  checkSchedule(before.kind, after.scheduled_for, after.scheduled_until);
  const edits = editableFields
    .filter((field) => field !== 'message')
    .filter((field) => before[field] !== null && asText(before[field]) !== asText(after[field]))
    .map((field) => ({ issue_id: id, update_id: null, field, was: asText(before[field]), edited_at: now }));
  if (edits.length > 0) await trx.insertInto('issue_edit').values(edits).execute();
  await trx
    .updateTable('issue')
    .set({ ...patch, updated_at: now } as Partial<Issue>)
    .where('id', '=', id)
    .execute();
  if (components)
    await setIssueComponents(trx, id, components, { updateId: null, status: before.status, now });
}

function asText(value: Date | string | null): string | null {
  return value instanceof Date ? value.toISOString() : value;
}
