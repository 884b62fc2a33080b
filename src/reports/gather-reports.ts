import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { alikeFrom, likeness, readStems, tellingOf } from '../domain/alike.ts';
import { undoMs } from '../domain/undo.ts';

const batch = 500; // reports of one transaction
const mostLeaders = 3_000; // groups they are held against
const togetherMs = 7 * 24 * 3_600_000;
const keptMs = 2 * undoMs;

/**
 * Puts new reports that nobody looked at into groups of alike ones, oldest first, and answers how many; at most `most`.
 * Reports of an issue are gathered by it, others by their words, each with the group whose first report is most like
 * it. Safe to call at any time from any replica: only one gathers at once, the others do nothing.
 */
export async function gatherReports(db: Db, now: Date, { most = 10_000 } = {}): Promise<number> {
  if (!(await isSomeLoose(db))) return 0;
  let gathered = 0;
  while (gathered < most) {
    const limit = Math.min(batch, most - gathered);
    const some = await db.transaction().execute((trx) => gatherSome(trx, limit, now));
    gathered += some;
    if (some < limit) break;
  }
  return gathered;
}

/** So that on a quiet day a tick is one question, and writes nothing. */
async function isSomeLoose(db: Db): Promise<boolean> {
  const { rows } = await sql`
    select from report where state = 'new' and group_id is null limit 1`.execute(db);
  return rows.length > 0;
}

/** Forgets groups to which nothing new belongs, and which no step that can be taken back would fill again. */
export async function forgetOldGroups(db: Db, now: Date): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await takeTurn(trx))) return;
    const before = new Date(now.getTime() - keptMs);
    await sql`
      delete from report_group where newest_at < ${before} and not exists (
        select from report where report.group_id = report_group.id and (report.state = 'new' or exists (
          select from deed_report join deed on deed.id = deed_report.deed_id
          where deed_report.report_id = report.id and deed.at >= ${before})))`.execute(trx);
    // A step may have been taken back in this very moment: its reports are gathered anew.
    await sql`
      update report set group_id = null where id in (
        select id from report where state = 'new' and group_id is not null
          and not exists (select from report_group where report_group.id = report.group_id)
        for no key update skip locked)`.execute(trx);
  });
}

interface Leader {
  id: string;
  stems: string[];
  newest_at: Date;
}

interface Loose {
  id: string;
  issue_id: string | null;
  /** Its words, as the search reads them. */
  stems: string[];
  /** When it was told us, or, where it is new again, when it became so. */
  at: Date;
}

async function gatherSome(trx: Trx, limit: number, now: Date): Promise<number> {
  if (!(await takeTurn(trx))) return 0;
  const loose = await readLoose(trx, limit, now);
  if (loose.length === 0) return 0;
  const byIssue = loose.filter((one) => one.issue_id !== null);
  const places = [
    ...(await gatherByIssue(trx, byIssue)),
    ...(await gatherByWords(
      trx,
      loose.filter((one) => one.issue_id === null),
    )),
  ];
  await keep(trx, places);
  return places.length;
}

/** Whether it is our turn: a locked row, since the embedded database grants every advisory lock. */
async function takeTurn(trx: Trx): Promise<boolean> {
  await trx
    .insertInto('setting')
    .values({ key: 'gathering', value: '' })
    .onConflict((oc) => oc.doNothing())
    .execute();
  const { rows } = await sql`select from setting where key = 'gathering' for update skip locked`.execute(trx);
  return rows.length > 0;
}

/** Locked; what somebody else holds waits for the next time, as does what is about an issue that somebody holds. */
async function readLoose(trx: Trx, limit: number, now: Date): Promise<Loose[]> {
  const { rows } = await sql<Loose>`
    with held as (
      select id from issue where id in (
        select issue_id from (
          select issue_id from report where state = 'new' and group_id is null
          order by created_at, id limit ${limit}) as early where issue_id is not null)
      order by id for key share skip locked),
    early as (
      select id from report where state = 'new' and group_id is null order by created_at, id limit ${limit}),
    mine as (
      select report.* from report join early on early.id = report.id
      where report.issue_id is null or report.issue_id in (select id from held)
      order by report.created_at, report.id for no key update of report skip locked)
    select id, issue_id,
      case when linked_at is null and answered_at is null and worked_at is null then created_at else ${now} end as at,
      case when issue_id is null and message is not null
        then tsvector_to_array(search_stems(left(message, 1000)) || search_joined(left(message, 1000)))
        else '{}' end as stems
    from mine order by created_at, id`.execute(trx);
  return rows;
}

