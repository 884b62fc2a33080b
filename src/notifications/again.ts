import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { stateCounts } from '../ledger/count.ts';
import type { Delivery } from '../tables.ts';
import { isOf } from './mailing.ts';
import { wakeNotifiers } from './outbox.ts';
import { newestMailing } from './progress.ts';
import { stillWantedAll } from './still-wanted.ts';

/** What became of the failed mails. */
export interface Again {
  /** Under way once more. */
  again: number;
  /** Left as they are: no mail goes to their address. */
  left: number;
  /** Nobody wants them any more; each now says why. */
  dropped: number;
}

/**
 * Puts the failed mails of an issue's newest mailing back to be sent at once, each under the id it had, so that a mail
 * program shows one that had arrived after all only once. Twice at once does it once. What belongs to an earlier
 * mailing stays as it is: newer news have overtaken it.
 */
export async function sendAgain(trx: Trx, issueId: string, now: Date): Promise<Again> {
  const mailing = await newestMailing(trx, issueId);
  const { rows } = await sql<Delivery>`
    select d.* from delivery d where d.state = 'failed' and ${isOf(issueId, mailing)}
    order by d.id for update`.execute(trx);
  const wanted = await stillWantedAll(trx, rows, now);
  const again: string[] = [];
  const unwanted: { id: string; reason: string }[] = [];
  for (const [id, matter] of wanted) {
    if (!('state' in matter)) again.push(id);
    else if (matter.state === 'cancelled') unwanted.push({ id, reason: matter.reason });
  }
  await sql`
    update delivery set state = 'queued', reason = null, ended_at = null, attempts = 0, due_at = ${now}, again_at = ${now}
    where id = any(${again}::uuid[])`.execute(trx);
  await sql`
    update delivery set state = 'cancelled', reason = no.reason
    from jsonb_to_recordset(${JSON.stringify(unwanted)}::jsonb) as no (id uuid, reason text)
    where delivery.id = no.id`.execute(trx);
  if (again.length > 0) await wakeNotifiers(trx);
  await stateCounts(trx, [issueId], now);
  return {
    again: again.length,
    left: rows.length - again.length - unwanted.length,
    dropped: unwanted.length,
  };
}
