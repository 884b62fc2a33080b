import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { WholeIssue } from '../domain/ledger.ts';
import { state } from '../ledger/state.ts';

/** States in the ledger that an issue was opened, and as what. */
export async function stateOpened(trx: Trx, id: string, now: Date): Promise<void> {
  const { rows } = await sql<{ whole: WholeIssue }>`select ledger_issue(${id}) as whole`.execute(trx);
  const {
    created_at: _created,
    resolved_at: _resolved,
    merged_into: _merged,
    fixed_for: _fixed,
    edits: _edits,
    component_changes: _changes,
    workarounds: _workarounds,
    updates,
    ...issue
  } = rows[0]!.whole;
  const said = updates.map(({ id: updateId, status, message }) => ({ id: updateId, status, message }));
  await state(trx, { type: 'issue_opened', issue_id: id, ...issue, updates: said }, now);
}
