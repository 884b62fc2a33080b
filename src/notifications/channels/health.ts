import { sql } from 'kysely';
import type { Db, Trx } from '../../db.ts';
import { faultWords, type HookFault, isHopeless } from '../../domain/hooks.ts';
import type { Webhook } from '../../hearing-tables.ts';
import { type Outcome, settle } from '../settle.ts';
import type { ClaimedHook } from './claim-hook.ts';
import { owePausedLetter } from './owe-paused.ts';

/** What came of a try. */
export interface Ended {
  /** It was not ours any more, so nothing was written down. */
  ours: boolean;
  /** The webhook was paused because of it. */
  paused: boolean;
}

/**
 * Writes down how a try ended and what it says about the webhook, in one transaction fenced by the lease. `posted` is
 * what the receiver made of it, undefined where nothing was sent. A webhook without hope is paused, what waits for it
 * is cancelled, and its owner is told. A failed test counts for nothing; one that arrives ends the waiting of the rest.
 */
export function settleHook(
  db: Db,
  delivery: ClaimedHook,
  outcome: Outcome,
  posted: HookFault | null | undefined,
  now: Date,
): Promise<Ended> {
  return db.transaction().execute(async (trx) => {
    const hook = await trx
      .selectFrom('webhook')
      .selectAll()
      .where('id', '=', delivery.webhook_id)
      .forNoKeyUpdate()
      .executeTakeFirst();
    const ours = await settle(trx, delivery, outcome, now);
    if (!hook || !ours || posted === undefined) return { ours, paused: false };
    const isTest = delivery.template === 'hook_test';
    if (outcome.state === 'queued') await waitBehind(trx, hook, outcome.dueAt);
    if (posted === null) await noteWell(trx, hook, isTest, now);
    else return { ours, paused: await noteFault(trx, hook, posted, isTest, now) };
    return { ours, paused: false };
  });
}

/** What is newer cannot go before this one anyway: nobody need look at it until then. */
async function waitBehind(trx: Trx, { id }: Webhook, until: Date): Promise<void> {
  await trx
    .updateTable('delivery')
    .set({ due_at: until })
    .where('webhook_id', '=', id)
    .where('state', '=', 'queued')
    .where('template', '!=', 'hook_test')
    .where('lease_token', 'is', null)
    .where('due_at', '<', until)
    .execute();
}

async function noteWell(trx: Trx, { id }: Webhook, isTest: boolean, now: Date): Promise<void> {
  await trx
    .updateTable('webhook')
    .set({ failures: 0, failing_since: null, last_error: null, last_ok_at: now })
    .where('id', '=', id)
    .execute();
  if (!isTest) return;
  await trx
    .updateTable('delivery')
    .set({ due_at: now })
    .where('webhook_id', '=', id)
    .where('state', '=', 'queued')
    .where('due_at', '>', now)
    .where('lease_token', 'is', null)
    .execute();
}

async function noteFault(
  trx: Trx,
  hook: Webhook,
  fault: HookFault,
  isTest: boolean,
  now: Date,
): Promise<boolean> {
  const health = { failures: hook.failures + 1, failingSince: hook.failing_since ?? now };
  await trx
    .updateTable('webhook')
    .set({
      last_error: faultWords[fault],
      ...(!isTest && { failures: health.failures, failing_since: health.failingSince }),
    })
    .where('id', '=', hook.id)
    .execute();
  if (isTest || hook.paused_at !== null || !isHopeless(fault, health, now)) return false;
  await pause(trx, hook, now);
  return true;
}

async function pause(trx: Trx, hook: Webhook, now: Date): Promise<void> {
  await trx.updateTable('webhook').set({ paused_at: now }).where('id', '=', hook.id).execute();
  await sql`
    update delivery
    set state = 'cancelled', reason = 'the webhook was paused, for nothing arrived there', ended_at = ${now},
      lease_token = null, lease_until = null
    where webhook_id = ${hook.id} and state = 'queued' and template <> 'hook_test'
      and (lease_until > ${now}) is not true`.execute(trx);
  await owePausedLetter(trx, hook, now);
}
