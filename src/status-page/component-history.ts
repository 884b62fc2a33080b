import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import { dayMs, type StateChange, spansOf, type Uptime, uptimeOf } from '../domain/uptime.ts';

/** How many days a component's history shows, with today. */
export const historyDays = 90;

/** What became of each of these components in the last days, by id. */
export async function historyOf(db: Db, componentIds: string[], now: Date): Promise<Map<string, Uptime>> {
  if (componentIds.length === 0) return new Map();
  const since = new Date(now.getTime() - historyDays * dayMs);
  const [changes, known] = await Promise.all([
    readChanges(db, componentIds, since),
    readKnownSince(db, componentIds),
  ]);
  const byComponent = new Map<string, StateChange[]>();
  for (const row of changes)
    byComponent.set(row.component_id, [...(byComponent.get(row.component_id) ?? []), changeOf(row)]);
  return new Map(
    componentIds.map((id) => {
      const spans = spansOf(byComponent.get(id) ?? [], now);
      return [id, uptimeOf(spans, known.get(id) ?? now, historyDays, now)];
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

/** Of issues that were open in that time, all they said; of what staff set, what they set since and the last before. */
async function readChanges(db: Db, ids: string[], since: Date): Promise<ChangeRow[]> {
  const { rows } = await sql<ChangeRow>`
    select c.component_id, c.new_status, c.at, c.issue_id, i.started_at, i.resolved_at, i.kind = 'maintenance' as planned,
      case when i.kind = 'maintenance' then (
        select min(u.created_at) from issue_update u where u.issue_id = i.id and u.status <> 'scheduled') end as begun_at
    from component_change c left join issue i on i.id = c.issue_id
    where c.component_id = any(${ids}::text[]) and case when c.issue_id is null
      then c.at >= ${since} or c.seq = (
        select max(last.seq) from component_change last
        where last.component_id = c.component_id and last.issue_id is null and last.at < ${since})
      else (i.resolved_at is null or i.resolved_at >= ${since}) and i.resolution is distinct from 'retracted' end
    order by c.seq`.execute(db);
  return rows;
}

/** From when on we would have known: since it was added, or since the first issue that tells of it. */
async function readKnownSince(db: Db, ids: string[]): Promise<Map<string, Date>> {
  const { rows } = await sql<{ id: string; since: Date }>`
    select c.id, least(c.created_at, (
      select min(i.started_at) from issue_component t join issue i on i.id = t.issue_id
      where t.component_id = c.id)) as since
    from component c where c.id = any(${ids}::text[])`.execute(db);
  return new Map(rows.map(({ id, since }) => [id, since]));
}
