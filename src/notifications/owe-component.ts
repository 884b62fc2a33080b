import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { newMessageId, wakeNotifiers } from './outbox.ts';

/**
 * Queues one message about a component's new state for every webhook whose owner hears of it, in the transaction of
 * the change. A chat hears only what staff set themselves: what an issue says of its components stands in the issue's
 * own news there. Calling twice for one change adds nothing.
 */
export async function oweComponentChange(trx: Trx, changeId: string, now: Date): Promise<void> {
  const { numAffectedRows } = await sql`
    insert into delivery
      (event, template, issue_id, component_change_id, webhook_id, address, message_id, due_at, created_at)
    select 'component:' || change.id, 'component', change.issue_id, change.id, hook.id, 'hook@' || hook.id,
      ${newMessageId}, ${now}, ${now}
    from component_change change
    left join issue on issue.id = change.issue_id
    cross join webhook hook
    left join subscriber s on s.id = hook.subscriber_id
    where change.id = ${changeId} and hook.paused_at is null
      and (change.issue_id is null or hook.kind in ('candor', 'statuspage'))
      and (hook.subscriber_id is null or s.state = 'active' and (
        exists (select from subscriber_issue own
          where own.subscriber_id = s.id and own.issue_id = change.issue_id)
        or (not s.incidents_only or change.issue_id is null or issue.kind = 'incident') and (
          s.hears = 'everything'
          or s.hears = 'components' and exists (select from subscriber_component part
            where part.subscriber_id = s.id and part.component_id = change.component_id))))
    on conflict (event, address_key) do nothing`.execute(trx);
  if (numAffectedRows) await wakeNotifiers(trx);
}
