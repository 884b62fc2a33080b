import { sql } from 'kysely';
import type { Db } from '../src/db.ts';
import { newId } from '../src/ids.ts';

/** How large a page has become; what is open, waits or began lately is the same at every size. */
export interface Size {
  issues: number;
  reports: number;
}

const open = 30;
const recent = 50; // those that began in the last 90 days, the open ones among them
const inMonth = 40; // of the month that /history is asked for
const batch = 2_000;

/**
 * Fills an empty database with a page that has told of so many issues, most of them over, and heard so many reports.
 * Answers an open issue, and the month in which as many began at every size.
 */
export async function grow(db: Db, size: Size, now: Date): Promise<{ issue: string; month: string }> {
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 5));
  await sql`insert into component (id, name, position, created_at, updated_at)
    select left(md5('c' || n), 12), 'Part ' || n, n, ${now}::timestamptz - interval '900 days', ${now}::timestamptz - interval '900 days'
    from generate_series(0, 19) as n`.execute(db);
  await quietly(db, async () => {
    for (let from = 1; from <= size.issues; from += batch)
      await growIssues(db, from, Math.min(size.issues, from + batch - 1), month, now);
    const over = size.issues - open;
    const each = Math.max(1, Math.round((size.reports - open * 20) / over));
    for (let from = 1; from <= size.issues; from += batch)
      await growReports(db, from, Math.min(size.issues, from + batch - 1), each);
  });
  await growInbox(db, now);
  await sql`insert into setting (key, value) values ('counts_swept_at', ${now.toISOString()})
    on conflict (key) do update set value = excluded.value`.execute(db);
  await sql`vacuum analyze`.execute(db);
  const { rows } = await sql<{ id: string }>`select left(md5('i9'), 12) as id`.execute(db);
  return { issue: rows[0]!.id, month: month.toISOString().slice(0, 7) };
}

/** Without the triggers that make search words statement by statement; they are made once, in the same pieces. */
async function quietly(db: Db, work: () => Promise<void>): Promise<void> {
  for (const table of ['issue', 'issue_update'])
    await sql`alter table ${sql.table(table)} disable trigger user`.execute(db);
  await work();
  for (const table of ['issue', 'issue_update'])
    await sql`alter table ${sql.table(table)} enable trigger user`.execute(db);
}

async function growIssues(db: Db, from: number, to: number, month: Date, now: Date): Promise<void> {
  const told = Array.from({ length: to - from + 1 }, (_, i) => ({
    n: from + i,
    title: sentence(from + i, 6),
    message: sentence(from + i + 7_919, 24),
  }));
  await sql`
    insert into issue (id, kind, title, status, impact, workaround, resolution, next_update_at, started_at, scheduled_for,
      scheduled_until, resolved_at, created_at, updated_at)
    select left(md5('i' || n), 12), kind, title,
      case when n > ${open} then case kind when 'maintenance' then 'completed' else 'resolved' end
        when kind = 'maintenance' then case when n <= 28 then 'in_progress' else 'scheduled' end
        else 'identified' end,
      case kind when 'incident' then 'major' else 'minor' end,
      case when n % 3 = 0 then 'Use **the other button** meanwhile.' end,
      case when n > ${open} then 'fixed' end,
      case when n <= ${open} and kind <> 'maintenance' then ${now}::timestamptz + n * interval '1 hour' end,
      at, case kind when 'maintenance' then at + case when n <= 28 or n > ${open} then interval '0' else interval '9 days' end end,
      case kind when 'maintenance' then at + interval '10 days' end,
      case when n > ${open} then at + (1 + n % 48) * interval '1 hour' end, at,
      case when n > ${open} then at + (1 + n % 48) * interval '1 hour' else at + interval '2 hours' end
    from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as told (n integer, title text, message text)
    cross join lateral (select
      case when n <= 8 then 'incident' when n <= 26 then 'bug' when n <= ${open} then 'maintenance'
        when n % 10 < 6 then 'bug' when n % 10 < 9 then 'incident' else 'maintenance' end as kind,
      case when n <= ${open} then ${now}::timestamptz - n * interval '17 hours'
        when n <= 38 then ${now}::timestamptz - (n - 27) * interval '1 day'
        when n <= ${recent} then ${now}::timestamptz - (15 + (n - 38) * 6) * interval '1 day'
        when n <= ${recent + inMonth} then ${month}::timestamptz + (n - ${recent}) * interval '16 hours'
        else ${now}::timestamptz - interval '215 days' - ((n::bigint * 7919) % 515000) * interval '1 minute' - (n % 60) * interval '1 second'
      end as at) as made`.execute(db);
  const some = sql`issue.id in (select left(md5('i' || n), 12) from generate_series(${from}::int, ${to}::int) as n)`;
  await sql`
    insert into issue_update (id, issue_id, status, message, created_at)
    select left(md5(issue.id || step), 12), issue.id,
      case when step = 3 and resolved_at is not null then issue.status when kind = 'maintenance' then 'in_progress'
        when step = 1 then 'investigating' else 'identified' end,
      case step when 1 then told.message else 'We know more now. ' || left(told.message, 60) end,
      case when step = 3 and resolved_at is not null then resolved_at else issue.created_at + (step - 1) * interval '20 minutes' end
    from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as told (n integer, message text)
    join issue on issue.id = left(md5('i' || n), 12) cross join generate_series(1, 3) as step`.execute(db);
  await sql`
    insert into issue_component (issue_id, component_id, status, said_at)
    select id, left(md5('c' || ('x' || left(md5(id), 4))::bit(16)::int % 20), 12),
      case kind when 'incident' then 'partial_outage' when 'bug' then 'degraded_performance' else 'under_maintenance' end, created_at
    from issue where ${some}`.execute(db);
  await sql`
    insert into component_change (id, component_id, issue_id, old_status, new_status, at)
    select left(md5('b' || issue_id || step), 12), component_id, issue_id,
      case step when 1 then 'operational' else touch.status end, case step when 1 then touch.status else 'operational' end,
      case step when 1 then issue.created_at else issue.resolved_at end
    from issue join issue_component as touch on touch.issue_id = issue.id cross join generate_series(1, 2) as step
    where ${some} and issue.status <> 'scheduled' and (step = 1 or resolved_at is not null)
    order by issue.created_at, step`.execute(db);
  await sql`select search_refresh(array(select id from issue where ${some}))`.execute(db);
  await growLedger(db, some);
  if (to % 10_000 < batch) console.error(`  ${to} issues`);
}

