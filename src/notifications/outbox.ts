import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import type { Draft, Template } from '../domain/words.ts';
import { closingUpdate } from '../issue-row.ts';
import { readReached, settleReach } from './rollout.ts';

/** The channel on which a commit that queues mail wakes every notifier. */
export const outboxChannel = 'outbox';

/** One mail to one person about her own report. */
export interface PersonalMail {
  template: Extract<Template, 'receipt' | 'linked' | 'answered' | 'resolved'>;
  reportId: string;
  address: string;
  issueId?: string | null;
  /** For `resolved`: the update that closed the issue before she told us. */
  updateId?: string;
  /** Tells apart several mails of one template about one report: what was answered. */
  occasion?: string;
  /** Not before this time, so that the step which owes it can be taken back. */
  dueAt?: Date;
}

/**
 * Queues one mail to every reporter of an issue who left an address, in the transaction of the update that
 * is its news, and answers how many. One event reaches one address once, however many reports it stands on;
 * calling twice adds nothing. The caller holds the issue's row lock, so that no report falls between.
 */
export async function oweReporters(
  trx: Trx,
  template: Extract<Template, 'resolved' | 'update'>,
  update: { id: string; issueId: string },
  now: Date,
): Promise<number> {
  const event = `${template}:${update.id}`;
  // Nobody else owes this event, as the row is locked: leaving out who is told already is a fifth cheaper than a conflict.
  const { numAffectedRows } = await sql`
    insert into delivery (event, template, issue_id, update_id, report_id, address, message_id, due_at, created_at)
    select distinct on (email_key) ${event}, ${template}, issue_id, ${update.id}, id, email, ${newMessageId}, ${now}, ${now}
    from report
    where issue_id = ${update.issueId} and stands and email is not null and not exists (
      select from delivery told where told.event = ${event} and told.address_key = email_key)
    order by email_key, created_at desc`.execute(trx);
  if (template === 'resolved') await settleReach(trx, update.issueId, now);
  await wakeNotifiers(trx);
  return Number(numAffectedRows ?? 0);
}

/**
 * Tells those whom the fix of an issue has reached since, each once, in the transaction that says so, and lets the
 * others wait; also whoever was told that it is fixed for some. The caller holds the issue's row lock. Calling twice
 * tells nobody more.
 */
export async function oweReached(trx: Trx, issueId: string, now: Date): Promise<void> {
  await settleReach(trx, issueId, now);
  await oweToldForSome(trx, issueId, now);
  await wakeNotifiers(trx);
}

/** A mail that is being sent at this moment may say so too: the second one looks, when the first has ended. */
async function oweToldForSome(trx: Trx, issueId: string, now: Date): Promise<void> {
  const closing = await closingUpdate(trx, issueId);
  const { fixed_for, resolved_at } = await trx
    .selectFrom('issue')
    .select(['fixed_for', 'resolved_at'])
    .where('id', '=', issueId)
    .executeTakeFirstOrThrow();
  if (!closing || resolved_at === null) return;
  const reached = fixed_for && (await readReached(trx, issueId, fixed_for));
  await sql`
    insert into delivery (event, template, issue_id, update_id, report_id, address, message_id, due_at, created_at)
    select distinct on (email_key) ${`reached:${closing.id}`}, 'resolved', report.issue_id, ${closing.id}, report.id,
      report.email, ${newMessageId}, greatest(${now}::timestamptz, earlier.lease_until), ${now}
    from delivery earlier join report on report.email_key = earlier.address_key
    where earlier.update_id = ${closing.id} and earlier.template in ('resolved', 'right')
      and earlier.event <> ${`reached:${closing.id}`}
      and (earlier.state = 'sent' and earlier.for_some or earlier.state = 'queued' and earlier.lease_until > ${now}
        and exists (
          select from issue_edit where issue_edit.issue_id = ${issueId} and field = 'fixed_for'
            and edited_at >= (select created_at from issue_update where id = ${closing.id})))
      and report.issue_id = ${issueId} and report.stands and report.email is not null
      and (${reached}::text[] is null or email_key = any(${reached}::text[]))
    order by email_key, earlier.lease_until desc nulls last, report.created_at desc
    on conflict (event, address_key) do update
    set state = 'queued', reason = null, ended_at = null, due_at = excluded.due_at, report_id = excluded.report_id
    where delivery.state = 'cancelled'`.execute(trx);
}

