import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { DeedFacts } from '../domain/deed-words.ts';

/** A step of staff and what became of it; null where there is none. */
export async function readDeed(db: Db, id: string): Promise<DeedFacts | null> {
  const { rows } = await sql<DeedFacts>`
    select deed.id, deed.kind, deed.at, deed.undone_at, deed.issue_id, issue.title, staff.name as who,
      (select count(*) from deed_report where deed_id = deed.id) as reports,
      (select count(*) from deed_report where deed_id = deed.id and state = 'answered') as answered, mails.*,
      case deed.kind when 'acknowledge' then (
        select count(*) from delivery where delivery.subscriber_id is not null and delivery.template = 'opened'
          and delivery.state in ('queued', 'sent') and delivery.update_id = (
            select id from issue_update where issue_id = deed.issue_id order by created_at, seq limit 1)
        ) else 0 end as heard
    from deed left join issue on issue.id = deed.issue_id left join staff on staff.id = deed.staff_id
    cross join lateral (
      select count(distinct address_key) filter (where delivery.state = 'queued') as waiting,
        count(distinct address_key) filter (where delivery.state = 'sent' and delivery.ended_at >= deed.at) as told
      from deed_report join delivery on delivery.report_id = deed_report.report_id
      where deed_report.deed_id = deed.id and case deed.kind
        when 'answer' then delivery.template = 'answered'
        when 'spam' then false
        else delivery.template in ('linked', 'resolved', 'right') and delivery.issue_id = deed.issue_id end) as mails
    where deed.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

/** Who handled reports alike to those of a step shortly before it. */
export async function whoWasQuicker(db: Db, deedId: string): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    select staff.name from deed join deed as other
      on other.id <> deed.id and other.undone_at is null
      and other.at between deed.at - interval '1 hour' and deed.at
    join staff on staff.id = other.staff_id
    where deed.id = ${deedId} and other.staff_id is distinct from deed.staff_id and exists (
      select from deed_report theirs join report as one on one.id = theirs.report_id
      where theirs.deed_id = other.id and one.group_id in (
        select two.group_id from deed_report ours join report as two on two.id = ours.report_id where ours.deed_id = deed.id))
    order by other.at desc limit 1`.execute(db);
  return rows[0]?.name ?? null;
}
