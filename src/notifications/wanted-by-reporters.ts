import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import type { Condition, Traits } from '../domain/affected.ts';
import { fixSaid } from '../domain/affected-words.ts';
import { isClosed, type Kind, type Resolution, type Status } from '../domain/lifecycle.ts';
import type { ReportState, Template, Verdict } from '../domain/words.ts';
import { sha256 } from '../ids.ts';
import type { ReporterMatter, ToldBefore, Unwanted } from './matter.ts';
import { toldBefore } from './told-before.ts';

/**
 * Of mails to reporters, each by its id: what it is about, or why nobody wants it any more. News of an issue, and an
 * answer to a group, go to an address as long as any of its reports stands there.
 */
export async function wantedByReporters(
  db: Db | Trx,
  ids: string[],
): Promise<Map<string, ReporterMatter | Unwanted>> {
  const rows = await read(db, ids);
  return new Map(rows.map((row) => [row.id, unwanted(row) ?? matterOf(row)]));
}

function unwanted(row: Row): Unwanted | null {
  if (row.suppressed !== null)
    return { state: 'suppressed', reason: `no mail goes to this address: ${row.suppressed}` };
  const reason = row.standing_id === null ? whyNobody(row) : whyNot(row);
  return reason === null ? null : { state: 'cancelled', reason };
}

function whyNobody(row: Row): string {
  if (row.state === null) return 'the report was deleted';
  if (row.state === 'withdrawn') return 'the reporter withdrew the report';
  if (row.state === 'spam') return 'the report was marked as spam';
  if (row.email_key === null) return 'the reporter removed the address';
  if (row.email_key !== row.address_key) return 'the reporter changed the address';
  if (row.template === 'right') return 'staff took the step back';
  return 'the report was moved to another issue';
}

function whyNot(row: Row): string | null {
  switch (row.template) {
    case 'resolved':
      if (row.reopened || !row.status || !isClosed(row.status)) return 'the issue was opened again';
      return isReached(row) ? whyNotReached(row) : null;
    case 'reopened':
    case 'returned':
      return whyNotBack(row);
    case 'update':
      return row.said === null ? 'the update is gone' : null;
    case 'answered':
      return whyNotAnswered(row);
    case 'merged':
      return row.came_from === null ? 'the two issues were split again' : whyOvertaken(row);
    case 'linked':
      return row.caught_up ? 'an update that was mailed meanwhile says it too' : whyOvertaken(row);
    default:
      return null;
  }
}

/** The second word on a fix that went out step by step: owed by `oweReached`. */
function isReached({ event }: Row): boolean {
  return event.startsWith('reached:');
}

function whyNotReached({ told_some, fixed_for, uses }: Row): string | null {
  if (!told_some) return 'the mail before it says it too';
  const stands = fixSaid(fixed_for, uses ?? [], false).for;
  return stands === 'perhaps' || stands === 'waits' ? 'we do not know that the fix has reached her' : null;
}

/** That something came back, old or new: not once it is over again, and not to whoever stands with the new one already. */
function whyNotBack({ said, status, joined }: Row): string | null {
  if (said === null || !status) return 'the update is gone';
  if (isClosed(status)) return 'it was over again before this could be sent';
  return joined ? 'she is with it already' : null;
}

/** That we know of it, or follow it elsewhere, is no news to whoever hears that it is over. */
function whyOvertaken({ overtaken }: Row): string | null {
  return overtaken ? 'the mail that it is over says it too' : null;
}

/** An answer is mailed as it was given; a later one has a mail of its own. Its event carries the words' hash. */
function whyNotAnswered({ event, verdict, answer }: Row): string | null {
  if (answer === null) return 'the answer was taken back';
  const words = /^answered:[^:]+:([0-9a-f]{16})(?::|$)/.exec(event)?.[1];
  const same = words === undefined || sha256(`${verdict}\n${answer}`).startsWith(words);
  return same ? null : 'another answer took its place';
}

function matterOf(row: Row): ReporterMatter {
  const { issue_id, kind, title, status } = row;
  return {
    for: 'reporter',
    reportId: row.standing_id!,
    reportedAt: row.standing_since!,
    verdict: row.verdict,
    answer: row.answer,
    answeredAt: row.answered_at,
    issue:
      issue_id === null
        ? null
        : {
            id: issue_id,
            kind: kind!,
            title: title!,
            status: status!,
            workaround: row.workaround,
            resolution: row.resolution,
            resolvedAt: row.resolved_at,
            nextUpdateAt: row.next_update_at,
            fixedFor: row.fixed_for,
          },
    cameFrom: row.came_from,
    other: row.other,
    update: row.said === null ? null : { status: row.said_status!, message: row.said },
    subscriberId: null,
    uses: row.uses ?? [],
    wentOn: row.went_on,
    toldSome: isReached(row),
    toldBefore: row.told_before,
  };
}

