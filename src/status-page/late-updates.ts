import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { keptLate, type Settled } from '../domain/promise-history.ts';
import { durationWords } from '../domain/times.ts';
import type { EditableField } from '../domain/words.ts';

/** A broken or moved promise beside what ended it; the time stands between the two parts of the sentence. */
export interface PromiseWord {
  before: string;
  at: Moment;
  after: string;
}

const most = 2_000;

/** Of an issue's updates, those that came after the promise before them had run out, and that promise: the ledger knows. */
export async function lateUpdates(db: Db, issueId: string): Promise<Map<string, Date>> {
  const { rows } = await sql<{ at: Date; promised: string | null; update_id: string | null }>`
    select at, body ->> 'update_id' as update_id,
      case type when 'issue_changed' then body #>> '{changes,next_update_at,is}' else body ->> 'next_update_at' end as promised
    from ledger
    where issue_id = ${issueId} and (type in ('issue_opened', 'issue_taken_over', 'update_posted')
      or type = 'issue_changed' and body #> '{changes,next_update_at}' is not null)
    order by id desc limit ${most}`.execute(db);
  const history = rows.reverse().map(
    ({ at, promised, update_id }): Settled => ({
      at,
      promisedAt: promised === null ? null : new Date(promised),
      updateId: update_id,
    }),
  );
  return keptLate(history);
}

/** What stands beside an update that came late. */
export function lateWord(promised: Date | undefined, cameAt: Date): PromiseWord | null {
  if (!promised) return null;
  const late = durationWords(cameAt.getTime() - promised.getTime());
  return { before: 'We had promised this by', at: moment(promised), after: `; it came ${late} late.` };
}

/** What stands beside the moving of a promise. */
export function movedWord(edit: {
  field: EditableField;
  was: string | null;
  edited_at: Date;
}): PromiseWord | null {
  const was = edit.field === 'next_update_at' && edit.was !== null ? new Date(edit.was) : null;
  if (was === null || Number.isNaN(was.getTime())) return null;
  const after = was < edit.edited_at ? ', and had given none by then.' : '.';
  return { before: 'We had promised an update by', at: moment(was), after };
}
