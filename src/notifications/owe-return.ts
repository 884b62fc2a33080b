import { type RawBuilder, sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { newMessageId, wakeNotifiers } from './outbox.ts';

/**
 * Queues the mail that it came back to every reporter who was told, or could read, that it was over, ahead of all
 * others. Whoever was to be told and was not still thinks it is open: she hears of it only with `all`, as of any other
 * update. Call it once what was still queued is cancelled, and before `oweNews`; its event is the same, so that an
 * address gets one mail. Calling twice adds nothing.
 */
export async function oweReopened(
  trx: Trx,
  update: { id: string; issueId: string; all: boolean },
  now: Date,
): Promise<void> {
  const { id, issueId, all } = update;
  await sql`
    insert into delivery (event, template, issue_id, update_id, report_id, address, message_id, due_at, created_at)
    select distinct on (email_key) ${`reopened:${id}`}, case when ${knew(now)} then 'reopened' else 'update' end,
      ${issueId}, ${id}, report.id, report.email, ${newMessageId}, ${firstOf(now)}, ${now}
    from ${reporters(issueId)} and (${all}::boolean or ${knew(now)})
    order by email_key, report.created_at desc
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
}

/**
 * Queues the mail that it may be back, as a new issue, to every reporter of the old one, ahead of all others. Nobody is
 * made a reporter of the new one by it. Call it before `oweNews`, whose event is the same. Calling twice adds nothing.
 */
export async function oweReturned(
  trx: Trx,
  news: { of: string; issueId: string; updateId: string },
  now: Date,
): Promise<void> {
  const { of, issueId, updateId } = news;
  await sql`
    insert into delivery (event, template, issue_id, other_issue_id, update_id, report_id, address, message_id,
      due_at, created_at)
    select distinct on (email_key) ${`returned:${updateId}`}, 'returned', ${issueId}, ${of}, ${updateId}, id, email,
      ${newMessageId}, ${firstOf(now)}, ${now}
    from report
    where issue_id = ${of} and stands and email is not null
    order by email_key, created_at desc
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
}

/** How many people would get that mail, were the issue opened again now. */
export async function countBelievers(db: Db, issueId: string, now: Date): Promise<number> {
  const { rows } = await sql<{ people: number }>`
    select count(distinct email_key) as people from ${reporters(issueId)} and ${knew(now)}`.execute(db);
  return rows[0]!.people;
}

/** Reporters of an issue who left an address, each with the word that it was over the last time. */
function reporters(issueId: string): RawBuilder<unknown> {
  return sql`
    report left join delivery ending on ending.address_key = report.email_key and ending.event = (
      select 'resolved:' || id from issue_update
      where issue_id = ${issueId} and status in ('resolved', 'completed')
      order by created_at desc, seq desc limit 1)
    where report.issue_id = ${issueId} and report.stands and report.email is not null`;
}

/** The word that it is over went to her, or is on its way; where we owed her none, she may have read it. */
function knew(now: Date): RawBuilder<boolean> {
  return sql<boolean>`(ending.id is null or ending.state = 'sent' or ending.maybe_delivered > 0
    or (ending.state = 'queued' and ending.lease_until > ${now}))`;
}

/** Mails go out in the order in which they are due: these before the others of the same moment. */
function firstOf(now: Date): Date {
  return new Date(now.getTime() - 1);
}
