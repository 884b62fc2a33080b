import type { Trx } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import { newId } from '../ids.ts';

/** A component's state before and after. */
export interface Change {
  id: string;
  was: ComponentStatus;
  is: ComponentStatus;
}

/** Keeps what changed, for the components' history and for whoever reads what an update affected. */
export async function noteChanges(
  trx: Trx,
  by: { issueId: string | null; updateId: string | null },
  changes: readonly Change[],
  now: Date,
): Promise<void> {
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
}
