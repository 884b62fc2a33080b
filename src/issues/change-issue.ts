import type { Trx } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { editableFields } from '../domain/words.ts';
import { Refused } from '../errors.ts';
import { lockIssue } from '../issue-row.ts';
import { state } from '../ledger/state.ts';
import { oweReached } from '../notifications/outbox.ts';
import type { Issue, IssueChange } from '../tables.ts';
import { setIssueComponents } from './components.ts';
import { asJson, checkWider, withConditionsInOrder } from './fixed-for.ts';
import { checkSchedule, checkStart } from './open-issue.ts';
import type { IssuePatch } from './schemas.ts';

/**
 * Changes an issue's own fields. Whatever stood there in public before is kept and shown. Whoever a fix reaches now is
 * told in this same transaction.
 */
export async function changeIssue(
  trx: Trx,
  id: string,
  { components, ...patch }: IssuePatch,
  now: Date,
): Promise<void> {
  const before = withConditionsInOrder(await lockIssue(trx, id));
  if (isClosed(before.status) && patch.next_update_at) {
    throw new Refused('An issue that is over promises no next update.', [
      { path: 'next_update_at', message: 'the issue is over' },
    ]);
  }
  checkStart(patch.started_at, now);
  checkWider(before, patch.fixed_for);
  const after = { ...before, ...patch } as Issue;
  checkSchedule(before.kind, after.scheduled_for, after.scheduled_until);
  const changed = editableFields
    .filter((field) => field !== 'message')
    .map((field) => ({ field, was: asText(before[field]), is: asText(after[field]) }))
    .filter(({ was, is }) => was !== is);
  const edits = changed
    .filter(({ was }) => was !== null)
    .map(({ field, was }) => ({ issue_id: id, update_id: null, field, was, edited_at: now }));
  if (edits.length > 0) await trx.insertInto('issue_edit').values(edits).execute();
  await trx
    .updateTable('issue')
    .set({ ...patch, ...asJson(patch), ...dated(patch, components, now) } as IssueChange)
    .where('id', '=', id)
    .execute();
  const stood = components && (await readTouched(trx, id));
  if (components)
    await setIssueComponents(trx, id, components, { updateId: null, status: before.status, now });
  const stands = components && (await readTouched(trx, id));
  await stateChanges(trx, before, after, { stood, stands }, now);
  if (patch.fixed_for !== undefined) await oweReached(trx, id, now);
}

/** A promise that is moved and nothing else is no news: feeds do not lift the issue up for it. */
function dated(
  patch: Omit<IssuePatch, 'components'>,
  components: Touched[] | undefined,
  now: Date,
): IssueChange {
  const isMoveAlone = components === undefined && Object.keys(patch).join() === 'next_update_at';
  return isMoveAlone ? {} : { updated_at: now };
}

/** What changed goes into the ledger as it was and as it is. */
async function stateChanges(
  trx: Trx,
  before: Issue,
  after: Issue,
  { stood, stands }: { stood: Touched[] | undefined; stands: Touched[] | undefined },
  now: Date,
): Promise<void> {
  const fields = editableFields
    .filter((field) => field !== 'message')
    .map((field) => [field, { was: plain(before[field]), is: plain(after[field]) }] as const)
    .concat(stands ? [['components', { was: stood, is: stands }] as never] : [])
    .filter(([, { was, is }]) => JSON.stringify(was) !== JSON.stringify(is));
  if (fields.length > 0)
    await state(
      trx,
      { type: 'issue_changed', issue_id: before.id, changes: Object.fromEntries(fields) },
      now,
    );
}

type Touched = { id: string; status: ComponentStatus };

async function readTouched(trx: Trx, issueId: string): Promise<(Touched & { said_at: string })[]> {
  const rows = await trx
    .selectFrom('issue_component')
    .select(['component_id as id', 'status', 'said_at'])
    .where('issue_id', '=', issueId)
    .orderBy('position')
    .orderBy('component_id')
    .execute();
  return rows.map((row) => ({ ...row, said_at: row.said_at.toISOString() }));
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}

function asText(value: Date | string | object | null): string | null {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
