import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { newId } from '../ids.ts';
import type { StatuspageIncident } from './statuspage-file.ts';
import { changesOf, issueOf } from './statuspage-shape.ts';

/**
 * Keeps what incidents say of their components over time, for the components' history, and answers of which issues;
 * what is kept already stays.
 */
export async function addChanges(
  trx: Trx,
  incidents: StatuspageIncident[],
  issueIds: Map<string, string>,
  componentIds: Map<string, string>,
): Promise<string[]> {
  const seeds = incidents.flatMap((given) =>
    changesOf(given).map((seed) => ({
      id: newId(),
      component: componentIds.get(seed.source)!,
      issue: issueIds.get(issueOf(given).source)!,
      update: seed.update,
      was: seed.was,
      is: seed.is,
      at: seed.at.toISOString(),
    })),
  );
  const { rows } = await sql<{ issue: string }>`
    insert into component_change (id, component_id, issue_id, update_id, old_status, new_status, at)
    select seed.id, seed.component, seed.issue, said.id, seed.was, seed."is", seed.at
    from jsonb_to_recordset(${JSON.stringify(seeds)}::jsonb)
      as seed (id text, component text, issue text, update text, was text, "is" text, at timestamptz)
    left join issue_update said on said.source = seed.update
    where not exists (
      select from component_change known
      where known.issue_id = seed.issue and known.component_id = seed.component
        and known.update_id is not distinct from said.id)
    returning issue_id as issue`.execute(trx);
  return rows.map(({ issue }) => issue);
}
