import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import type { Choices, NamedChoices } from '../domain/hearing.ts';
import type { Subscriber } from '../hearing-tables.ts';
import { pathOf } from '../merged.ts';

/** Of what was chosen, that which there is; an issue that was merged stands for the one it is followed at. */
export async function knownChoices(db: Db | Trx, asked: Choices): Promise<Choices> {
  const components = await db
    .selectFrom('component')
    .select('id')
    .where('id', '=', sql<string>`any(${asked.components}::text[])`)
    .execute();
  const issues = new Set<string>();
  for (const id of new Set(asked.issues)) {
    const end = (await pathOf(db, id)).at(-1);
    if (end) issues.add(end);
  }
  return { ...asked, components: components.map((one) => one.id), issues: [...issues] };
}

/** Replaces somebody's choices. For an id that nobody has it does nothing, and takes as long. */
export async function writeChoices(trx: Trx, id: string, choices: Choices): Promise<void> {
  const { hears, incidentsOnly, components, issues } = choices;
  await sql`update subscriber set hears = ${hears}, incidents_only = ${incidentsOnly} where id = ${id}`.execute(
    trx,
  );
  await sql`delete from subscriber_component where subscriber_id = ${id}`.execute(trx);
  await sql`
    insert into subscriber_component (subscriber_id, component_id)
    select s.id, c.id from subscriber s cross join component c
    where s.id = ${id} and c.id = any(${hears === 'components' ? components : []}::text[])`.execute(trx);
  await sql`delete from subscriber_issue where subscriber_id = ${id}`.execute(trx);
  await sql`
    insert into subscriber_issue (subscriber_id, issue_id)
    select s.id, i.id from subscriber s cross join issue i
    where s.id = ${id} and i.id = any(${issues}::text[])`.execute(trx);
}

/** What each of these subscribers chose, by her id. */
export async function readChoices(
  db: Db | Trx,
  subscribers: readonly Pick<Subscriber, 'id' | 'hears' | 'incidents_only'>[],
): Promise<Map<string, Choices & NamedChoices>> {
  const ids = subscribers.map((one) => one.id);
  const parts = await db
    .selectFrom('subscriber_component as chosen')
    .innerJoin('component', 'component.id', 'chosen.component_id')
    .select(['chosen.subscriber_id', 'component.id', 'component.name'])
    .where('chosen.subscriber_id', '=', sql<string>`any(${ids}::text[])`)
    .orderBy('component.position')
    .orderBy('component.name')
    .execute();
  const issues = await db
    .selectFrom('subscriber_issue as followed')
    .innerJoin('issue', 'issue.id', 'followed.issue_id')
    .select(['followed.subscriber_id', 'issue.id', 'issue.title', 'issue.resolved_at'])
    .where('followed.subscriber_id', '=', sql<string>`any(${ids}::text[])`)
    .orderBy('issue.created_at', 'desc')
    .execute();
  return new Map(
    subscribers.map(({ id, hears, incidents_only }) => {
      const herParts = parts.filter((one) => one.subscriber_id === id);
      const herIssues = issues.filter((one) => one.subscriber_id === id);
      const chosen = {
        hears,
        incidentsOnly: incidents_only,
        components: herParts.map((one) => one.id),
        issues: herIssues.map((one) => one.id),
        parts: herParts.map((one) => one.name),
        followed: herIssues.map(({ id, title, resolved_at }) => ({ id, title, overSince: resolved_at })),
      };
      return [id, chosen];
    }),
  );
}

/** Choices as programs and the proof of consent say them. */
export function choicesAsJson({ hears, incidentsOnly, components, issues }: Choices) {
  return { hears, incidents_only: incidentsOnly, components, issues };
}
