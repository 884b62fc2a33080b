import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { type ComponentStatus, worstStatus } from '../domain/impact.ts';
import { componentMark, componentWords, type Mark } from '../domain/labels.ts';

/** One part of the service as a page shows it. */
export interface Part {
  name: string;
  description: string | null;
  mark: Mark;
  words: string;
  working: boolean;
}

export interface PartGroup {
  name: string | null;
  parts: Part[];
}

const most = 200;

/** Every part of the service, groups in the order of their first part; its state is the worst of its own and of the open issues that touch it. */
export async function listParts(db: Db): Promise<PartGroup[]> {
  const rows = await db
    .selectFrom('component as c')
    .leftJoin(
      (eb) =>
        eb
          .selectFrom('issue_component as ic')
          .innerJoin('issue as i', 'i.id', 'ic.issue_id')
          .select(['ic.component_id', sql<string>`string_agg(distinct ic.status, ' ')`.as('statuses')])
          .where('i.resolved_at', 'is', null)
          .where('i.status', '<>', 'scheduled')
          .groupBy('ic.component_id')
          .as('touched'),
      (join) => join.onRef('touched.component_id', '=', 'c.id'),
    )
    .select(['c.name', 'c.description', 'c.group_name', 'c.status', 'touched.statuses'])
    .orderBy('c.position')
    .orderBy('c.name')
    .limit(most)
    .execute();
  const groups = new Map<string | null, Part[]>();
  for (const row of rows) {
    const touching = (row.statuses?.split(' ') ?? []) as ComponentStatus[];
    const part = toPart(row, worstStatus([row.status, ...touching]));
    groups.set(row.group_name, [...(groups.get(row.group_name) ?? []), part]);
  }
  return [...groups].map(([name, parts]) => ({ name, parts }));
}

/** The parts one issue touches, as that issue says they stand, or will once it has begun. */
export async function partsOf(db: Db, issueId: string, notBegun: boolean): Promise<Part[]> {
  const rows = await db
    .selectFrom('issue_component as ic')
    .innerJoin('component as c', 'c.id', 'ic.component_id')
    .select(['c.name', 'c.description', 'ic.status'])
    .where('ic.issue_id', '=', issueId)
    .orderBy('ic.position')
    .orderBy('c.name')
    .limit(most)
    .execute();
  const parts = rows.map((row) => toPart(row, row.status));
  return notBegun ? parts.map((part) => ({ ...part, mark: 'planned', words: 'Will be worked on' })) : parts;
}

function toPart(row: { name: string; description: string | null }, status: ComponentStatus): Part {
  const { name, description } = row;
  const working = status === 'operational';
  return { name, description, mark: componentMark(status), words: componentWords[status], working };
}
