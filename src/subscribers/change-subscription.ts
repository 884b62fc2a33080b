import type { Trx } from '../db.ts';
import { type Choices, sameChoices } from '../domain/hearing.ts';
import type { ConsentAct, SubscriberState } from '../domain/words.ts';
import { NotFound } from '../errors.ts';
import type { Subscriber } from '../hearing-tables.ts';
import { choicesAsJson, readChoices, writeChoices } from './choices.ts';
import { keepConsent } from './consent.ts';

/** What a link to a subscription we do not have, and one we did not make, are both answered with. */
export const nothingHere = 'There is nothing at this address.';

/** She says yes to what she was asked. Twice is the same; for one who left it does nothing. Throws NotFound. */
export async function confirm(trx: Trx, id: string, now: Date): Promise<void> {
  await move(trx, id, { from: ['unconfirmed'], to: 'active', act: 'confirmed', source: 'link' }, now);
}

/** She left and wants to hear again. Twice is the same. Throws NotFound. */
export async function comeBack(trx: Trx, id: string, now: Date): Promise<void> {
  await move(trx, id, { from: ['left'], to: 'active', act: 'confirmed', source: 'link' }, now);
}

/** She hears nothing until she says so. Twice is the same. Throws NotFound. */
export async function pause(trx: Trx, id: string, now: Date): Promise<void> {
  await move(trx, id, { from: ['active'], to: 'paused', act: 'paused', source: 'link' }, now);
}

/** Twice is the same. Throws NotFound. */
export async function resume(trx: Trx, id: string, now: Date): Promise<void> {
  await move(trx, id, { from: ['paused'], to: 'active', act: 'resumed', source: 'link' }, now);
}

/** She hears nothing any more; the row stays as the proof of it. Twice is the same. Throws NotFound. */
export async function leave(trx: Trx, id: string, source: string, now: Date): Promise<void> {
  await move(trx, id, { from: ['unconfirmed', 'active', 'paused'], to: 'left', act: 'left', source }, now);
}

/**
 * She hears of something else from now on. Who is neither active nor paused stays as she is. Twice is the same. Throws
 * NotFound.
 */
export async function choose(
  trx: Trx,
  id: string,
  choices: Choices,
  source: string,
  now: Date,
): Promise<void> {
  const her = await lockSubscriber(trx, id);
  const before = (await readChoices(trx, [her])).get(id)!;
  if (!['active', 'paused'].includes(her.state) || sameChoices(before, choices)) return;
  await writeChoices(trx, id, choices);
  const detail = { before: choicesAsJson(before), choices: choicesAsJson(choices) };
  await keepConsent(trx, { subscriberId: id, act: 'changed', source, detail }, now);
}

/** Throws NotFound. */
export async function lockSubscriber(trx: Trx, id: string): Promise<Subscriber> {
  const her = await trx
    .selectFrom('subscriber')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!her) throw new NotFound(nothingHere);
  return her;
}

interface Move {
  from: SubscriberState[];
  to: SubscriberState;
  act: ConsentAct;
  source: string;
}

async function move(trx: Trx, id: string, { from, to, act, source }: Move, now: Date): Promise<void> {
  const her = await lockSubscriber(trx, id);
  if (!from.includes(her.state)) return;
  const choices = choicesAsJson((await readChoices(trx, [her])).get(id)!);
  await trx
    .updateTable('subscriber')
    .set({ state: to, ...(act === 'confirmed' && { confirmed_at: now }) })
    .where('id', '=', id)
    .execute();
  await keepConsent(trx, { subscriberId: id, act, source, detail: { choices } }, now);
}
