import { sql } from 'kysely';
import type { z } from 'zod';
import { addressKey } from '../address.ts';
import { listAnswer, readCursor } from '../api/cursor.ts';
import type { Db, Trx } from '../db.ts';
import type { Choices, NamedChoices } from '../domain/hearing.ts';
import { containing } from '../domain/text.ts';
import { type SubscriberState, subscriberStates } from '../domain/words.ts';
import { NotFound } from '../errors.ts';
import type { Subscriber } from '../hearing-tables.ts';
import { choicesAsJson, readChoices } from './choices.ts';
import type { subscriberAnswer } from './schemas.ts';

export interface SubscriberQuery {
  limit: number;
  cursor?: string | undefined;
  state?: SubscriberState | undefined;
  component_id?: string | undefined;
  /** A piece of the address. */
  q?: string | undefined;
}

/** A subscriber with what she chose, and why no mail goes to her address, if so. */
export interface Seen extends Subscriber {
  choices: Choices & NamedChoices;
  suppressed: string | null;
}

/** Subscribers, newest first. For staff only. */
export async function listSubscribers(db: Db, query: SubscriberQuery) {
  const after = readCursor(query.cursor);
  const rows = await db
    .selectFrom('subscriber')
    .selectAll()
    .$if(query.state !== undefined, (q) => q.where('state', '=', query.state!))
    .$if(query.component_id !== undefined, (q) =>
      q.where('id', 'in', (eb) =>
        eb
          .selectFrom('subscriber_component')
          .select('subscriber_id')
          .where('component_id', '=', query.component_id!),
      ),
    )
    .$if(Boolean(query.q), (q) => q.where('email', 'ilike', containing(query.q!)))
    .$if(after !== null, (q) => q.where(sql<boolean>`(created_at, id) < (${after!.at}, ${after!.id})`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1)
    .execute();
  return listAnswer(rows, query.limit, await seenWith(db, rows));
}

/** One of them. Throws NotFound. */
export async function readSubscriber(db: Db | Trx, id: string) {
  const row = await db.selectFrom('subscriber').selectAll().where('id', '=', id).executeTakeFirst();
  const [one] = row ? await seenWith(db, [row]) : [];
  if (!one) throw new NotFound(`There is no subscriber ${id}.`);
  return one;
}

/** Whoever of these addresses subscribes, or did. */
export async function subscribersAt(db: Db | Trx, addresses: readonly string[]) {
  const rows = await db
    .selectFrom('subscriber')
    .selectAll()
    .where('email_key', '=', sql<string>`any(${addresses.map(addressKey)}::text[])`)
    .execute();
  return seenWith(db, rows);
}

/** How many are in each state. */
export async function countSubscribers(db: Db): Promise<Record<SubscriberState, number>> {
  const rows = await db
    .selectFrom('subscriber')
    .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const counts = new Map(rows.map((row) => [row.state, Number(row.count)]));
  return Object.fromEntries(subscriberStates.map((state) => [state, counts.get(state) ?? 0])) as Record<
    SubscriberState,
    number
  >;
}

/** As programs see one. */
export function subscriberAsJson(one: Seen): z.input<typeof subscriberAnswer> {
  return {
    id: one.id,
    email: one.email,
    state: one.state,
    ...choicesAsJson(one.choices),
    source: one.source,
    created_at: one.created_at.toISOString(),
    confirmed_at: one.confirmed_at?.toISOString() ?? null,
    suppressed: one.suppressed,
  };
}

async function seenWith(db: Db | Trx, rows: Subscriber[]): Promise<Seen[]> {
  const choices = await readChoices(db, rows);
  const suppressed = await suppressedOf(db, rows);
  return rows.map((row) => ({
    ...row,
    choices: choices.get(row.id)!,
    suppressed: suppressed.get(row.email_key) ?? null,
  }));
}

/** Why no mail goes to these addresses, by their keys. */
export async function suppressedOf(
  db: Db | Trx,
  rows: readonly Pick<Subscriber, 'email_key'>[],
): Promise<Map<string, string>> {
  const found = await db
    .selectFrom('suppression')
    .select(['address_key', 'reason'])
    .where('address_key', '=', sql<string>`any(${rows.map((row) => row.email_key)}::text[])`)
    .execute();
  return new Map(found.map((row) => [row.address_key, row.reason]));
}
