import type { Trx } from '../db.ts';
import type { Traits } from '../domain/affected.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { Conflict } from '../errors.ts';
import { oweReached } from '../notifications/outbox.ts';
import { lockBoth } from './change-report.ts';

/**
 * Keeps what she says that she uses, in place of what she said before; what she was not asked stays. Where the fix of
 * her issue has reached her by that, she is told; where it has not, what was not sent yet waits. Calling twice is the
 * same. Throws NotFound, and Conflict for a report that was taken back.
 */
export async function sayTraits(trx: Trx, id: string, said: Traits, now: Date): Promise<void> {
  const { report, issue } = await lockBoth(trx, id);
  if (report.state === 'withdrawn') throw new Conflict('You took this report back. You can tell us anew.');
  const traits = Object.fromEntries(
    Object.entries({ ...report.traits, ...said }).filter(([, word]) => word !== ''),
  );
  await trx
    .updateTable('report')
    .set({ traits: Object.keys(traits).length > 0 ? JSON.stringify(traits) : null })
    .where('id', '=', id)
    .execute();
  if (issue && isClosed(issue.status)) await oweReached(trx, issue.id, now);
}
