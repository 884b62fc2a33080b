import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { becameOf, type Mailed, toldHer } from '../domain/own-mails.ts';
import type { Report } from '../tables.ts';

/** One mail to her, as her own page tells it: views/partials/own-mails.eta. */
export interface OwnMail {
  what: string;
  queued: Moment;
  became: string;
  /** When that was, or, of one that is tried again, when. */
  at: Moment | null;
}

/** The mails to her about this report. */
export interface OwnMails {
  mails: OwnMail[];
  /** There are older ones that are not shown. */
  more: boolean;
}

const most = 30;

/**
 * The mails that were made about a report, newest first: those made for it, and what went to its address about its issue
 * since that address was first written to for this very report. So whoever types somebody else's address learns nothing
 * of what that person told us before.
 */
export async function ownMails(
  db: Db,
  { id, issue_id, email_key }: Report,
  { now, toFiles }: { now: Date; toFiles: boolean },
): Promise<OwnMails> {
  const { rows } = await sql<Row>`
    with known as (
      select min(created_at) as since from delivery where report_id = ${id} and address_key = ${email_key})
    select d.template, d.state, d.reason, d.attempts, d.maybe_delivered, d.waits_for_fix, d.created_at, d.ended_at, d.due_at,
      d.address_key is distinct from ${email_key}::text as elsewhere,
      d.state = 'queued' and d.attempts > 0 and (d.last_error is null or (d.lease_until > ${now}) is true) as trying,
      exists (select from sending where paused_since is not null or held_since is not null) as resting
    from delivery d
    where d.webhook_id is null and d.report_id is not null and d.template = any(${Object.keys(toldHer)}::text[])
      and (d.report_id = ${id} or (d.address_key = ${email_key} and d.issue_id = ${issue_id} and d.update_id is not null
        and d.created_at >= (select since from known)))
    order by d.created_at desc, d.id desc limit ${most + 1}`.execute(db);
  return { mails: rows.slice(0, most).map((row) => toMail({ ...row, toFiles })), more: rows.length > most };
}

type Row = Mailed & { created_at: Date; ended_at: Date | null; due_at: Date };

function toMail(row: Row): OwnMail {
  const { text, withTime } = becameOf(row);
  return {
    what: toldHer[row.template]!,
    queued: moment(row.created_at),
    became: text,
    at: withTime ? moment(row.ended_at ?? row.due_at) : null,
  };
}
