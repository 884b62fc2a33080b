import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { Kind } from './domain/lifecycle.ts';
import type { DeliveryState, SubscriberState } from './domain/words.ts';
import { endsWithin } from './ends-within.ts';

export type Channel = 'mail' | 'webhook';

/** How the page stands, in figures: no address, no id, no word of anybody. */
export interface Standing {
  /** Without those that wait for a fix to reach somebody: nothing is to be done about them. */
  queued: Record<Channel, number>;
  failed: Record<Channel, number>;
  /** When the one that has been due for longest became so; null where none is due. */
  due: Record<Channel, Date | null>;
  paused: boolean;
  held: boolean;
  overdue: number;
  reports: number;
  oldestReport: Date | null;
  drafts: number;
  issues: Partial<Record<Kind, number>>;
  subscribers: Partial<Record<SubscriberState, number>>;
}

interface Row
  extends Pick<Standing, 'paused' | 'held' | 'overdue' | 'reports' | 'drafts' | 'issues' | 'subscribers'> {
  queued_mail: number;
  queued_webhook: number;
  failed_mail: number;
  failed_webhook: number;
  due_mail: Date | null;
  due_webhook: Date | null;
  oldest_report: Date | null;
}

/** How things stand: one statement, each part of it answered by an index, however many deliveries there are. */
export async function readStanding(db: Db, now: Date): Promise<Standing> {
  const mail = sql`webhook_id is null`;
  const webhook = sql`webhook_id is not null`;
  const count = (where: ReturnType<typeof sql>) => sql`(select count(*) from delivery where ${where})`;
  const due = (which: ReturnType<typeof sql>) =>
    sql`(select min(due_at) from delivery where state = 'queued' and ${which} and due_at <= ${now})`;
  const { rows } = await sql<Row>`
    select ${count(sql`state = 'queued' and ${mail}`)} - ${count(sql`state = 'queued' and waits_for_fix`)} as queued_mail,
      ${count(sql`state = 'queued' and ${webhook}`)} as queued_webhook,
      ${count(sql`state = 'failed' and ${mail}`)} as failed_mail,
      ${count(sql`state = 'failed' and ${webhook}`)} as failed_webhook,
      ${due(mail)} as due_mail, ${due(webhook)} as due_webhook,
      exists (select from sending where paused_since is not null) as paused,
      exists (select from sending where held_since is not null) as held,
      (select count(*) from issue where resolved_at is null and next_update_at < ${now}) as overdue,
      (select count(*) from report where state = 'new') as reports,
      (select min(created_at) from report where state = 'new') as oldest_report,
      (select count(*) from issue_draft where state = 'new') as drafts,
      (select coalesce(json_object_agg(kind, n), '{}') from (
        select kind, count(*) as n from issue where resolved_at is null group by kind) as open) as issues,
      (select coalesce(json_object_agg(state, n), '{}') from (
        select state, count(*) as n from subscriber group by state) as people) as subscribers`.execute(db);
  const row = rows[0]!;
  return {
    queued: { mail: row.queued_mail, webhook: row.queued_webhook },
    failed: { mail: row.failed_mail, webhook: row.failed_webhook },
    due: { mail: row.due_mail, webhook: row.due_webhook },
    oldestReport: row.oldest_report,
    paused: row.paused,
    held: row.held,
    overdue: row.overdue,
    reports: row.reports,
    drafts: row.drafts,
    issues: row.issues,
    subscribers: row.subscribers,
  };
}

export interface Ended {
  state: Exclude<DeliveryState, 'queued' | 'failed'>;
  channel: Channel;
  count: number;
}

/** What ended other than failed. This reads the whole table, so do not ask often. */
export async function readEnded(db: Db): Promise<Ended[]> {
  const { rows } = await sql<Ended>`
    select state, case when webhook_id is null then 'mail' else 'webhook' end as channel, count(*) as count
    from delivery where state in ('sent', 'suppressed', 'cancelled') group by 1, 2`.execute(db);
  return rows;
}

export interface Kept<T> {
  /** The newest that is known; null before the first. */
  value: T | null;
  /** When it was asked for. */
  at: Date | null;
  /** Whether the last question was answered, and in time. */
  answered: boolean;
}

const patienceMs = 2_000;

/**
 * Asks anew only when it has rested, once at a time however many want to know, and answers what is known after two
 * seconds at most. `restMs` gets how long the last question took.
 */
export function keep<T>(
  read: (now: Date) => Promise<T>,
  restMs: (tookMs: number) => number,
  now: () => Date,
): () => Promise<Kept<T>> {
  let known: Kept<T> = { value: null, at: null, answered: false };
  let asked: Date | null = null;
  let tookMs = 0;
  let underWay: Promise<void> | null = null;

  async function ask(at: Date): Promise<void> {
    const began = performance.now();
    try {
      known = { value: await read(at), at, answered: true };
    } catch {
      known = { ...known, answered: false };
    } finally {
      tookMs = performance.now() - began;
      underWay = null;
    }
  }

  return async () => {
    const at = now();
    if (!underWay && (!asked || Math.abs(at.getTime() - asked.getTime()) >= restMs(tookMs))) {
      asked = at;
      underWay = ask(at);
    }
    if (underWay && !(await endsWithin(underWay, patienceMs))) return { ...known, answered: false };
    return known;
  };
}
