import { sql } from 'kysely';
import { addressKey } from '../address.ts';
import { forgetAnswersAbout } from '../api/idempotency.ts';
import type { Db, Trx } from '../db.ts';
import { eraseDeliveries, eraseNews } from '../notifications/erase-deliveries.ts';
import { lockSubscriber } from './change-subscription.ts';

const waitMs = 7 * 24 * 3_600_000;
const atOnce = 500;

/**
 * Takes a subscription out of everything: what she chose, the proof, her address in the mails. Where she told us of a
 * problem too, the mails about that stay. Throws NotFound, also the second time.
 */
export async function eraseSubscription(trx: Trx, id: string, now: Date): Promise<void> {
  const { email } = await lockSubscriber(trx, id);
  if (await isKnownOtherwise(trx, email)) await eraseNews(trx, [id], now);
  else await eraseDeliveries(trx, email, now);
  await forgetAnswersAbout(trx, email);
  await deleteRows(trx, [id]);
}

/** The same for whoever has this address, and answers how many that were. The mails are the caller's. */
export async function eraseSubscriberAt(trx: Trx, address: string): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('subscriber')
    .where('email_key', '=', addressKey(address))
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows);
}

/** Forgets who was asked a week ago and did not answer. Twice is the same. */
export async function forgetUnconfirmed(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - waitMs);
  while ((await forgetSome(db, before, now)) === atOnce);
}

function forgetSome(db: Db, before: Date, now: Date): Promise<number> {
  return db.transaction().execute(async (trx) => {
    const rows = await trx
      .selectFrom('subscriber')
      .select('id')
      .where('state', '=', 'unconfirmed')
      .where('created_at', '<', before)
      .limit(atOnce)
      .forUpdate()
      .skipLocked()
      .execute();
    const ids = rows.map((row) => row.id);
    await eraseNews(trx, ids, now);
    await deleteRows(trx, ids);
    return ids.length;
  });
}

async function deleteRows(trx: Trx, ids: string[]): Promise<void> {
  await trx.deleteFrom('subscriber').where('id', '=', sql<string>`any(${ids}::text[])`).execute();
}

/** Whether the address is also one of a report, or of staff. */
async function isKnownOtherwise(trx: Trx, address: string): Promise<boolean> {
  const key = addressKey(address);
  const { rows } = await sql<{ known: boolean }>`
    select exists (select from report where email_key = ${key})
      or exists (select from staff where lower(email) = ${key}) as known`.execute(trx);
  return rows[0]!.known;
}
