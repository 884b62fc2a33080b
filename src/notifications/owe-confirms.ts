import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { newMessageId, wakeNotifiers } from './outbox.ts';

/** `oweConfirm` for many at once, in one statement. Calling twice for the same occasions adds nothing. */
export async function oweConfirms(
  trx: Trx,
  asked: readonly { subscriberId: string; address: string; occasion: string }[],
  now: Date,
): Promise<void> {
  if (asked.length === 0) return;
  await sql`
    insert into delivery (event, template, subscriber_id, address, message_id, due_at, created_at)
    select 'confirm:' || one."subscriberId" || ':' || one.occasion, 'confirm', one."subscriberId", one.address,
      ${newMessageId}, ${now}::timestamptz, ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as one ("subscriberId" text, address text, occasion text)
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
}
