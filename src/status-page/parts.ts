import { readComponents } from '../components-now.ts';
import type { Db } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
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

/** Every part of the service, groups in the order of their first part. */
export async function listParts(db: Db): Promise<PartGroup[]> {
  const groups = new Map<string | null, Part[]>();
  for (const one of (await readComponents(db)).slice(0, most)) {
    groups.set(one.group_name, [...(groups.get(one.group_name) ?? []), toPart(one, one.status)]);
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
