import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Condition } from '../domain/affected.ts';
import type { Impact } from '../domain/impact.ts';
import { isClosed, type Kind, type Resolution, type Status } from '../domain/lifecycle.ts';
import type { SubscriberState } from '../domain/words.ts';
import type { Delivery } from '../tables.ts';
import type { ConfirmMatter, SubscriberMatter, ToldBefore, Unwanted } from './matter.ts';
import { hearsOf } from './owe-news.ts';
import { toldBefore } from './told-before.ts';

/** Of a mail to a subscriber: what it is about, or why nobody wants it any more. */
export async function wantedBySubscriber(
  db: Db,
  delivery: Delivery,
  now: Date,
): Promise<SubscriberMatter | ConfirmMatter | Unwanted> {
  const row = await read(db, delivery.id);
  if (row.suppressed !== null)
    return { state: 'suppressed', reason: `no mail goes to this address: ${row.suppressed}` };
  if (row.subscriber_id === null) return cancelled('the subscription was erased');
  if (delivery.template === 'confirm') return confirmOf(row, row.subscriber_id);
  const reason = whyNot(row, delivery, now);
  return reason === null ? matterOf(row, row.subscriber_id) : cancelled(reason);
}

/** Whether a subscriber still wants this news; for a mail that is about a report of hers too. */
export async function alsoSubscribes(db: Db, delivery: Delivery): Promise<boolean> {
  const { subscriber_state, fits } = await read(db, delivery.id);
  return subscriber_state === 'active' && fits === true;
}

/** Whoever left is asked like anybody else, but not by a mail that was made before she left. */
function confirmOf(
  { subscriber_state, left_since, listed }: Row,
  subscriberId: string,
): ConfirmMatter | Unwanted {
  if (subscriber_state === 'left' && left_since) return cancelled('the subscriber left');
  const hears = subscriber_state === 'active' || subscriber_state === 'paused';
  return { for: 'confirm', subscriberId, hears, listed };
}

function whyNot(row: Row, { template, event }: Delivery, now: Date): string | null {
  if (row.subscriber_state === 'left') return 'the subscriber left';
  if (row.subscriber_state === 'paused') return 'the subscriber paused it';
  if (row.subscriber_state === 'unconfirmed') return 'the subscriber did not confirm';
  if (row.issue_id === null) return 'the issue is gone';
  if (!row.fits) return 'the subscriber chose not to hear of this';
  if (row.told_otherwise) return 'another mail about the same tells her';
  switch (template) {
    case 'reminder':
      return whyNoReminder(row, event, now);
    case 'resolved':
      if (row.said === null) return 'the update is gone';
      return row.reopened || !isClosed(row.status!) ? 'the issue was opened again' : null;
    case 'reopened':
      if (row.said === null) return 'the update is gone';
      return isClosed(row.status!) ? 'it was over again before this could be sent' : null;
    default:
      return row.said === null ? 'the update is gone' : null;
  }
}

/** Its event ends with the time for which the work was planned. */
function whyNoReminder({ status, scheduled_for }: Row, event: string, now: Date): string | null {
  if (status !== 'scheduled') return 'the work is not ahead any more';
  if (scheduled_for === null || !event.endsWith(`:${scheduled_for.getTime()}`)) return 'the work was moved';
  return scheduled_for <= now ? 'the time it reminds of has passed' : null;
}

const cancelled = (reason: string): Unwanted => ({ state: 'cancelled', reason });

function matterOf(row: Row, subscriberId: string): SubscriberMatter {
  return {
    for: 'subscriber',
    subscriberId,
    issue: {
      id: row.issue_id!,
      kind: row.kind!,
      title: row.title!,
      status: row.status!,
      workaround: row.workaround,
      resolution: row.resolution,
      resolvedAt: row.resolved_at,
      nextUpdateAt: row.next_update_at,
      fixedFor: row.fixed_for,
      impact: row.impact!,
      scheduledFor: row.scheduled_for,
      scheduledUntil: row.scheduled_until,
    },
    parts: row.parts,
    toldBefore: row.told_before,
    followedAt: row.followed_id === null ? null : { id: row.followed_id, title: row.followed_title! },
    update: row.said === null ? null : { status: row.said_status!, message: row.said },
  };
}

interface Row {
  suppressed: string | null;
  subscriber_id: string | null;
  subscriber_state: SubscriberState | null;
  /** She left after this mail, one that asks, was made. */
  left_since: boolean;
  /** Staff or a program gave us the address, and nobody typed it at the page; of a mail that asks. */
  listed: boolean;
  /** Her choices, as they are now, fit the issue as it is now. */
  fits: boolean | null;
  issue_id: string | null;
  kind: Kind | null;
  title: string | null;
  status: Status | null;
  impact: Impact | null;
  workaround: string | null;
  resolution: Resolution | null;
  resolved_at: Date | null;
  next_update_at: Date | null;
  fixed_for: Condition[] | null;
  scheduled_for: Date | null;
  scheduled_until: Date | null;
  parts: string[];
  told_before: ToldBefore;
  followed_id: string | null;
  followed_title: string | null;
  said: string | null;
  said_status: Status | null;
  reopened: boolean;
  /** As a reporter she is told the same in her own mail: a merge, or its splitting. */
  told_otherwise: boolean;
}

async function read(db: Db, id: string): Promise<Row> {
  const { rows } = await sql<Row>`
    select gone.reason as suppressed, s.id as subscriber_id, s.state as subscriber_state,
      exists (
        select from consent step where step.subscriber_id = s.id and step.act = 'left'
          and step.seq > substring(d.event from '^confirm:.*:([0-9]+)$')::bigint) as left_since,
      exists (
        select from consent step where step.subscriber_id = s.id and step.source <> 'form'
          and step.seq = substring(d.event from '^confirm:.*:([0-9]+)$')::bigint) as listed,
      ${hearsOf(sql`s`, sql`i`)} as fits,
      i.id as issue_id, i.kind, i.title, i.status, i.impact, i.workaround, i.resolution, i.resolved_at,
      i.next_update_at, i.fixed_for, i.scheduled_for, i.scheduled_until,
      array(select c.name from issue_component t join component c on c.id = t.component_id
        where t.issue_id = i.id order by t.position, c.name) as parts,
      ${toldBefore} as told_before, into_issue.id as followed_id, into_issue.title as followed_title,
      u.message as said, u.status as said_status,
      exists (
        select from issue_update later
        where later.issue_id = u.issue_id and (later.created_at, later.seq) > (u.created_at, u.seq)
          and later.status not in ('resolved', 'completed')) as reopened,
      d.update_id is not null and exists (
        select from delivery other
        where other.update_id = d.update_id and other.address_key = d.address_key and other.id <> d.id
          and other.state in ('queued', 'sent')) as told_otherwise
    from delivery d
    left join suppression gone on gone.address_key = d.address_key
    left join subscriber s on s.id = d.subscriber_id
    left join issue i on i.id = d.issue_id
    left join issue into_issue on into_issue.id = i.merged_into
    left join issue_update u on u.id = d.update_id
    where d.id = ${id}`.execute(db);
  if (!rows[0]) throw new Error('the delivery is gone');
  return rows[0];
}
