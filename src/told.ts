import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { Told } from './domain/told.ts';

/**
 * How far the news that an issue is over has gone to those who told us, by the mails of its newest closing; null while
 * it is open. One address is one person, and so is each report without one.
 */
export async function readTold(db: Db, issueId: string): Promise<(Told & { lastAt: Date | null }) | null> {
  const { rows } = await sql<Row>`
    with closing as (
      select u.id, u.issue_id, u.created_at from issue_update u join issue on issue.id = u.issue_id
      where u.issue_id = ${issueId} and issue.resolved_at is not null and u.status in ('resolved', 'completed')
      order by u.created_at desc, u.seq desc limit 1),
    mail as (
      select distinct on (d.address_key) d.address_key, d.report_id, d.state, d.waits_for_fix, d.created_at, d.ended_at,
        d.for_some and not exists (
          select from delivery later where later.event = 'reached:' || closing.id
            and later.address_key = d.address_key and later.state = 'sent') as for_some
      from delivery d join closing on d.update_id = closing.id
      where d.webhook_id is null and d.report_id is not null and d.template in ('resolved', 'right')
        and not starts_with(d.event, 'reached:')
      order by d.address_key, d.state = 'sent' desc, d.state = 'queued' desc, d.created_at),
    person as (
      select distinct on (coalesce(email_key, id)) id, email_key from report
      where issue_id = ${issueId} and stands)
    select closing.created_at as closed_at, counted.*,
      (select count(*) from mail join report on report.id = mail.report_id
        where mail.state = 'cancelled' and report.state = 'withdrawn') as "tookBack"
    from closing cross join lateral (
      select count(person.id) as people, count(person.id) filter (where person.email_key is null) as silent,
        count(*) filter (where mail.state = 'sent') as sent,
        count(*) filter (where mail.state = 'sent' and mail.for_some) as "forSome",
        count(*) filter (where mail.state = 'sent' and mail.created_at > closing.created_at) as "sentLater",
        count(*) filter (where mail.state = 'queued' and not mail.waits_for_fix) as waiting,
        count(*) filter (where mail.state = 'queued' and mail.waits_for_fix) as "waitingForFix",
        count(*) filter (where mail.state = 'failed') as failed,
        count(*) filter (where mail.state = 'suppressed') as suppressed,
        count(*) filter (where person.email_key is not null and coalesce(mail.state, 'cancelled') = 'cancelled') as unmailed,
        max(mail.ended_at) filter (where mail.state = 'sent' and mail.created_at <= closing.created_at) as last
      from person left join mail on mail.address_key = person.email_key) as counted`.execute(db);
  if (!rows[0]) return null;
  const { closed_at, last, ...counts } = rows[0];
  return { ...counts, lastAt: last, lastAfterMs: last && Math.max(0, last.getTime() - closed_at.getTime()) };
}

type Row = Omit<Told, 'lastAfterMs'> & { closed_at: Date; last: Date | null };
