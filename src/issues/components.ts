import type { Trx } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import { isClosed, isUnderWay, type Status } from '../domain/lifecycle.ts';
import { NotFound, Refused } from '../errors.ts';
import { newId } from '../ids.ts';
import { state } from '../ledger/state.ts';
import type { Component } from '../tables.ts';
import { correctChanges, noteChanges } from './component-changes.ts';
import type { ComponentBody, ComponentPatch } from './schemas.ts';

/** Adds a component, at the end unless a position is said. */
export async function addComponent(trx: Trx, body: ComponentBody, now: Date): Promise<Component> {
  const { last } = await trx
    .selectFrom('component')
    .select(({ fn }) => fn.max('position').as('last'))
    .executeTakeFirstOrThrow();
  const added = await trx
    .insertInto('component')
    .values({
      id: newId(),
      name: body.name,
      description: body.description ?? null,
      group_name: body.group ?? null,
      position: body.position ?? (last ?? 0) + 1,
      status: body.status ?? 'operational',
      status_set_at: (body.status ?? ok) === ok ? null : now,
      source: null,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const { id, status } = added;
  await state(trx, { type: 'component_added', issue_id: null, component_id: id, ...inPublic(added) }, now);
  await noteOwn(trx, id, 'operational', status, now);
  return added;
}

/**
 * Changes what is given of a component. A state set here counts until an issue says something later; null takes it
 * back. Throws NotFound.
 */
export async function changeComponent(
  trx: Trx,
  id: string,
  { group, status, ...rest }: ComponentPatch,
  now: Date,
): Promise<Component> {
  const before = await trx
    .selectFrom('component')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!before) throw new NotFound(`There is no component ${id}.`);
  const changed = await trx
    .updateTable('component')
    .set({
      ...(rest as Partial<Component>),
      ...(group === undefined ? {} : { group_name: group }),
      ...setTo(status, now),
      updated_at: now,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await stateChanges(trx, before, changed, now);
  await noteOwn(trx, id, before.status, changed.status, now);
  return changed;
}

async function stateChanges(trx: Trx, before: Component, after: Component, now: Date): Promise<void> {
  const [stood, stands] = [inPublic(before), inPublic(after)];
  const fields = (Object.keys(stands) as (keyof typeof stands)[])
    .map((field) => [field, { was: stood[field], is: stands[field] }] as const)
    .filter(([, { was, is }]) => was !== is);
  if (fields.length === 0) return;
  const changes = Object.fromEntries(fields);
  await state(trx, { type: 'component_changed', issue_id: null, component_id: before.id, changes }, now);
}

function inPublic({ name, description, group_name: group, status, status_set_at }: Component) {
  return { name, description, group, status, set_at: status_set_at?.toISOString() ?? null };
}

/** What staff set; null leaves it to the issues. */
function setTo(status: ComponentStatus | null | undefined, now: Date): Partial<Component> {
  if (status === undefined) return {};
  return status === null ? { status: ok, status_set_at: null } : { status, status_set_at: now };
}

async function noteOwn(trx: Trx, id: string, was: ComponentStatus, is: ComponentStatus, now: Date) {
  await noteChanges(trx, { issueId: null, updateId: null }, [{ id, was, is }], now);
}

/** In which update an issue speaks of its components (null where it was edited), and how it stands. */
export interface Saying {
  updateId: string | null;
  status: Status;
  now: Date;
}

/**
 * Says which components an issue touches and how, replacing what was said before; what changed by it is kept for the
 * components' history: once the work has begun, and of an issue that is over as if it had been said from the beginning.
 * Throws Refused for one that is not there.
 */
export async function setIssueComponents(
  trx: Trx,
  issueId: string,
  touched: readonly { id: string; status: ComponentStatus }[],
  { updateId, status, now }: Saying,
): Promise<void> {
  const before = await trx
    .deleteFrom('issue_component')
    .where('issue_id', '=', issueId)
    .returning(['component_id', 'status', 'said_at'])
    .execute();
  await refuseUnknown(trx, touched);
  const stood = new Map(before.map((row) => [row.component_id, row]));
  const rows = touched.map(({ id, status }, position) => {
    const same = stood.get(id)?.status === status;
    return {
      issue_id: issueId,
      component_id: id,
      position,
      status,
      said_at: same ? stood.get(id)!.said_at : now,
    };
  });
  if (rows.length > 0) await trx.insertInto('issue_component').values(rows).execute();
  const gone = before.filter((row) => !touched.some(({ id }) => id === row.component_id));
  const changes = [
    ...touched.map((one) => ({ id: one.id, was: stood.get(one.id)?.status ?? ok, is: one.status })),
    ...gone.map((row) => ({ id: row.component_id, was: row.status, is: ok })),
  ];
  if (isUnderWay(status)) await noteChanges(trx, { issueId, updateId }, changes, now);
  if (isClosed(status)) await correctChanges(trx, issueId, changes, now);
}

const ok: ComponentStatus = 'operational';

async function refuseUnknown(trx: Trx, touched: readonly { id: string }[]): Promise<void> {
  if (touched.length === 0) return;
  const ids = touched.map((one) => one.id);
  const rows = await trx.selectFrom('component').select('id').where('id', 'in', ids).execute();
  const known = new Set(rows.map((row) => row.id));
  const errors = ids.flatMap((id, index) =>
    known.has(id)
      ? []
      : [{ path: `components.${index}.id`, message: `${id} is not a component; GET /components lists them` }],
  );
  if (errors.length > 0) throw new Refused(errors[0]!.message, errors);
}
