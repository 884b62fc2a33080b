import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db.ts';
import type { DeliveryState, Template } from '../domain/words.ts';
import { newestMailing } from './progress.ts';

/** One mail about an issue, as staff see it. */
export interface MailLine {
  id: string;
  template: Template;
  address: string;
  state: DeliveryState;
  /** Why it ended other than sent. */
  reason: string | null;
  attempts: number;
  /** How often the connection was lost after all of it was handed over: it may have arrived. */
  maybe_delivered: number;
  last_error: string | null;
  /** When it is tried next; of one that ended, when it was tried last. */
  due_at: Date;
  ended_at: Date | null;
  /** No mail goes to this address any more. */
  suppressed: boolean;
  /** It waits until the fix has reached her. */
  waits_for_fix: boolean;
}

/**
 * The mails of an issue's newest mailing that are in this state, with what was written to single people since; those
 * that end last stand first, those that wait by who is next.
 */
export async function mailsOf(
  db: Db,
  issueId: string,
  state: DeliveryState,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<MailLine[]> {
  const mailing = await newestMailing(db, issueId);
  const { rows } = await sql<MailLine>`
    select d.id, d.template, d.address, d.state, d.reason, d.attempts, d.maybe_delivered, d.last_error, d.due_at,
      d.ended_at, d.waits_for_fix, s.address_key is not null as suppressed
    from delivery d left join suppression s on s.address_key = d.address_key
    where d.state = ${state} and ${isOf(issueId, mailing)}
    order by d.ended_at desc, d.due_at, d.id limit ${limit} offset ${offset}`.execute(db);
  return rows;
}

/** How many mails of the same are in each state. */
export async function countMails(db: Db, issueId: string): Promise<Record<DeliveryState, number>> {
  const mailing = await newestMailing(db, issueId);
  const { rows } = await sql<{ state: DeliveryState; mails: number }>`
    select d.state, count(*) as mails from delivery d where ${isOf(issueId, mailing)} group by d.state`.execute(
    db,
  );
  const counts = { queued: 0, sent: 0, failed: 0, suppressed: 0, cancelled: 0 };
  for (const { state, mails } of rows) counts[state] = mails;
  return counts;
}

/** How many mails about an issue wait until its fix has reached their readers. */
export async function countWaitingForFix(db: Db, issueId: string): Promise<number> {
  const { rows } = await sql<{ mails: number }>`
    select count(*) as mails from delivery
    where issue_id = ${issueId} and waits_for_fix and state = 'queued'`.execute(db);
  return rows[0]!.mails;
}

/** What of the failed mails can be sent again. */
export interface Failures {
  failed: number;
  /** Their address does not exist, or wants no mail. */
  unreachable: number;
  /** They may have arrived. */
  perhaps: number;
}

/** How the failed mails of the same stand. */
export async function failuresOf(db: Db, issueId: string): Promise<Failures> {
  const mailing = await newestMailing(db, issueId);
  const { rows } = await sql<Failures>`
    select count(*) as failed, count(s.address_key) as unreachable,
      count(*) filter (where d.maybe_delivered > 0 and s.address_key is null) as perhaps
    from delivery d left join suppression s on s.address_key = d.address_key
    where d.state = 'failed' and ${isOf(issueId, mailing)}`.execute(db);
  return rows[0]!;
}

/** Which mails belong to the newest mailing of an issue: its own, and those to single people since. */
export function isOf(
  issueId: string,
  mailing: { id: string; created_at: Date } | undefined,
): RawBuilder<boolean> {
  const personal = sql<boolean>`
    (d.issue_id = ${issueId} and d.update_id is null and d.template in ('receipt', 'linked', 'answered', 'right'))`;
  if (!mailing) return personal;
  return sql<boolean>`((d.update_id = ${mailing.id} and d.webhook_id is null) or (${personal} and d.created_at >= ${mailing.created_at}))`;
}