/**
 * Queues one personal mail in the transaction of what it tells. Calling twice for the same event adds nothing; one
 * that was cancelled before it went is owed again.
 */
export async function owePerson(trx: Trx, mail: PersonalMail, now: Date): Promise<void> {
  await trx
    .insertInto('delivery')
    .values({
      event: eventOf(mail),
      template: mail.template,
      issue_id: mail.issueId ?? null,
      update_id: mail.updateId ?? null,
      report_id: mail.reportId,
      address: mail.address,
      message_id: newMessageId,
      reason: null,
      last_error: null,
      due_at: mail.dueAt ?? now,
      created_at: now,
      lease_token: null,
      lease_until: null,
      ended_at: null,
    })
    .onConflict((oc) =>
      oc
        .columns(['event', 'address_key'])
        .doUpdateSet({ state: 'queued', reason: null, ended_at: null, due_at: mail.dueAt ?? now })
        .where('delivery.state', '=', 'cancelled'),
    )
    .execute();
  if (mail.template === 'resolved' && mail.issueId) await settleReach(trx, mail.issueId, now);
  await wakeNotifiers(trx);
}

/**
 * Cancels what is still queued for an issue (a reopen takes "it is fixed" back) and answers how many. A mail that
 * is being sent at this moment is left to its sender, who writes down whether it went.
 */
export async function cancelQueued(
  trx: Trx,
  about: { issueId: string; template: Template },
  reason: string,
  now: Date,
): Promise<number> {
  const { numUpdatedRows } = await trx
    .updateTable('delivery')
    .set({ state: 'cancelled', reason, ended_at: now, lease_token: null, lease_until: null })
    .where('issue_id', '=', about.issueId)
    .where('template', '=', about.template)
    .where('state', '=', 'queued')
    .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

/** Queues the mail with a link that lets somebody of staff in. Calling twice for one link adds nothing. */
export async function oweStaffLink(
  trx: Trx,
  { linkId, address }: { linkId: string; address: string },
  now: Date,
): Promise<void> {
  await sql`
    insert into delivery (event, template, staff_link_id, address, message_id, due_at, created_at)
    values (${`invited:${linkId}`}, 'invited', ${linkId}, ${address}, ${newMessageId}, ${now}, ${now})
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
}

/** Queues the mail about a draft to whoever wrote it; each call is a mail of its own. */
export async function oweRehearsal(
  trx: Trx,
  { issueId, address, draft }: { issueId: string; address: string; draft: Draft },
  now: Date,
): Promise<void> {
  await sql`
    insert into delivery (event, template, issue_id, draft, address, message_id, due_at, created_at)
    values ('rehearsal:' || gen_random_uuid(), 'rehearsal', ${issueId}, ${JSON.stringify(draft)}::jsonb, ${address},
      ${newMessageId}, ${now}, ${now})`.execute(trx);
  await wakeNotifiers(trx);
}

/**
 * Queues the mails that ask the owners of addresses whether they want to hear from us. Calling twice for the same
 * occasions adds nothing. Whoever calls has seen to it that nobody is flooded; for nobody it takes as long.
 */
export async function oweConfirms(
  trx: Trx,
  asked: readonly { subscriberId: string; address: string; occasion: string }[],
  now: Date,
): Promise<void> {
  await sql`
    insert into delivery (event, template, subscriber_id, address, message_id, due_at, created_at)
    select 'confirm:' || one."subscriberId" || ':' || one.occasion, 'confirm', one."subscriberId", one.address,
      ${newMessageId}, ${now}::timestamptz, ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as one ("subscriberId" text, address text, occasion text)
    on conflict (event, address_key) do nothing`.execute(trx);
  await wakeNotifiers(trx);
}

/** Wakes every notifier when this transaction commits. */
export async function wakeNotifiers(db: Db | Trx): Promise<void> {
  await sql`select pg_notify(${outboxChannel}, '')`.execute(db);
}

/** The right-hand side is set from BASE_URL at start; see migrations/0001. */
export const newMessageId = sql<string>`'<' || ordered_uuid() || '@' || (select value from setting where key = 'mail_host') || '>'`;

function eventOf(mail: PersonalMail): string {
  switch (mail.template) {
    case 'resolved':
      return `resolved:${mail.updateId}`;
    case 'linked':
      return `linked:${mail.reportId}:${mail.issueId}`;
    default:
      return [mail.template, mail.reportId, mail.occasion].filter(Boolean).join(':');
  }
}
