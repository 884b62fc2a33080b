import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { type Counts, countsAfter, countsFellSilently, noCounts, type Told } from '../domain/counts.ts';
import type { Statement } from '../domain/ledger.ts';
import { stateAll } from './state.ts';

/** What stands now of an issue's counts, and which of its mails are still under way. */
export type CountsNow = Counts & { underWay: string[] };

/**
 * States of these issues how many told us, how many say it works and how many were told, where that is not what was
 * stated last. Whoever lets such a count fall calls it in the same transaction, as the last thing that it does: it
 * counts under a lock of its own, which it holds until the commit. Calling twice adds nothing.
 */
export async function stateCounts(trx: Trx, issueIds: readonly (string | null)[], now: Date): Promise<void> {
  const ids = [...new Set(issueIds)].filter((id) => id !== null);
  if (ids.length === 0) return;
  await sql`
    select pg_advisory_xact_lock(${counting}, one.key)
    from (select distinct hashtext(id) as key from unnest(${ids}::text[]) as of (id) order by key) as one`.execute(
    trx,
  );
  await stateAll(trx, await unstated(trx, ids), now);
}

const counting = 0x636f756e; // "coun"

/** What of these issues' counts is not as it was stated last, as it would be stated. */
export async function unstated(db: Db | Trx, ids: readonly string[]): Promise<Statement[]> {
  const stands = await readCountsNow(db, ids);
  const stated = await readCountsStated(db, ids);
  return ids.flatMap((id) => changed(id, stated.get(id) ?? noCounts, stands.get(id)!));
}

/**
 * How the counts of these issues stand; each of them has an entry. To hold them against the ledger read both in one
 * snapshot (a `repeatable read` transaction), with what is not sealed yet.
 */
export async function readCountsNow(db: Db | Trx, ids: readonly string[]): Promise<Map<string, CountsNow>> {
  const found = new Map<string, CountsNow>(ids.map((id) => [id, { ...noCounts, told: [], underWay: [] }]));
  for (const { id, first, ...counts } of await countReports(db, ids)) {
    Object.assign(found.get(id)!, counts, { first_report_at: first?.toISOString() ?? null });
  }
  for (const { id, waiting, last, ...told } of await countMails(db, ids)) {
    const of = found.get(id)!;
    of.told.push({ ...told, last_sent_at: last?.toISOString() ?? null });
    if (waiting > 0) of.underWay.push(told.update_id);
  }
  return found;
}

/** What the ledger has stated of the counts of these issues; those without a statement are missing. */
export async function readCountsStated(
  db: Db | Trx,
  ids: readonly string[],
): Promise<Map<string, Readonly<Counts>>> {
  const { rows } = await sql<{ id: string; type: string; body: object }>`
    select wanted.id, last.type, last.body from unnest(${ids}::text[]) as wanted (id) cross join lateral (
      (select type, body, 0 as place from ledger
        where issue_id = wanted.id and type = 'counted' order by id desc limit 1)
      union all
      (select distinct on (body ->> 'update_id') type, body, id as place from ledger
        where issue_id = wanted.id and type = 'told' order by body ->> 'update_id', id desc)) as last
    order by last.place`.execute(db);
  const found = new Map<string, Readonly<Counts>>();
  for (const { id, type, body } of rows) {
    const statement = { ...body, type, issue_id: id } as Statement;
    found.set(id, countsAfter(found.get(id) ?? noCounts, statement));
  }
  return found;
}

interface ReportCounts {
  id: string;
  people: number;
  first: Date | null;
  works: number;
  works_not: number;
}

/** One address is one person, as in src/people.ts; her latest word since the last closing is her word. */
async function countReports(db: Db | Trx, ids: readonly string[]): Promise<ReportCounts[]> {
  const { rows } = await sql<ReportCounts>`
    select wanted.id, told.*, said.* from unnest(${ids}::text[]) as wanted (id)
    cross join lateral (
      select count(distinct email_key) + count(*) - count(email_key) as people, min(created_at) as first
      from report where issue_id = wanted.id and stands) as told
    cross join lateral (
      select count(*) filter (where worked) as works, count(*) filter (where not worked) as works_not from (
        select distinct on (coalesce(email_key, id)) worked from report
        where issue_id = wanted.id and stands and worked_at >= (
          select max(created_at) from issue_update where issue_id = wanted.id and status in ('resolved', 'completed'))
        order by coalesce(email_key, id), worked_at desc, id) as latest) as said`.execute(db);
  return rows;
}

type MailCounts = Omit<Told, 'last_sent_at'> & { id: string; last: Date | null; waiting: number };

/** What waits until the fix reaches somebody is no news that is late; who hears of it twice, first for some, is one. */
async function countMails(db: Db | Trx, ids: readonly string[]): Promise<MailCounts[]> {
  const { rows } = await sql<MailCounts>`
    select over.issue_id as id, over.id as update_id, count(mail.id) as owed,
      count(*) filter (where mail.state = 'sent') as sent,
      count(*) filter (where mail.state = 'failed') as failed,
      count(*) filter (where mail.state = 'suppressed') as suppressed,
      count(*) filter (where mail.state = 'cancelled') as cancelled,
      count(*) filter (where mail.state = 'queued' and not mail.waits_for_fix) as waiting,
      max(mail.ended_at) filter (where mail.state = 'sent' and mail.created_at <= over.created_at) as last
    from issue_update as over
    left join delivery as mail on mail.update_id = over.id and mail.template in ('resolved', 'right')
      and mail.report_id is not null and mail.webhook_id is null and not starts_with(mail.event, 'reached:')
    where over.issue_id = any(${ids}::text[]) and over.status in ('resolved', 'completed')
    group by over.id order by over.created_at, over.seq`.execute(db);
  return rows;
}

/** News that are still under way are stated when they have arrived, unless less of them stands than was stated. */
function changed(issue_id: string, stated: Readonly<Counts>, now: CountsNow): Statement[] {
  const { people, first_report_at, works, works_not } = now;
  const told = now.told.filter((is) => {
    const was = stated.told.find((one) => one.update_id === is.update_id);
    if (!was) return (people > 0 || is.owed > 0) && !now.underWay.includes(is.update_id);
    const arrived = !now.underWay.includes(is.update_id) && !isSame(was, is);
    return arrived || countsFellSilently({ ...noCounts, told: [was] }, now).length > 0;
  });
  const counted = { people, first_report_at, works, works_not };
  const { told: _, ...was } = stated;
  return [
    ...(isSame(was, counted) ? [] : [{ type: 'counted' as const, issue_id, ...counted }]),
    ...told.map((one) => ({ type: 'told' as const, issue_id, people, ...one })),
  ];
}

function isSame<Of extends object>(a: Of, b: Of): boolean {
  return (Object.keys(a) as (keyof Of)[]).every((key) => a[key] === b[key]);
}
