import { sql } from 'kysely';
import type { Trx } from '../../db.ts';
import type { Webhook } from '../../hearing-tables.ts';
import { newMessageId, wakeNotifiers } from '../outbox.ts';

/**
 * Queues the mail that a webhook is paused: to the subscriber whose it is, or, for one of the page's own, to whoever
 * added it; where that person has no account any more, to every owner. In the transaction of the pause.
 */
export async function owePausedLetter(trx: Trx, hook: Webhook, now: Date): Promise<void> {
  const whom =
    hook.subscriber_id !== null
      ? sql`select id as subscriber_id, email from subscriber
          where id = ${hook.subscriber_id} and state in ('active', 'paused')`
      : sql`select null as subscriber_id, email from staff
          where disabled_at is null and case
            when exists (select from staff adder where adder.id = ${hook.staff_id} and adder.disabled_at is null)
            then id = ${hook.staff_id} else role = 'owner' end`;
  await sql`
    insert into delivery (event, template, subscriber_id, address, message_id, due_at, created_at)
    select ${`hook_paused:${hook.id}:${now.getTime()}`}, 'hook_paused', subscriber_id, email, ${newMessageId},
      ${now}, ${now}
    from (${whom}) as owner
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
}
