import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Trx } from '../../db.ts';
import { mostOwnHooks, mostPageHooks } from '../../domain/hooks.ts';
import type { WebhookKind } from '../../domain/words.ts';
import { Conflict, NotFound, TooMany } from '../../errors.ts';
import type { Webhook } from '../../hearing-tables.ts';
import { newId } from '../../ids.ts';
import { take } from '../../limits.ts';
import { newMessageId, wakeNotifiers } from '../outbox.ts';
import { newSigningSecret } from './sign.ts';

/** Whose a webhook is: a subscriber's, or the page's own and then null. Nobody reaches another's. */
export type Owner = string | null;

export interface NewWebhook {
  kind: WebhookKind;
  name: string;
  url: string;
}

const hour = 3_600_000;
const limits = {
  own: { most: 10, perMs: hour },
  page: { most: 60, perMs: hour },
};

/** All webhooks of an owner, oldest first. */
export function listWebhooks(db: Db, owner: Owner): Promise<Webhook[]> {
  return db
    .selectFrom('webhook')
    .selectAll()
    .where('subscriber_id', owner === null ? 'is' : '=', owner)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** One of them. Throws NotFound. */
export async function findWebhook(db: Db, owner: Owner, id: string): Promise<Webhook> {
  const hook = (await listWebhooks(db, owner)).find((one) => one.id === id);
  if (!hook) throw new NotFound('There is no such webhook here. It may have been removed.');
  return hook;
}

/**
 * Adds a webhook whose address was looked at before; from now on it is told. `staffId` is who adds one of the page's
 * own. Throws Conflict where there are as many as there may be, and TooMany.
 */
export async function addWebhook(
  trx: Trx,
  owner: Owner,
  { kind, name, url }: NewWebhook,
  staffId: string | null,
  now: Date,
): Promise<Webhook> {
  if (owner !== null) {
    await sql`select from subscriber where id = ${owner} for update`.execute(trx); // so that two forms at once count
    await takeOne(trx, owner, 'added', now);
  }
  const most = owner === null ? mostPageHooks : mostOwnHooks;
  if ((await listWebhooks(trx, owner)).length >= most)
    throw new Conflict(`There may be ${most} webhooks here. Please remove one first.`);
  return trx
    .insertInto('webhook')
    .values({
      id: newId(),
      kind,
      name,
      url,
      secret: newSigningSecret(),
      subscriber_id: owner,
      staff_id: staffId,
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Queues a test, which goes at once whatever else waits, and answers its id. Throws NotFound and TooMany. */
export async function testWebhook(trx: Trx, owner: Owner, id: string, now: Date): Promise<string> {
  await findWebhook(trx, owner, id);
  await takeOne(trx, owner, 'tested', now);
  const test = randomUUID();
  await sql`
    insert into delivery (id, event, template, webhook_id, address, message_id, due_at, created_at)
    values (${test}, ${`hook_test:${test}`}, 'hook_test', ${id}, ${`hook@${id}`}, ${newMessageId}, ${now}, ${now})`.execute(
    trx,
  );
  await wakeNotifiers(trx);
  return test;
}

/** Tells a paused webhook again, from the next news on. Calling twice is safe. Throws NotFound. */
export async function resumeWebhook(trx: Trx, owner: Owner, id: string): Promise<void> {
  await findWebhook(trx, owner, id);
  await trx
    .updateTable('webhook')
    .set({ paused_at: null, failures: 0, failing_since: null, last_error: null })
    .where('id', '=', id)
    .execute();
}

/** What can take a reminder of a promise; Statuspage has no words for one. */
export function canBeNudged({ kind, subscriber_id }: Pick<Webhook, 'kind' | 'subscriber_id'>): boolean {
  return subscriber_id === null && kind !== 'statuspage';
}

/** Says whether one of the page's own is reminded of promises. Throws NotFound, and Conflict for one that cannot be. */
export async function chooseHookNudges(trx: Trx, id: string, nudges: boolean): Promise<void> {
  const hook = await findWebhook(trx, null, id);
  if (nudges && !canBeNudged(hook))
    throw new Conflict('Statuspage has no words for a promise, so none is sent there.');
  await trx.updateTable('webhook').set({ nudges }).where('id', '=', id).execute();
}

/** Removes a webhook and all that was to go there. Throws NotFound. */
export async function removeWebhook(trx: Trx, owner: Owner, id: string): Promise<void> {
  await findWebhook(trx, owner, id);
  await trx.deleteFrom('webhook').where('id', '=', id).execute();
}

/** A stranger who subscribed must not make a stone-thrower of us. */
async function takeOne(trx: Trx, owner: Owner, what: 'added' | 'tested', now: Date): Promise<void> {
  const wait = await take(trx, `webhook-${what}:${owner}`, owner === null ? limits.page : limits.own, now);
  if (wait > 0)
    throw new TooMany(
      `That was often in one hour. Please come back in ${Math.ceil(wait / 60)} minutes; nothing is lost.`,
      wait,
    );
}
