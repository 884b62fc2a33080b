import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { isClosed, type Kind, type Resolution, type Status } from '../domain/lifecycle.ts';
import type { ReportState, Verdict } from '../domain/words.ts';
import type { Delivery } from '../tables.ts';

/** What a mail is about, as it stands now. Nothing a visitor typed is in it. */
export interface Matter {
  reportId: string;
  reportedAt: Date;
  verdict: Verdict | null;
  answer: string | null;
  issue: {
    id: string;
    kind: Kind;
    title: string;
    status: Status;
    workaround: string | null;
    resolution: Resolution | null;
    resolvedAt: Date | null;
    nextUpdateAt: Date | null;
  } | null;
  update: { status: Status; message: string } | null;
}

export type Unwanted = { state: 'cancelled' | 'suppressed'; reason: string };

/**
 * Looks once more, just before sending, whether she still wants this mail and it is still true; answers what it
 * is about, or why it must not go. News of an issue go to an address as long as any of its reports stands.
 */
export async function stillWanted(db: Db, delivery: Delivery): Promise<Matter | Unwanted> {
  const row = await read(db, delivery);
  if (row.suppressed !== null) {
    return { state: 'suppressed', reason: `no mail goes to this address: ${row.suppressed}` };
  }
  const reason = whyNot(delivery, row);
  if (reason) return { state: 'cancelled', reason };
  const { issue_id, kind, title, status } = row;
  return {
    reportId: row.standing_id!,
    reportedAt: row.standing_since!,
    verdict: row.verdict,
    answer: row.answer,
    issue: issue_id && {
      id: issue_id,
      kind: kind!,
      title: title!,
      status: status!,
      workaround: row.workaround,
      resolution: row.resolution,
      resolvedAt: row.resolved_at,
      nextUpdateAt: row.next_update_at,
    },
    update: row.said === null ? null : { status: row.said_status!, message: row.said },
  } as Matter;
}

function whyNot(delivery: Delivery, row: Row): string | null {
  if (row.standing_id === null) {
    if (row.state === null) return 'the report was deleted';
    if (row.state === 'withdrawn') return 'the reporter withdrew the report';
    if (row.email_key === null) return 'the reporter removed the address';
    if (row.email_key !== delivery.address_key) return 'the reporter changed the address';
    return 'the report was moved to another issue';
  }
  switch (delivery.template) {
    case 'resolved':
      return row.reopened || !row.status || !isClosed(row.status) ? 'the issue was opened again' : null;
    case 'update':
      return row.said === null ? 'the update is gone' : null;
    case 'linked':
      return row.own_issue_id === delivery.issue_id ? null : 'the report was moved to another issue';
    case 'answered':
      return row.answer === null ? 'the answer was taken back' : null;
    default:
      return null;
  }
}

interface Row {
  suppressed: string | null;
  /** The report the mail was made for. */
  state: ReportState | null;
  email_key: string | null;
  own_issue_id: string | null;
  verdict: Verdict | null;
  answer: string | null;
  /** The report for whose sake the mail still goes; null when there is none. */
  standing_id: string | null;
  standing_since: Date | null;
  issue_id: string | null;
  kind: Kind | null;
  title: string | null;
  status: Status | null;
  workaround: string | null;
  resolution: Resolution | null;
  resolved_at: Date | null;
  next_update_at: Date | null;
  said: string | null;
  said_status: Status | null;
  reopened: boolean;
}

async function read(db: Db, { id, template }: Delivery): Promise<Row> {
  const aboutTheIssue = sql`r.issue_id = d.issue_id`;
  const aboutHerReport = sql`r.id = d.report_id`;
  const { rows } = await sql<Row>`
    select s.reason as suppressed,
      own.state, own.email_key, own.issue_id as own_issue_id, own.verdict, own.answer,
      standing.id as standing_id, standing.created_at as standing_since,
      i.id as issue_id, i.kind, i.title, i.status, i.workaround, i.resolution, i.resolved_at, i.next_update_at,
      u.message as said, u.status as said_status,
      exists (
        select from issue_update later
        where later.issue_id = u.issue_id and (later.created_at, later.seq) > (u.created_at, u.seq)
          and later.status not in ('resolved', 'completed')) as reopened
    from delivery d
    left join suppression s on s.address_key = d.address_key
    left join report own on own.id = d.report_id
    left join lateral (
      select r.id, r.created_at from report r
      where ${template === 'resolved' || template === 'update' ? aboutTheIssue : aboutHerReport}
        and r.email_key = d.address_key and r.stands
      order by r.id = d.report_id desc nulls last, r.created_at desc, r.id limit 1) standing on true
    left join issue i on i.id = coalesce(d.issue_id, own.issue_id)
    left join issue_update u on u.id = d.update_id
    where d.id = ${id}`.execute(db);
  if (!rows[0]) throw new Error('the delivery is gone');
  return rows[0];
}
