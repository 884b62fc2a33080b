import type { Trx } from '../db.ts';
import { groupIdOf } from '../domain/group-id.ts';
import { refuse } from '../errors.ts';
import { addComponent, changeComponent } from './components.ts';
import type { ChangedComponent, NewComponent } from './statuspage-body.ts';
import { refuseHiding } from './statuspage-refusals.ts';

/** Adds a component at the end. Answers its id. Throws Refused. */
export async function addAsStatuspage(trx: Trx, given: NewComponent, now: Date): Promise<string> {
  refuseHiding(given);
  const { name, description, status } = given;
  const group = await groupNamed(trx, given.group_id);
  const added = await addComponent(trx, { name, description, group, ...(status && { status }) }, now);
  return added.id;
}

/** Changes what is given of a component. Throws NotFound and Refused. */
export async function changeComponentAsStatuspage(
  trx: Trx,
  id: string,
  given: ChangedComponent,
  now: Date,
): Promise<void> {
  refuseHiding(given);
  const { name, description, status } = given;
  const group = await groupNamed(trx, given.group_id);
  const patch = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(status !== undefined && { status }),
    ...(group !== undefined && { group }),
  };
  await changeComponent(trx, id, patch, now);
}

/** The name of a group by the id that machines know it under; none for null, undefined where nothing is said. */
async function groupNamed(trx: Trx, groupId: string | null | undefined): Promise<string | null | undefined> {
  if (!groupId) return groupId as null | undefined;
  const names = await trx.selectFrom('component').select('group_name').distinct().execute();
  const found = names.find(({ group_name }) => group_name !== null && groupIdOf(group_name) === groupId);
  return found?.group_name ?? refuse('group_id', `${groupId} is no group; GET …/components lists them`);
}
