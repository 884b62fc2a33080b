import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { Template } from '../domain/words.ts';
import { newMessageId, wakeNotifiers } from './outbox.ts';

/** What everybody hears who asked to: that something began, how it stands, that it is over, that work is near. */
export interface News {
  template: Extract<Template, 'opened' | 'update' | 'resolved' | 'reminder' | 'reopened'>;
  issueId: string;
  /** Null for a reminder. */
  updateId: string | null;
  /** Tells apart several reminders of one issue. */
  occasion?: string;
  /** Of one that is opened: it is the return of another, whose reporters are told first. */
  returns?: boolean;
}

/**
 * Queues one mail to every subscriber whose choices the issue fits, and one message to each of their webhooks and of
 * the page's own, in the transaction of the news itself. Whoever is owed the same event as a reporter gets that one
 * mail and no second. Calling twice adds nothing. Call it after what is owed to reporters.
 */
export async function oweNews(trx: Trx, news: News, now: Date): Promise<void> {
  const { template, issueId, updateId } = news;
  const event = eventOf(news);
  await sql`
    insert into delivery (event, template, issue_id, update_id, subscriber_id, address, message_id, due_at, created_at)
    select ${event}, ${template}, issue.id, ${updateId}, s.id, s.email, ${newMessageId}, ${now}, ${now}
    from subscriber s cross join issue
    where issue.id = ${issueId} and ${hearsOf(sql`s`, sql`issue`)}
    on conflict (event, address_key) do update set subscriber_id = excluded.subscriber_id
    where delivery.subscriber_id is null`.execute(trx);
  await sql`
    insert into delivery (event, template, issue_id, update_id, webhook_id, address, message_id, due_at, created_at)
    select ${event}, ${template}, issue.id, ${updateId}, hook.id, 'hook@' || hook.id, ${newMessageId}, ${now}, ${now}
    from webhook hook left join subscriber s on s.id = hook.subscriber_id cross join issue
    where issue.id = ${issueId} and hook.paused_at is null
      and (hook.subscriber_id is null or ${hearsOf(sql`s`, sql`issue`)})
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
}

/**
 * Whether a subscriber's choices fit an issue, as SQL over rows of both tables: she follows this very one, or hears of
 * everything or of one of its components, and of bugs and planned work unless she said incidents only.
 */
export function hearsOf(s: RawBuilder<unknown>, issue: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`(${s}.state = 'active' and (
    (not ${s}.incidents_only or ${issue}.kind = 'incident') and (
      ${s}.hears = 'everything'
      or ${s}.hears = 'components' and exists (
        select from subscriber_component part
        join issue_component touch on touch.component_id = part.component_id
        where part.subscriber_id = ${s}.id and touch.issue_id = ${issue}.id))
    or exists (
      select from subscriber_issue own where own.subscriber_id = ${s}.id and own.issue_id = ${issue}.id)))`;
}

/** A reporter's mail about the same update has the same event, so that one address is told once. */
function eventOf({ template, issueId, updateId, occasion, returns }: News): string {
  if (template === 'reminder') return ['reminder', issueId, occasion].join(':');
  if (returns) return `returned:${updateId}`;
  return `${template === 'opened' ? 'update' : template}:${updateId}`;
}
