import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Status } from '../domain/lifecycle.ts';
import { lockIssue } from '../issue-row.ts';
import type { Issue } from '../tables.ts';
import { postUpdate } from './post-update.ts';

/**
 * Begins and completes planned work whose time has come, where staff chose so, with a word in public. Safe in several
 * processes at once. Answers how many steps were taken.
 */
export async function keepTimes(db: Db, now: Date): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select id from issue where kind = 'maintenance' and resolved_at is null
      and (status = 'scheduled' and auto_start and scheduled_for <= ${now}
        or status in ('in_progress', 'verifying') and auto_complete and scheduled_until <= ${now})
    order by scheduled_for limit 50`.execute(db);
  let steps = 0;
  for (const { id } of rows) {
    steps += await db.transaction().execute(async (trx) => {
      const next = nextOf(await lockIssue(trx, id), now);
      if (next === null) return 0;
      await postUpdate(trx, id, { ...next, next_update_at: null }, now);
      return 1;
    });
  }
  return steps;
}

/** What the clock says of it next; null where nothing. */
function nextOf(issue: Issue, now: Date): { status: Status; message: string } | null {
  const { status, scheduled_for, scheduled_until } = issue;
  if (status === 'scheduled') {
    const due = issue.auto_start && scheduled_for !== null && scheduled_for <= now;
    return due ? { status: 'in_progress', message: 'The work has begun, as planned.' } : null;
  }
  const runs = status === 'in_progress' || status === 'verifying';
  const due = runs && issue.auto_complete && scheduled_until !== null && scheduled_until <= now;
  return due
    ? { status: 'completed', message: 'The time planned for it is over, and the work is done.' }
    : null;
}
