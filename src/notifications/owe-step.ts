import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { Template, Verdict } from '../domain/words.ts';
import { newMessageId, wakeNotifiers } from './outbox.ts';
import { settleReach, whenReached } from './rollout.ts';

// The mails of one step of staff on many reports, and of its taking back. An event names what an address is told, not
// the step that tells it: whoever links, takes it back and links again tells nobody twice.

/** When they are owed, and not before when they go. */
export interface Times {
  now: Date;
  dueAt: Date;
}

/**
 * Tells everybody who left an address with these reports that we know the issue; or, where it is over, that it is.
 * An address is told so once, however many of its reports are linked and whenever, and again only after the issue was
 * closed and opened anew. The caller holds the issue's row lock. Calling twice adds nothing.
 */
export async function oweLinked(
  trx: Trx,
  reportIds: string[],
  { issueId, closedBy }: { issueId: string; closedBy: string | null },
  times: Times,
): Promise<void> {
  const event = closedBy
    ? sql`${`resolved:${closedBy}`}`
    : sql`concat_ws(':', 'linked', ${issueId}::text, (select nullif(count(*), 0) from issue_update
        where issue_id = ${issueId} and status in ('resolved', 'completed')))`;
  await owe(trx, reportIds, closedBy ? 'resolved' : 'linked', { event, issueId, updateId: closedBy }, times);
}

/**
 * Tells everybody who left an address with these reports our answer. An address gets the same answer to one matter (a
 * group of reports) once, unless she told us more since the answer before. Call it while the reports stand as they
 * stood before. Calling twice adds nothing.
 */
export async function oweAnswered(
  trx: Trx,
  reportIds: string[],
  { verdict, message }: { verdict: Verdict; message: string },
  times: Times,
): Promise<void> {
  const event = sql`concat_ws(':', ${answerOf(sql`${verdict}::text`, sql`${message}::text`)},
    case when report.state = 'new' then extract(epoch from report.answered_at)::bigint end)`;
  await owe(trx, reportIds, 'answered', { event, issueId: null, updateId: null }, times);
}

/**
 * Takes back what is still queued for these reports and true no more, and answers how many mails nobody gets now. One
 * that another report of the same address stands by goes for that one's sake. Mails that are being sent at this moment
 * are left to their sender, who looks once more. Call it when the reports stand as they shall stand.
 */
export async function cancelFor(
  trx: Trx,
  reportIds: string[],
  templates: Template[],
  reason: string,
  now: Date,
): Promise<number> {
  const { rows } = await sql<{ state: string }>`
    update delivery set
      report_id = coalesce(heir.id, delivery.report_id),
      state = case when heir.id is null then 'cancelled' else 'queued' end,
      reason = case when heir.id is null then ${reason} end,
      ended_at = case when heir.id is null then ${now}::timestamptz end,
      lease_token = null, lease_until = null
    from delivery as mine left join lateral (
      select other.id from report as other
      where other.email_key = mine.address_key and other.stands and case mine.template
        when 'receipt' then other.id = mine.report_id
        when 'answered' then other.state = 'answered'
          and starts_with(mine.event, ${answerOf(sql`other.verdict`, sql`other.answer`, 'other')})
        when 'linked' then other.state = 'linked' and other.issue_id = mine.issue_id
        when 'right' then other.was_right_at is not null and other.issue_id = mine.issue_id
        else other.issue_id = mine.issue_id end
      order by other.id = mine.report_id desc, other.created_at desc, other.id limit 1) as heir on true
    where mine.id = delivery.id and mine.report_id = any(${reportIds}::text[]) and mine.template = any(${templates}::text[])
      and mine.state = 'queued' and (mine.lease_until > ${now}) is not true
    returning delivery.state`.execute(trx);
  return rows.filter((row) => row.state === 'cancelled').length;
}

/** Owes again what was cancelled for these reports for this reason. */
export async function oweAgain(trx: Trx, reportIds: string[], reason: string, now: Date): Promise<void> {
  await sql`
    update delivery set state = 'queued', reason = null, ended_at = null,
      due_at = case when waits_for_fix then ${whenReached}::timestamptz else ${now}::timestamptz end
    where report_id = any(${reportIds}::text[]) and state = 'cancelled' and reason = ${reason}`.execute(trx);
  await wakeNotifiers(trx);
}

/**
 * Tells everybody whose reports these are that she was right, a moment before all other mails of the same step; where
 * the issue is over, that it is. An address is told so once about an issue. Calling twice adds nothing.
 */
export async function oweRight(
  trx: Trx,
  reportIds: string[],
  { issueId, closedBy }: { issueId: string; closedBy: string | null },
  { now, dueAt }: Times,
): Promise<void> {
  const first = { now, dueAt: new Date(dueAt.getTime() - 1_000) };
  await owe(
    trx,
    reportIds,
    'right',
    { event: sql`${`right:${issueId}`}`, issueId, updateId: closedBy },
    first,
  );
}

interface What {
  event: ReturnType<typeof sql>;
  issueId: string | null;
  updateId: string | null;
}

/** What was cancelled before it went is owed again; what went, or failed, is not. */
async function owe(
  trx: Trx,
  reportIds: string[],
  template: Template,
  { event, issueId, updateId }: What,
  { now, dueAt }: Times,
): Promise<void> {
  await sql`
    insert into delivery (event, template, issue_id, update_id, report_id, address, message_id, due_at, created_at)
    select distinct on (event, email_key) event, ${template}, coalesce(${issueId}, issue_id), ${updateId}, id, email,
      ${newMessageId}, ${dueAt}, ${now}
    from (select report.*, ${event} as event from report where id = any(${reportIds}::text[]) and email is not null) as told
    order by event, email_key, created_at desc, id
    on conflict (event, address_key) do update set
      state = 'queued', reason = null, ended_at = null, report_id = excluded.report_id, due_at = excluded.due_at,
      update_id = excluded.update_id
    where delivery.state = 'cancelled'`.execute(trx);
  if (template === 'resolved' && issueId) await settleReach(trx, issueId, now);
  await wakeNotifiers(trx);
}

/** What an answer is to one matter; the same words are the same answer. */
function answerOf(verdict: ReturnType<typeof sql>, answer: ReturnType<typeof sql>, report = 'report') {
  const matter = sql`coalesce(${sql.ref(`${report}.group_id`)}, ${sql.ref(`${report}.id`)})`;
  const words = sql`left(encode(sha256(convert_to(concat_ws(chr(10), ${verdict}, ${answer}), 'UTF8')), 'hex'), 16)`;
  return sql`concat_ws(':', 'answered', ${matter}, ${words})`;
}
