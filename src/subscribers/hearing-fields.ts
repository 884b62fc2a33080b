import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Choices } from '../domain/hearing.ts';
import type { SubscribeForm } from './form.ts';

/** The choices of what to hear of, as a form shows them. */
export interface HearingFields extends Choices {
  /** Parts of the service; null where we cannot ask for them right now, and what was chosen is carried along. */
  groups: { name: string; parts: Choice[] }[] | null;
  /** What can be followed one by one. */
  followable: Choice[];
  wrong: Partial<Record<SubscribeForm['errors'][number]['field'], string>>;
}

export interface Choice {
  id: string;
  name: string;
  chosen: boolean;
}

const mostOpen = 20;

/** The parts there are, in their groups, those chosen marked. */
export async function groupsOf(
  db: Db,
  chosen: readonly string[],
): Promise<{ name: string; parts: Choice[] }[]> {
  const rows = await db
    .selectFrom('component')
    .select(['id', 'name', 'group_name'])
    .orderBy('position')
    .orderBy('name')
    .orderBy('id')
    .execute();
  const groups = new Map<string, Choice[]>();
  for (const { id, name, group_name } of rows) {
    const group = group_name ?? '';
    groups.set(group, [...(groups.get(group) ?? []), { id, name, chosen: chosen.includes(id) }]);
  }
  return [...groups].map(([name, parts]) => ({ name, parts }));
}

/** What is open now, newest first, and whatever of these she follows already. */
export async function followable(db: Db, chosen: readonly string[]): Promise<Choice[]> {
  const { rows } = await sql<{ id: string; title: string }>`
    (select id, title, resolved_at is not null as over, created_at from issue where id = any(${chosen}::text[]))
    union
    (select id, title, false, created_at from issue where resolved_at is null order by created_at desc limit ${mostOpen})
    order by over, created_at desc, id`.execute(db);
  return rows.map(({ id, title }) => ({ id, name: title, chosen: chosen.includes(id) }));
}

/** What is wrong, by field. */
export function wrongIn(errors: SubscribeForm['errors']): HearingFields['wrong'] {
  return Object.fromEntries(errors.map(({ field, message }) => [field, message]));
}
