import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import { dayMs, type StateChange, spansOf, type Uptime, uptimeOf } from '../domain/uptime.ts';
import type { Component } from '../tables.ts';

/** How many days a component's history shows, with today. */
export const historyDays = 90;

/** A part of the service, as far as its history asks for it. */
type Known = Pick<Component, 'id' | 'created_at'>;

/** What became of each of these components in the last days, by id. */
export async function historyOf(db: Db, components: Known[], now: Date): Promise<Map<string, Uptime>> {
  if (components.length === 0) return new Map();
  const since = new Date(now.getTime() - historyDays * dayMs);
  const ids = components.map(({ id }) => id);
  const [changes, earlier] = await Promise.all([
    readChanges(db, ids, since),
    readEarlier(
      db,
      components.filter((one) => one.created_at > since),
    ),
  ]);
  const byComponent = new Map<string, StateChange[]>(ids.map((id) => [id, []]));
  for (const row of changes) byComponent.get(row.component_id)!.push(changeOf(row));
  return new Map(
    components.map(({ id, created_at }) => {
      const spans = spansOf(byComponent.get(id)!, now);
      return [id, uptimeOf(spans, earlier.get(id) ?? created_at, historyDays, now)];
    }),
  );
}

interface ChangeRow {
  component_id: string;
  new_status: ComponentStatus;
  at: Date;
  issue_id: string | null;
  started_at: Date;
  resolved_at: Date | null;
  planned: boolean;
  begun_at: Date | null;
}

function changeOf(row: ChangeRow): StateChange {
  const { issue_id, started_at, resolved_at, planned, begun_at } = row;
  return {
    status: row.new_status,
    at: row.at,
    issue:
      issue_id === null
        ? null
        : { id: issue_id, startedAt: started_at, endedAt: resolved_at, planned, begunAt: begun_at },
  };
}

/**
 * Of issues that were open in that time, all they said; of what staff set, what they set since and the last before.
 * `offset 0` has the changes looked up issue by issue: a planner that takes few issues for many reads every change there is.
 */
async function readChanges(db: Db, ids: string[], since: Date): Promise<ChangeRow[]> {
  const { rows } = await sql<ChangeRow>`
    select c.seq, c.component_id, c.new_status, c.at, c.issue_id, i.started_at, i.resolved_at,
      i.kind = 'maintenance' as planned,
      case when i.kind = 'maintenance' then (
        select min(u.created_at) from issue_update u where u.issue_id = i.id and u.status <> 'scheduled') end as begun_at
    from (
      select id, kind, started_at, resolved_at from issue where resolved_at is null
      union all
      select id, kind, started_at, resolved_at from issue
        where resolved_at >= ${since} and resolution is distinct from 'retracted') as i
    cross join lateral (select * from component_change where issue_id = i.id offset 0) as c
    where c.component_id = any(${ids}::text[])
    union all
    select c.seq, c.component_id, c.new_status, c.at, null, null, null, null, null
    from unnest(${ids}::text[]) as one (id) cross join lateral (
      (select * from component_change where component_id = one.id and issue_id is null and at >= ${since})
      union all
      (select * from component_change where component_id = one.id and issue_id is null and at < ${since}
        order by seq desc limit 1)) as c
    order by seq`.execute(db);
  return rows;
}

/** Of components that were added lately, the beginning of the first issue from before that tells of them. */
async function readEarlier(db: Db, young: Known[]): Promise<Map<string, Date>> {
  if (young.length === 0) return new Map();
  const { rows } = await sql<{ id: string; since: Date }>`
    select c.id, first.started_at as since
    from component c cross join lateral (
      select i.started_at from issue i
      where i.started_at < c.created_at
        and exists (select from issue_component t where t.issue_id = i.id and t.component_id = c.id)
      order by i.started_at limit 1) as first
    where c.id = any(${young.map(({ id }) => id)}::text[])`.execute(db);
  return new Map(rows.map(({ id, since }) => [id, since]));
}
