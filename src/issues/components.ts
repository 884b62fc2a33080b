import type { Trx } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import { NotFound, Refused } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Component } from '../tables.ts';
import type { ComponentBody, ComponentPatch } from './schemas.ts';

/** Adds a component, at the end unless a position is said. */
export async function addComponent(trx: Trx, body: ComponentBody, now: Date): Promise<Component> {
  const { last } = await trx
    .selectFrom('component')
    .select(({ fn }) => fn.max('position').as('last'))
    .executeTakeFirstOrThrow();
  return trx
    .insertInto('component')
    .values({
      id: newId(),
      name: body.name,
      description: body.description ?? null,
      group_name: body.group ?? null,
      position: body.position ?? (last ?? 0) + 1,
      status: body.status ?? 'operational',
      source: null,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Changes what is given of a component. Throws NotFound. */
export async function changeComponent(
  trx: Trx,
  id: string,
  { group, ...rest }: ComponentPatch,
  now: Date,
): Promise<Component> {
  const changed = await trx
    .updateTable('component')
    .set({
      ...(rest as Partial<Component>),
      ...(group === undefined ? {} : { group_name: group }),
      updated_at: now,
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!changed) throw new NotFound(`There is no component ${id}.`);
  return changed;
}

/** Says which components an issue touches, replacing what was said before. Throws Refused for one that is not there. */
export async function setIssueComponents(
  trx: Trx,
  issueId: string,
  touched: readonly { id: string; status: ComponentStatus }[],
): Promise<void> {
  await trx.deleteFrom('issue_component').where('issue_id', '=', issueId).execute();
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
  await trx
    .insertInto('issue_component')
    .values(
      touched.map((one, position) => ({
        issue_id: issueId,
        component_id: one.id,
        position,
        status: one.status,
      })),
    )
    .execute();
}