interface Row {
  id: string;
  template: Template;
  event: string;
  report_id: string | null;
  address_key: string;
  suppressed: string | null;
  /** The report the mail was made for. */
  state: ReportState | null;
  email_key: string | null;
  verdict: Verdict | null;
  answer: string | null;
  answered_at: Date | null;
  /** The report for whose sake the mail still goes; null when there is none. */
  standing_id: string | null;
  standing_since: Date | null;
  /** The title under which she told us, where a merge brought a report of hers here. */
  came_from: string | null;
  issue_id: string | null;
  kind: Kind | null;
  title: string | null;
  status: Status | null;
  workaround: string | null;
  resolution: Resolution | null;
  resolved_at: Date | null;
  next_update_at: Date | null;
  fixed_for: Condition[] | null;
  /** Null where she told us of none. */
  uses: Traits[] | null;
  went_on: boolean;
  /** Of the second word on a fix: another mail about the same closing told her that it is fixed for some. */
  told_some: boolean;
  /** What the last word said that reached her on an earlier end of this issue; null where there was none. */
  told_before: ToldBefore;
  other: string | null;
  said: string | null;
  said_status: Status | null;
  reopened: boolean;
  /** Of the return of an issue: a report of hers stands with the new one too. */
  joined: boolean;
  /** The issue was closed after this mail was owed, and she is told that too. */
  overtaken: boolean;
  /** While the word that we know of it waited, in case staff took it back, she was mailed what happened next. */
  caught_up: boolean;
}

async function read(db: Db | Trx, ids: string[]): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select d.id, d.template, d.event, d.report_id, d.address_key,
      s.reason as suppressed,
      own.state, own.email_key, own.verdict, own.answer, own.answered_at,
      standing.id as standing_id, standing.created_at as standing_since, carried.title as came_from,
      i.id as issue_id, i.kind, i.title, i.status, i.workaround, i.resolution, i.resolved_at, i.next_update_at, i.fixed_for,
      hers.uses, d.template = 'resolved' and exists (
        select from issue_edit wider
        where wider.issue_id = i.id and wider.field = 'fixed_for' and wider.edited_at >= d.created_at) as went_on,
      starts_with(d.event, 'reached:') and exists (
        select from delivery earlier
        where earlier.update_id = d.update_id and earlier.address_key = d.address_key
          and earlier.for_some and earlier.state = 'sent') as told_some,
      ${toldBefore} as told_before,
      other.title as other, u.message as said, u.status as said_status,
      exists (
        select from issue_update later
        where later.issue_id = u.issue_id and (later.created_at, later.seq) > (u.created_at, u.seq)
          and later.status not in ('resolved', 'completed')) as reopened,
      d.template = 'returned' and exists (
        select from report r where r.issue_id = d.issue_id and r.email_key = d.address_key and r.stands) as joined,
      d.template in ('merged', 'linked') and i.resolved_at is not null and exists (
        select from delivery news
        where news.event = 'resolved:' || closing.id and news.address_key = d.address_key
          and news.created_at >= d.created_at
          and (news.state = 'sent' or news.state = 'queued' and not news.waits_for_fix)) as overtaken,
      d.template = 'linked' and exists (
        select from issue_update meanwhile
        join delivery news on news.event = 'update:' || meanwhile.id and news.address_key = d.address_key
        where meanwhile.issue_id = d.issue_id and meanwhile.created_at >= d.created_at
          and news.created_at >= d.created_at and news.created_at < d.due_at
          and news.state in ('queued', 'sent')) as caught_up
    from delivery d
    left join suppression s on s.address_key = d.address_key
    left join report own on own.id = d.report_id
    left join lateral (
      select r.id, r.created_at from report r
      where r.email_key = d.address_key and r.stands and case
        when d.template = 'receipt' then r.id = d.report_id
        when d.template = 'answered' then r.id = d.report_id
          or (r.state, r.verdict, r.answer, r.group_id) = ('answered', own.verdict, own.answer, own.group_id)
        when d.template = 'right' then r.was_right_at is not null and (r.id = d.report_id or r.issue_id = d.issue_id)
        when d.template = 'returned' then r.issue_id = d.other_issue_id
        when d.template = 'update' and r.merged_from is not null and r.id = d.report_id then true
        else r.issue_id = d.issue_id end
      order by r.id = d.report_id desc nulls last, r.created_at desc, r.id limit 1) standing on true
    left join lateral (
      select came.title from report r join issue came on came.id = r.merged_from
      where r.issue_id = d.issue_id and r.email_key = d.address_key and r.stands
      order by r.created_at desc, r.id limit 1) carried on d.template in ('resolved', 'update', 'merged', 'reopened')
    left join issue i on i.id = case d.template
      when 'receipt' then coalesce(own.issue_id, d.issue_id) when 'right' then coalesce(own.issue_id, d.issue_id)
      else coalesce(d.issue_id, own.issue_id) end
    left join lateral (
      select jsonb_agg(r.traits order by r.created_at desc, r.id) as uses from report r
      where r.issue_id = i.id and r.email_key = d.address_key and r.stands and r.traits is not null
    ) hers on d.template in ('resolved', 'receipt', 'right')
    left join issue other on other.id = d.other_issue_id
    left join issue_update u on u.id = case d.template when 'linked' then (
      select latest.id from issue_update latest where latest.issue_id = d.issue_id
      order by latest.created_at desc, latest.seq desc limit 1) else d.update_id end
    left join lateral (
      select c.id from issue_update c
      where c.issue_id = d.issue_id and c.status in ('resolved', 'completed')
      order by c.created_at desc, c.seq desc limit 1) closing on d.template in ('merged', 'linked')
    where d.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}
