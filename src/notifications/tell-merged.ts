import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../db.ts';
import { holdMs } from '../domain/undo.ts';
import { cancelQueued, newMessageId, wakeNotifiers } from './outbox.ts';
import { settleReach } from './rollout.ts';

/** Two issues that became one: what the mails about it need. */
export interface MergeNews {
  from: string;
  into: string;
  /** `from` and what was merged into it before: where the people who came along had told us. */
  family: string[];
  /** The update that closed `from`. */
  updateId: string;
  /** The update that closed `into`; null while it is open. */
  closingId: string | null;
}

/**
 * Queues one mail to everybody who came along in a merge and left an address, also to who had told us of both issues:
 * that it is the same problem, or, where `into` is over, that it is. Who was told so already and has heard nothing else
 * since is not told again. The mails wait, so that a split within that time leaves nobody the wiser. Answers how many.
 * Calling twice adds nothing.
 */
export async function oweMerged(trx: Trx, news: MergeNews, now: Date): Promise<number> {
  const { from, into, closingId } = news;
  await cancelQueued(
    trx,
    { issueId: from, template: 'split' },
    'the two were merged again before it was sent',
    now,
  );
  const told = closingId === null ? 0 : await oweTheEnd(trx, news, closingId, now);
  const { numAffectedRows } = await sql`
    insert into delivery (event, template, issue_id, other_issue_id, update_id, report_id, address, message_id,
      due_at, created_at)
    select ${`merged:${news.updateId}`}, 'merged', ${into}, ${from}, ${news.updateId}, id, email, ${newMessageId},
      ${held(now)}, ${now}
    from (${cameAlong(news)}) as people
    where not exists (
      select from delivery ending
      where ending.event = ${`resolved:${closingId}`} and ending.address_key = people.email_key
        and ending.state = 'queued')
    and not exists (
      select from delivery knows
      where knows.template = 'merged' and knows.issue_id = ${into} and knows.other_issue_id = ${from}
        and knows.address_key = people.email_key and ${went('knows', now)}
        and not exists (
          select from delivery since
          where since.template = 'split' and since.issue_id = ${from} and since.address_key = people.email_key
            and since.created_at >= knows.created_at and ${went('since', now)}))
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
  return told + Number(numAffectedRows ?? 0);
}

/** The news that `into` is over, to those who came along and have not had it; it says that the two are the same. */
async function oweTheEnd(trx: Trx, news: MergeNews, closingId: string, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into delivery (event, template, issue_id, other_issue_id, update_id, report_id, address, message_id,
      due_at, created_at)
    select ${`resolved:${closingId}`}, 'resolved', ${news.into}, ${news.from}, ${closingId}, id, email,
      ${newMessageId}, ${held(now)}, ${now}
    from (${cameAlong(news)}) as people
    on conflict (event, address_key) do update
    set state = 'queued', reason = null, ended_at = null, due_at = excluded.due_at, report_id = excluded.report_id
    where delivery.state = 'cancelled'`.execute(trx);
  await settleReach(trx, news.into, now);
  return Number(numAffectedRows ?? 0);
}

/** Two issues that became two again. */
export interface SplitNews {
  from: string;
  /** What `from` was followed at, step by step. */
  path: string[];
  /** The update that had closed `from`, and when. */
  closing: { id: string; at: Date };
  /** The update that opened it again. */
  updateId: string;
}

/**
 * Takes back what was not sent yet about a merge, and queues one mail to everybody who had heard of it. Who had heard
 * nothing hears nothing. A mail on its way at this moment counts as heard. Answers how many. Calling twice adds nothing.
 */
export async function oweSplit(trx: Trx, news: SplitNews, now: Date): Promise<number> {
  await takeBack(trx, news, now);
  const { from, path, closing, updateId } = news;
  const { numAffectedRows } = await sql`
    insert into delivery (event, template, issue_id, other_issue_id, update_id, report_id, address, message_id,
      due_at, created_at)
    select distinct on (email_key) ${`split:${updateId}`}, 'split', ${from}, ${path[0]}, ${updateId}, id, email,
      ${newMessageId}, ${held(now)}, ${now}
    from report
    where issue_id = ${from} and stands and email is not null
      and exists (
        select from delivery heard
        where heard.address_key = report.email_key and heard.issue_id = any(${path}::text[])
          and heard.template in ('merged', 'resolved', 'update', 'reopened', 'receipt', 'linked', 'right')
          and (heard.created_at >= ${closing.at} or heard.other_issue_id = ${from}) and ${went('heard', now)})
    order by email_key, created_at desc
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
  return Number(numAffectedRows ?? 0);
}

/** What still waits about an issue that is none of theirs any more; that we know what it is stays true, of this one. */
async function takeBack(trx: Trx, { from, path, closing }: SplitNews, now: Date): Promise<void> {
  await sql`
    update delivery d
    set state = 'cancelled', reason = 'the two were split again before it was sent', ended_at = ${now},
      lease_token = null, lease_until = null
    where d.state = 'queued' and (d.lease_until > ${now}) is not true and d.issue_id = any(${path}::text[])
      and (d.template = 'merged' and d.update_id = ${closing.id}
        or d.template in ('merged', 'resolved', 'update', 'reopened')
          and exists (
            select from report r where r.issue_id = ${from} and r.email_key = d.address_key and r.stands)
          and not exists (
            select from report r where r.issue_id = d.issue_id and r.email_key = d.address_key and r.stands))
    `.execute(trx);
  await sql`
    update delivery d set issue_id = ${from}
    from report r
    where r.id = d.report_id and r.issue_id = ${from} and d.issue_id = any(${path}::text[])
      and d.template = 'linked' and d.state = 'queued' and (d.lease_until > ${now}) is not true`.execute(trx);
}

/** One report for each address that came along, the newest. */
function cameAlong({ into, family }: MergeNews): RawBuilder<unknown> {
  return sql`
    select distinct on (email_key) id, email, email_key from report
    where issue_id = ${into} and merged_from = any(${family}::text[]) and stands and email is not null
    order by email_key, created_at desc`;
}

/** It arrived, or may have. */
function went(table: string, now: Date): RawBuilder<boolean> {
  const d = sql.raw(table);
  return sql<boolean>`(${d}.state = 'sent' or ${d}.maybe_delivered > 0
    or (${d}.state = 'queued' and ${d}.lease_until > ${now}))`;
}

function held(now: Date): Date {
  return new Date(now.getTime() + holdMs);
}
