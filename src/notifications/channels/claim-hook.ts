import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../../db.ts';
import type { Claimed } from '../claim.ts';

/** A message to a program that is ours to send until `lease_until`. */
export type ClaimedHook = Claimed & { webhook_id: string; ailing: boolean };

export interface Claiming {
  now: Date;
  leaseMs: number;
  /** Pass over webhooks whose last message did not arrive. */
  wellOnly: boolean;
}

/**
 * Takes the message to a program that is due for longest, and counts the attempt; null when there is none. A webhook
 * gets its messages one at a time and in the order in which they were owed, whoever sends them; a test goes at once.
 * While mail is held back after a restore nothing else goes. An expired lease is claimable like any other row.
 */
export async function claimHook(db: Db, { now, leaseMs, wellOnly }: Claiming): Promise<ClaimedHook | null> {
  const { rows } = await sql<ClaimedHook>`
    update delivery
    set lease_token = ${randomUUID()}, lease_until = ${new Date(now.getTime() + leaseMs)}, attempts = attempts + 1
    where id = (
      select due.id from delivery due join webhook hook on hook.id = due.webhook_id
      where due.state = 'queued' and due.webhook_id is not null and due.due_at <= ${now}
        and (due.lease_until > ${now}) is not true
        and (hook.failures = 0 or not ${wellOnly}::boolean)
        and (due.template = 'hook_test' or
          not exists (select from sending where held_since is not null)
          and not exists (
            select from delivery earlier
            where earlier.webhook_id = due.webhook_id and earlier.state = 'queued' and earlier.template <> 'hook_test'
              and (earlier.created_at, earlier.component_change_id is not null, earlier.id)
                < (due.created_at, due.component_change_id is not null, due.id)))
      order by due.due_at, due.id limit 1 for update of due skip locked)
    returning *, (select failures > 0 from webhook where webhook.id = delivery.webhook_id) as ailing`.execute(
    db,
  );
  return rows[0] ?? null;
}
