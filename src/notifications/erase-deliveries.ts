import { type RawBuilder, sql } from 'kysely';
import { addressKey } from '../address.ts';
import type { Trx } from '../db.ts';

/**
 * Takes an address out of everything that was or would be sent: what waits is cancelled, what went keeps only that it
 * went. Answers how many; twice is the same.
 */
export async function eraseDeliveries(trx: Trx, address: string, now: Date): Promise<number> {
  const key = addressKey(address);
  await trx.deleteFrom('suppression').where('address_key', '=', key).execute();
  return blank(trx, sql`address_key = ${key}`, now);
}

/** The same for what these subscribers got as such; a mail that is about a report too stays the reporter's. */
export async function eraseNews(trx: Trx, subscriberIds: string[], now: Date): Promise<number> {
  return blank(trx, sql`subscriber_id = any(${subscriberIds}::text[]) and report_id is null`, now);
}

async function blank(trx: Trx, which: RawBuilder<unknown>, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    update delivery set address = 'erased-' || id || '@erased.invalid', last_error = null,
      state = case when state = 'queued' then 'cancelled' else state end,
      reason = case when state in ('queued', 'failed', 'suppressed') then 'the person was erased' else reason end,
      ended_at = coalesce(ended_at, ${now}), lease_token = null, lease_until = null, draft = null
    where ${which}`.execute(trx);
  return Number(numAffectedRows ?? 0);
}