/** Sealed, but with hashes that nobody could check: making a real chain would take longer than all the rest. */
async function growLedger(db: Db, some: ReturnType<typeof sql>): Promise<void> {
  await sql`
    with last as (select coalesce(max(seq), 0) as seq from ledger),
    entry as (
      select created_at as at, 'issue_opened' as type, id as issue_id,
        ledger_issue(id) - 'updates' || jsonb_build_object('status', case kind when 'maintenance' then 'scheduled' else 'investigating' end,
          'updates', '[]'::jsonb, 'resolution', null,
          'next_update_at', case when kind <> 'maintenance' then ledger_time(created_at + interval '30 minutes') end) as body
      from issue where ${some}
      union all
      select said.created_at, 'update_posted', issue.id, jsonb_build_object('update_id', said.id, 'status', said.status,
        'message', said.message, 'next_update_at', ledger_time(case when issue.resolved_at is null then issue.next_update_at end),
        'resolution', case when said.status in ('resolved', 'completed') then 'fixed' end, 'fixed_for', null)
      from issue_update as said join issue on issue.id = said.issue_id where ${some} and said.created_at > issue.created_at
      union all
      select coalesce(resolved_at, created_at) + interval '5 minutes', 'counted', id, jsonb_build_object('people', 10,
        'first_report_at', ledger_time(created_at - interval '10 minutes'), 'works', 3, 'works_not', 0)
      from issue where ${some}
      union all
      select said.created_at + interval '9 minutes', 'told', issue.id, jsonb_build_object('people', 10, 'update_id', said.id,
        'owed', 8, 'sent', 8, 'failed', 0, 'suppressed', 0, 'cancelled', 0, 'last_sent_at', ledger_time(said.created_at + interval '4 minutes'))
      from issue_update as said join issue on issue.id = said.issue_id where ${some} and said.status in ('resolved', 'completed'))
    insert into ledger (at, type, issue_id, body, seq, prev, hash)
    select at, type, issue_id, body, last.seq + place, md5((last.seq + place - 1)::text) || md5('p'),
      md5((last.seq + place)::text) || md5('p')
    from (select *, row_number() over (order by at) as place from entry) as entry, last`.execute(db);
}

async function growReports(db: Db, from: number, to: number, each: number): Promise<void> {
  const some = sql`issue.id in (select left(md5('i' || n), 12) from generate_series(${from}::int, ${to}::int) as n)`;
  await sql`
    insert into report (id, issue_id, state, source, email, message, created_at, linked_at, worked, worked_at)
    select left(md5(issue.id || 'r' || n), 12), issue.id, 'linked', 'me_too',
      case when n % 5 > 0 then 'p' || left(md5(issue.id || n), 8) || '@d' || n % 50 || '.example' end, 'It happens to me too, ' || n,
      issue.created_at + n * interval '1 minute', issue.created_at + n * interval '1 minute',
      case when n % 4 = 0 and resolved_at is not null then true end,
      case when n % 4 = 0 and resolved_at is not null then resolved_at + interval '1 hour' end
    from issue cross join lateral generate_series(1, case when resolved_at is null then 20 else ${each}::int end) as n
    where ${some}`.execute(db);
  await sql`
    insert into delivery (event, template, issue_id, update_id, report_id, address, message_id, state, due_at, created_at, ended_at)
    select 'resolved:' || said.id, 'resolved', issue.id, said.id, report.id, report.email, '<' || report.id || '@bench>', 'sent',
      said.created_at, said.created_at, said.created_at + interval '4 minutes'
    from issue join issue_update as said on said.issue_id = issue.id and said.status in ('resolved', 'completed')
    join report on report.issue_id = issue.id
    where ${some} and report.email is not null`.execute(db);
  if (to % 10_000 < batch) console.error(`  reports of ${to} issues`);
}

/** Sixty reports that nobody has handled, in their own words. */
async function growInbox(db: Db, now: Date): Promise<void> {
  const rows = Array.from({ length: 60 }, (_, n) => ({ id: newId(), message: sentence(n % 20, 9), n }));
  await sql`
    insert into report (id, source, email, message, created_at)
    select id, 'form', 'n' || n || '@example.com', message, ${now}::timestamptz - n * interval '7 minutes'
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (id text, message text, n integer)`.execute(
    db,
  );
}

const syllables =
  'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu ster ment tion ling port'.split(' ');

/** Words of a language with few common and many rare ones, the same for the same number. */
export function sentence(seed: number, words: number): string {
  let state = (seed * 2_654_435_761 + 12_345) % 2_147_483_647;
  const chance = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  for (let n = 0; n < 5; n++) chance();
  return Array.from({ length: words }, () => {
    let rank = Math.floor(Math.exp(chance() * Math.log(30_000)));
    let word = '';
    do {
      word += syllables[rank % syllables.length];
      rank = Math.floor(rank / syllables.length);
    } while (rank > 0);
    return `${word}${syllables[word.length % syllables.length]}`;
  }).join(' ');
}
