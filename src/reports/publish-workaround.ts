import type { Selectable } from 'kysely';
import type { Trx } from '../db.ts';
import { Conflict, NotFound } from '../errors.ts';
import { lockIssue } from '../issue-row.ts';
import { state } from '../ledger/state.ts';
import type { WorkaroundTable } from '../proof-tables.ts';

export type Workaround = Selectable<WorkaroundTable>;

/**
 * Publishes what somebody offered, in the words of staff; with thanks by name only if she wished for it and `credited`
 * says so. What was declined or taken off may be published after all. Throws NotFound, and Conflict where it is public.
 */
export async function publishWorkaround(
  trx: Trx,
  id: string,
  { body, credited }: { body: string; credited: boolean },
  now: Date,
): Promise<Workaround> {
  const offer = await lockWorkaround(trx, id);
  if (offer.state === 'published') throw new Conflict('A colleague published it already. You can change it.');
  const credit = credited ? offer.credit : null;
  await set(trx, id, { state: 'published', body, credit, published_at: now, ended_at: null });
  const { issue_id } = offer;
  await state(
    trx,
    { type: 'workaround_published', issue_id, workaround_id: id, body, credited: credit !== null },
    now,
  );
  return offer;
}

/**
 * Changes the words of what is published; the page shows what stood there before. The same words change nothing.
 * Without `credited` her name goes; it does not come back. Throws NotFound, and Conflict where it is not public.
 */
export async function changeWorkaround(
  trx: Trx,
  id: string,
  { body, credited }: { body: string; credited: boolean },
  now: Date,
): Promise<Workaround> {
  const way = await lockPublished(trx, id);
  await set(trx, id, { body, ...(credited ? {} : { credit: null }) });
  const { issue_id, body: was } = way;
  if (was !== body) {
    await state(trx, { type: 'workaround_changed', issue_id, workaround_id: id, body, was: was! }, now);
  }
  return way;
}

/** Takes it off the page. Throws NotFound, and Conflict where it is not public. */
export async function takeOffWorkaround(trx: Trx, id: string, now: Date): Promise<Workaround> {
  const way = await lockPublished(trx, id);
  await set(trx, id, { state: 'withdrawn', ended_at: now });
  await state(trx, { type: 'workaround_withdrawn', issue_id: way.issue_id, workaround_id: id }, now);
  return way;
}

/** Leaves an offer unpublished; her own page says so kindly. Throws NotFound, and Conflict where it waits no more. */
export async function declineWorkaround(trx: Trx, id: string, now: Date): Promise<Workaround> {
  const offer = await lockWorkaround(trx, id);
  if (offer.state !== 'offered') throw new Conflict('A colleague has dealt with it already.');
  await set(trx, id, { state: 'declined', ended_at: now });
  return offer;
}

async function lockPublished(trx: Trx, id: string): Promise<Workaround> {
  const way = await lockWorkaround(trx, id);
  if (way.state !== 'published') throw new Conflict('This does not stand on the page any more.');
  return way;
}

/** The issue first, as everybody locks it. */
async function lockWorkaround(trx: Trx, id: string): Promise<Workaround> {
  const seen = await trx.selectFrom('workaround').select('issue_id').where('id', '=', id).executeTakeFirst();
  if (!seen) throw new NotFound('There is no way around at this address.');
  await lockIssue(trx, seen.issue_id);
  return trx.selectFrom('workaround').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
}

function set(trx: Trx, id: string, values: Partial<Workaround>): Promise<unknown> {
  return trx.updateTable('workaround').set(values).where('id', '=', id).execute();
}
