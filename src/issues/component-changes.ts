import type { Trx } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import type { ComponentChange } from '../domain/ledger.ts';
import { newId } from '../ids.ts';
import { state } from '../ledger/state.ts';
import { oweComponentChange } from '../notifications/owe-component.ts';

/** A component's state before and after. */
export interface Change {
  id: string;
  was: ComponentStatus;
  is: ComponentStatus;
}

/** Keeps what changed, for the components' history and for whoever reads what an update affected; webhooks are told. */
export async function noteChanges(
  trx: Trx,
  by: { issueId: string | null; updateId: string | null },
  changes: readonly Change[],
  now: Date,
): Promise<void> {
  const noted = await insertChanges(trx, by, changes, now);
  if (noted.length === 0) return;
  await state(trx, { type: 'component_states', issue_id: by.issueId, changes: noted }, now);
  for (const { id } of noted) await oweComponentChange(trx, id, now);
}

/** Mends the history of an issue that is over: what is said of a component now holds for all of its time. */
export async function correctChanges(
  trx: Trx,
  issueId: string,
  changes: readonly Change[],
  now: Date,
): Promise<void> {
  const changed = changes.filter(({ was, is }) => was !== is);
  if (changed.length === 0) return;
  await trx
    .deleteFrom('component_change')
    .where('issue_id', '=', issueId)
    .where(
      'component_id',
      'in',
      changed.map(({ id }) => id),
    )
    .execute();
  const whole = changed.map(({ id, is }) => ({ id, was: 'operational' as const, is }));
  const noted = await insertChanges(trx, { issueId, updateId: null }, whole, now);
  const component_ids = changed.map(({ id }) => id);
  await state(
    trx,
    { type: 'component_states_corrected', issue_id: issueId, component_ids, changes: noted },
    now,
  );
}

async function insertChanges(
  trx: Trx,
  by: { issueId: string | null; updateId: string | null },
  changes: readonly Change[],
  now: Date,
): Promise<ComponentChange[]> {
  const rows = changes
    .filter(({ was, is }) => was !== is)
    .map(({ id, was, is }) => ({
      id: newId(),
      component_id: id,
      issue_id: by.issueId,
      update_id: by.updateId,
      old_status: was,
      new_status: is,
      at: now,
    }));
  if (rows.length > 0) await trx.insertInto('component_change').values(rows).execute();
  return rows.map(({ id, component_id, old_status: was, new_status: is }) => ({
    id,
    component_id,
    was,
    is,
    at: now.toISOString(),
  }));
}
