import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { newId } from '../ids.ts';
import { stateComponentsWhole, stateIssuesWhole } from '../ledger/state.ts';
import { addChanges } from './import-changes.ts';
import { readStatuspageFile, type StatuspageIncident } from './statuspage-file.ts';
import { componentsOf, issueOf, touchedBy, updatesOf } from './statuspage-shape.ts';

export interface Imported {
  issues: number;
  updates: number;
  components: number;
  alreadyThere: number;
}

const oneAtATime = 0x696d706f; // "impo"

/**
 * Takes over what a Statuspage's incidents.json or summary.json says: all of it, or nothing. Its ids stay where they
 * are free. Again, it adds only what is new; an issue that moved on there moves on here too, unless staff spoke
 * about it here or a customer reported it here: closing that one is ours, so that she is told. Nobody is mailed.
 * The ledger has every issue that it adds or adds to, whole, as it stands then.
 * Throws Refused, naming the place in the file that is wrong.
 */
export async function importStatuspage(db: Db, text: string, now: Date): Promise<Imported> {
  const file = readStatuspageFile(text);
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${oneAtATime})`.execute(trx);
    const components = await addComponents(trx, componentsOf(file), now);
    const known = await idsBySource(trx, 'issue', file.incidents.map(issueOf));
    const fresh = file.incidents.filter((given) => !known.has(issueOf(given).source));
    const issues = await addIssues(trx, fresh);
    const ids = new Map([...known, ...issues]);
    const moved = await addUpdates(trx, file.incidents, ids);
    const news = [
      ...issues.values(),
      ...[...moved.issues].map((source) => ids.get(source)!),
      ...(await addTouched(trx, file.incidents, ids, components.ids)),
      ...(await addChanges(trx, file.incidents, ids, components.ids)),
    ];
    await moveOn(
      trx,
      file.incidents.filter((given) => {
        const { source } = issueOf(given);
        return known.has(source) && moved.issues.has(source);
      }),
    );
    for (const some of chunks([...new Set(news)])) await stateIssuesWhole(trx, some, now);
    return {
      issues: issues.size,
      updates: moved.updates,
      components: components.added,
      alreadyThere: known.size,
    };
  });
}

async function addComponents(trx: Trx, seeds: ReturnType<typeof componentsOf>, now: Date) {
  const known = await idsBySource(trx, 'component', seeds);
  const fresh = seeds.filter(({ source }) => !known.has(source));
  const pick = await freeIds(trx, 'component', fresh);
  const { last } = await trx
    .selectFrom('component')
    .select(({ fn }) => fn.max('position').as('last'))
    .executeTakeFirstOrThrow();
  const rows = fresh.map(({ source, theirId, name, group, about }, index) => ({
    id: pick(theirId),
    name,
    description: about?.description?.trim() || null,
    group_name: group,
    position: (last ?? 0) + 1 + index,
    source,
    created_at: about?.created_at ?? now,
    updated_at: now,
  }));
  for (const some of chunks(rows)) await trx.insertInto('component').values(some).execute();
  const added = rows.map(({ id }) => id);
  for (const some of chunks(added)) await stateComponentsWhole(trx, some, now);
  return {
    added: rows.length,
    ids: new Map([...known, ...rows.map(({ source, id }) => [source, id] as const)]),
  };
}

/** Answers the new ids by source. */
async function addIssues(trx: Trx, fresh: StatuspageIncident[]): Promise<Map<string, string>> {
  const pick = await freeIds(
    trx,
    'issue',
    fresh.map(({ id }) => ({ theirId: id })),
  );
  const rows = fresh.map((given) => ({ ...issueOf(given), id: pick(given.id) }));
  for (const some of chunks(rows)) await trx.insertInto('issue').values(some).execute();
  return new Map(rows.map(({ source, id }) => [source, id]));
}

/** Adds the updates that are not there yet, and answers how many and to which issues (by source). */
async function addUpdates(trx: Trx, incidents: StatuspageIncident[], issueIds: Map<string, string>) {
  const all = incidents.flatMap((given) => {
    const { source } = issueOf(given);
    return updatesOf(given).map((row) => ({ row, issue: source }));
  });
  const known = await idsBySource(
    trx,
    'issue_update',
    all.map(({ row }) => row),
  );
  const fresh = all.filter(({ row }) => !known.has(row.source));
  const pick = await freeIds(
    trx,
    'issue_update',
    fresh.map(({ row }) => row),
  );
  const rows = fresh.map(({ row: { theirId, ...row }, issue }) => ({
    ...row,
    id: pick(theirId),
    issue_id: issueIds.get(issue)!,
  }));
  for (const some of chunks(rows)) await trx.insertInto('issue_update').values(some).execute();
  return { updates: rows.length, issues: new Set(fresh.map(({ issue }) => issue)) };
}

/** Notes the components an issue touches, and answers of which issues; what is noted already stays. */
async function addTouched(
  trx: Trx,
  incidents: StatuspageIncident[],
  issueIds: Map<string, string>,
  componentIds: Map<string, string>,
): Promise<string[]> {
  const rows = incidents.flatMap((given) =>
    [...touchedBy(given)].map(([source, status], position) => ({
      issue_id: issueIds.get(issueOf(given).source)!,
      component_id: componentIds.get(source)!,
      position,
      status,
    })),
  );
  const noted: string[] = [];
  for (const some of chunks(rows)) {
    const added = await trx
      .insertInto('issue_component')
      .values(some)
      .onConflict((oc) => oc.doNothing())
      .returning('issue_id')
      .execute();
    noted.push(...added.map((row) => row.issue_id));
  }
  return noted;
}

/** Moves issues with news to the status they have there, but for those that are ours by now. */
async function moveOn(trx: Trx, incidents: StatuspageIncident[]): Promise<void> {
  for (const given of incidents) {
    const { source, status, resolution, monitoring_at, resolved_at, updated_at } = issueOf(given);
    await trx
      .selectFrom('issue')
      .select('id')
      .where('source', '=', source)
      .forUpdate()
      .executeTakeFirstOrThrow();
    await trx
      .updateTable('issue')
      .set({ status, resolution, monitoring_at, resolved_at, updated_at })
      .$if(resolved_at !== null, (q) => q.set({ next_update_at: null }))
      .where('source', '=', source)
      .where(
        sql<boolean>`not exists (select from issue_update own where own.issue_id = issue.id and own.source is null)`,
      )
      .where(sql<boolean>`not exists (select from report where report.issue_id = issue.id and report.stands)`)
      .execute();
  }
}

type Sourced = 'issue' | 'issue_update' | 'component';

/** Our ids of those that were imported before, by source. */
async function idsBySource(trx: Trx, table: Sourced, wanted: readonly { source: string }[]) {
  const sources = wanted.map(({ source }) => source);
  const { rows } = await sql<{ source: string; id: string }>`
    select source, id from ${sql.table(table)} where source = any(${sources}::text[])`.execute(trx);
  return new Map(rows.map(({ source, id }) => [source, id]));
}

/** Answers what keeps a Statuspage id where it fits and is free here, and makes a new one elsewhere. */
async function freeIds(trx: Trx, table: Sourced, wanted: readonly { theirId: string }[]) {
  const ids = wanted.map(({ theirId }) => theirId);
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(table)} where id = any(${ids}::text[])`.execute(trx);
  const taken = new Set(rows.map(({ id }) => id));
  return (theirId: string): string => {
    const id = /^[0-9a-z]{12}$/.test(theirId) && !taken.has(theirId) ? theirId : newId();
    taken.add(id);
    return id;
  };
}

function* chunks<Row>(rows: Row[]): Generator<Row[]> {
  for (let at = 0; at < rows.length; at += 1_000) yield rows.slice(at, at + 1_000);
}
