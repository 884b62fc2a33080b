import { sql } from 'kysely';
import type { ToldBefore } from './matter.ts';

/** Of the word `d` that an issue is over: what the last mail before it said of an earlier end of that issue. */
export const toldBefore = sql<ToldBefore>`
  case when starts_with(d.event, 'resolved:') and exists (
    select from issue_update ended
    where ended.issue_id = d.issue_id and ended.id <> d.update_id and ended.status in ('resolved', 'completed'))
  then (
    select case when starts_with(told.event, 'resolved:') then 'over' else 'back' end from issue_update before
    join delivery told on told.event in ('resolved:' || before.id, 'reopened:' || before.id)
      and told.address_key = d.address_key and told.state = 'sent'
    where before.issue_id = d.issue_id and before.id <> d.update_id
    order by before.created_at desc, before.seq desc limit 1) end`;
