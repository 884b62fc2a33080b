import { readComponents } from '../components-now.ts';
import type { Db } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import { componentMark, componentWords, type Mark } from '../domain/labels.ts';
import { isClosed, type Status } from '../domain/lifecycle.ts';
import { type Bars, barsOf } from './bars.ts';
import { historyOf } from './component-history.ts';

/** One part of the service as a page shows it. */
export interface Part {
  href: string;
  name: string;
  description: string | null;
  mark: Mark;
  words: string;
  working: boolean;
}

export interface PartGroup {
  name: string | null;
  parts: (Part & { bars: Bars })[];
}

const most = 200;

/** Every part of the service with its last days, groups in the order of their first part. */
export async function listParts(db: Db, now: Date): Promise<PartGroup[]> {
  const components = (await readComponents(db)).slice(0, most);
  const history = await historyOf(db, components, now);
  const groups = new Map<string | null, PartGroup['parts']>();
  for (const one of components) {
    const part = { ...toPart(one, one.status), bars: barsOf(history.get(one.id)!) };
    groups.set(one.group_name, [...(groups.get(one.group_name) ?? []), part]);
  }
  return [...groups].map(([name, parts]) => ({ name, parts }));
}

/** The parts one issue touches, as that issue says they stand, will stand once it has begun, or stood. */
export async function partsOf(db: Db, issueId: string, status: Status): Promise<Part[]> {
  const rows = await db
    .selectFrom('issue_component as ic')
    .innerJoin('component as c', 'c.id', 'ic.component_id')
    .select(['c.id', 'c.name', 'c.description', 'ic.status'])
    .where('ic.issue_id', '=', issueId)
    .orderBy('ic.position')
    .orderBy('c.name')
    .limit(most)
    .execute();
  const parts = rows.map((row) => toPart(row, row.status));
  if (status === 'scheduled')
    return parts.map((part) => ({ ...part, mark: 'planned', words: 'Will be worked on' }));
  return isClosed(status) ? parts.map(asItWas) : parts;
}

function asItWas(part: Part): Part {
  const was = `Was ${part.words.charAt(0).toLowerCase()}${part.words.slice(1)}`;
  return { ...part, mark: 'closed', words: part.working ? '' : was };
}

function toPart(
  row: { id: string; name: string; description: string | null },
  status: ComponentStatus,
): Part {
  const { id, name, description } = row;
  const working = status === 'operational';
  return {
    href: `/components/${id}`,
    name,
    description,
    mark: componentMark(status),
    words: componentWords[status],
    working,
  };
}
