import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { longestLapse, longestLead, type Nudge, nudgeDue } from '../domain/promise.ts';
import { newMessageId, wakeNotifiers } from './outbox.ts';

/** The acts of the console by which somebody speaks on an issue, as the audit names them. */
export const speaking = ['opened an issue', 'acknowledged an issue', 'posted an update', 'moved a promise'];
const most = 200;

/**
 * Owes staff, and the rooms that were chosen for it, the reminders of promises: one before a promise runs out, to
 * whoever spoke last on the issue, and one when it has run out, to everybody who wants them. Calling it twice, or in
 * several processes at once, owes each once. Answers how many reminders were begun.
 */
export async function oweNudges(db: Db, now: Date): Promise<number> {
  let begun = 0;
  for (const promise of await readRunningOut(db, now)) {
    const nudge = nudgeDue(promise, now);
    if (nudge === null) continue;
    const event = nudgeEvent(promise.id, promise.promisedAt, nudge);
    begun += await db.transaction().execute((trx) => owe(trx, { ...promise, nudge, event }, now));
  }
  return begun;
}

/** One reminder of one promise: an issue, the time promised, and which of the two it is. */
export function nudgeEvent(issueId: string, promisedAt: Date, nudge: Nudge): string {
  return ['nudge', issueId, promisedAt.getTime(), nudge].join(':');
}

interface Running {
  id: string;
  promisedAt: Date;
  madeAt: Date;
}

/** The ledger says since when a promise stands as it does. */
async function readRunningOut(db: Db, now: Date): Promise<Running[]> {
  const until = new Date(now.getTime() + longestLead);
  const { rows } = await sql<Running>`
    select issue.id, issue.next_update_at as "promisedAt", coalesce(made.at, issue.created_at) as "madeAt"
    from issue left join lateral (
      select at from ledger
      where ledger.issue_id = issue.id and (type in ('issue_opened', 'issue_taken_over', 'update_posted')
        or type = 'issue_changed' and body #> '{changes,next_update_at}' is not null)
      order by id desc limit 1) made on true
    where resolved_at is null and next_update_at <= ${until}
      and next_update_at >= ${new Date(now.getTime() - longestLapse)}
      and not exists (
        select from delivery where event = concat('nudge:', issue.id, ':',
          (extract(epoch from next_update_at) * 1000)::bigint, ':',
          case when next_update_at < ${now} then 'lapsed' else 'soon' end))
    order by next_update_at, issue.id limit ${most}`.execute(db);
  return rows;
}

/** Under the lock of the issue, so that of several processes one alone decides whom it goes to. */
async function owe(
  trx: Trx,
  { id, promisedAt, nudge, event }: Running & { nudge: Nudge; event: string },
  now: Date,
): Promise<number> {
  const { rows } = await sql`
    select id from issue where id = ${id} and resolved_at is null and next_update_at = ${promisedAt}
      and not exists (select from delivery where event = ${event})
    for update skip locked`.execute(trx);
  if (rows.length === 0) return 0;
  const last = nudge === 'soon' ? await lastToSpeak(trx, id) : '';
  const { numAffectedRows: people } = await sql`
    insert into delivery (event, template, issue_id, staff_id, address, message_id, due_at, created_at)
    select ${event}, 'nudge', ${id}, staff.id, staff.email, ${newMessageId}, ${now}, ${now}
    from staff where ${isNudged} and ${last}::text in ('', staff.id)
    on conflict (event, address_key) do nothing`.execute(trx);
  const { numAffectedRows: rooms } = await sql`
    insert into delivery (event, template, issue_id, webhook_id, address, message_id, due_at, created_at)
    select ${event}, 'nudge', ${id}, hook.id, 'hook@' || hook.id, ${newMessageId}, ${now}, ${now}
    from webhook hook
    where hook.nudges and hook.subscriber_id is null and hook.paused_at is null and hook.kind <> 'statuspage'
    on conflict (event, address_key) do nothing`.execute(trx);
  if (!people && !rooms) return 0;
  await wakeNotifiers(trx);
  return 1;
}

/** Of those who want reminders, who spoke last on the issue; empty where none of them did. */
async function lastToSpeak(trx: Trx, issueId: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    select staff.id from audit join staff on staff.id = audit.staff_id
    where audit.about = ${`issue:${issueId}`} and audit.act = any(${speaking}::text[]) and ${isNudged}
    order by audit.seq desc limit 1`.execute(trx);
  return rows[0]?.id ?? '';
}

const isNudged = sql<boolean>`(staff.nudges and staff.disabled_at is null and staff.role in ('support', 'owner'))`;