/** A report and the group it belongs to; `leads`: the group begins with it. */
interface Placed {
  id: string;
  group: string;
  at: Date;
  leads: boolean;
  stems: string[];
  issue_id: string | null;
}

async function gatherByIssue(trx: Trx, loose: Loose[]): Promise<Placed[]> {
  if (loose.length === 0) return [];
  const there = await trx
    .selectFrom('report_group')
    .select(['id', 'issue_id'])
    .where('issue_id', 'in', [...new Set(loose.map((one) => one.issue_id!))])
    .orderBy('newest_at')
    .execute();
  const groups = new Map(there.map((group) => [group.issue_id, group.id]));
  return loose.map(({ id, issue_id, at }) => {
    const group = groups.get(issue_id);
    if (group === undefined) groups.set(issue_id, id);
    return { id, group: group ?? id, at, leads: group === undefined, stems: [], issue_id };
  });
}

async function gatherByWords(trx: Trx, loose: Loose[]): Promise<Placed[]> {
  const said = loose.map((one) => ({ ...one, stems: readStems(one.stems) }));
  const leaders = await readLeaders(trx, said);
  const byStem = new Map<string, Leader[]>();
  const enter = (leader: Leader) => {
    for (const stem of tellingOf(leader.stems)) {
      const others = byStem.get(stem);
      if (others) others.push(leader);
      else byStem.set(stem, [leader]);
    }
  };
  for (const leader of leaders) enter(leader);
  return said.map(({ id, at, stems }) => {
    const leader = mostAlike(stems, at, byStem);
    if (leader) {
      if (at > leader.newest_at) leader.newest_at = at;
      return { id, group: leader.id, at, leads: false, stems: [], issue_id: null };
    }
    enter({ id, stems, newest_at: at });
    return { id, group: id, at, leads: true, stems, issue_id: null };
  });
}

/** The groups that share a word that tells something with one of these reports. */
async function readLeaders(trx: Trx, said: Loose[]): Promise<Leader[]> {
  const telling = [...new Set(said.flatMap((one) => tellingOf(one.stems)))];
  if (telling.length === 0) return [];
  const oldest = Math.min(...said.map((one) => one.at.getTime())) - togetherMs;
  return trx
    .selectFrom('report_group')
    .select(['id', 'stems', 'newest_at'])
    .where('issue_id', 'is', null)
    .where(sql<boolean>`stems && ${telling}::text[]`)
    .where('newest_at', '>=', new Date(oldest))
    .orderBy('newest_at', 'desc')
    .limit(mostLeaders)
    .execute();
}

function mostAlike(stems: string[], at: Date, byStem: Map<string, Leader[]>): Leader | null {
  const telling = tellingOf(stems);
  const shared = new Map<Leader, number>();
  for (const stem of telling) {
    for (const leader of byStem.get(stem) ?? []) shared.set(leader, (shared.get(leader) ?? 0) + 1);
  }
  let best: Leader | null = null;
  let most = alikeFrom;
  for (const [leader, count] of shared) {
    if (count < Math.min(2, telling.length)) continue;
    if (Math.abs(at.getTime() - leader.newest_at.getTime()) > togetherMs) continue;
    const like = likeness(stems, leader.stems);
    if (like > most || (like === most && best === null)) [best, most] = [leader, like];
  }
  return best;
}

async function keep(trx: Trx, placed: Placed[]): Promise<void> {
  const begun = placed.filter((one) => one.leads);
  const groups = begun.map(({ id, stems, issue_id, at }) => ({ id, stems, issue_id, newest_at: at }));
  await sql`
    insert into report_group (id, stems, issue_id, newest_at)
    select id, stems, issue_id, newest_at from jsonb_to_recordset(${JSON.stringify(groups)}::jsonb)
      as begun (id text, stems text[], issue_id text, newest_at timestamptz)
    on conflict (id) do update set stems = excluded.stems, issue_id = excluded.issue_id,
      newest_at = greatest(report_group.newest_at, excluded.newest_at)`.execute(trx);
  const rows = JSON.stringify(placed.map(({ id, group, at }) => ({ id, group, at })));
  await sql`
    update report_group set newest_at = greatest(newest_at, latest.at) from (
      select "group", max(at) as at
      from jsonb_to_recordset(${rows}::jsonb) as placed ("group" text, at timestamptz) group by 1) as latest
    where report_group.id = latest."group" and newest_at < latest.at`.execute(trx);
  await sql`
    update report set group_id = placed."group"
    from jsonb_to_recordset(${rows}::jsonb) as placed (id text, "group" text)
    where report.id = placed.id`.execute(trx);
}
