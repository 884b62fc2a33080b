import { type Db, isDatabaseAway } from '../../db.ts';
import { faultWords, type HookFault, refusedTries } from '../../domain/hooks.ts';
import { backoff, patience, writingTries } from '../../domain/retry.ts';
import type { Webhook } from '../../hearing-tables.ts';
import type { Links } from '../../links.ts';
import { keepTrying, type Log, short } from '../deliver.ts';
import type { Outcome } from '../settle.ts';
import type { ClaimedHook } from './claim-hook.ts';
import type { Reach } from './guard.ts';
import { type Ended, settleHook } from './health.ts';
import { type HookMatter, hookWanted } from './matter.ts';
import { writeMessage } from './message.ts';
import { type Message, type Posting, post } from './post.ts';

/** What sending to programs needs; made once for the pump. */
export interface HookDesk {
  db: Db;
  page: HookMatter['page'];
  links: Links;
  log: Log;
  now: () => Date;
  random: () => number;
  leaseMs: number;
  /** How far a webhook may reach. */
  reachOf: (hook: Webhook) => Reach;
  posting: Omit<Posting, 'reach' | 'signal'>;
  closing: AbortSignal;
  closed: AbortSignal;
}

interface Tried {
  outcome: Outcome;
  /** What the receiver made of it; undefined where nothing was sent. */
  posted?: HookFault | null;
}

/**
 * Sends one claimed message to its program and writes down how it ended. Never throws: whatever the database does not
 * take is left to the lease, and the message is due again, with the same id, when it has run out.
 */
export async function deliverHook(desk: HookDesk, delivery: ClaimedHook): Promise<void> {
  const { db, log, now } = desk;
  const about = { delivery: delivery.id, event: delivery.event, webhook: delivery.webhook_id };
  const { outcome, posted } = await attempt(desk, delivery);
  try {
    const ended = await keepTrying(desk, delivery, () => settleHook(db, delivery, outcome, posted, now()));
    tell(log, { ...about, attempts: delivery.attempts }, ended, outcome);
  } catch (error) {
    const facts = { ...about, state: outcome.state, error: short(error) };
    log.error(
      facts,
      'the database did not take how a webhook’s message ended: it is due again when its lease is over',
    );
  }
}

async function attempt(desk: HookDesk, delivery: ClaimedHook): Promise<Tried> {
  let hook: Webhook;
  let message: Message;
  try {
    const found = await findHook(desk.db, delivery.webhook_id);
    if (!found) return { outcome: { state: 'cancelled', reason: 'the webhook was removed' } };
    hook = found;
    const matter = await hookWanted(desk.db, hook, delivery, desk.page, desk.now());
    if ('state' in matter) return { outcome: matter };
    message = await writeMessage(desk.db, hook, delivery, matter, { links: desk.links, now: desk.now() });
  } catch (error) {
    return { outcome: cannotWrite(desk, delivery, error) };
  }
  const left = delivery.lease_until.getTime() - desk.now().getTime();
  if (desk.closing.aborted || left < desk.leaseMs / 2) return { outcome: { state: 'released' } };
  try {
    const reach = desk.reachOf(hook);
    const posted = await post(hook.url, message, { ...desk.posting, reach, signal: desk.closed });
    return { outcome: outcomeOf(desk, delivery, posted), posted };
  } catch {
    return { outcome: { state: 'released' } }; // we hung up ourselves
  }
}

function findHook(db: Db, id: string): Promise<Webhook | undefined> {
  return db.selectFrom('webhook').selectAll().where('id', '=', id).executeTakeFirst();
}

function outcomeOf(desk: HookDesk, delivery: ClaimedHook, posted: HookFault | null): Outcome {
  if (posted === null) return { state: 'sent', reason: null };
  const error = faultWords[posted];
  const isLast =
    delivery.template === 'hook_test' ||
    posted === 'gone' ||
    (posted === 'refused' && delivery.attempts >= refusedTries);
  return isLast ? { state: 'failed', reason: error, error } : later(desk, delivery, error);
}

function cannotWrite(desk: HookDesk, delivery: ClaimedHook, error: unknown): Outcome {
  if (isDatabaseAway(error)) return { state: 'released', error: 'the database was away' };
  const reason = `the message could not be written: ${short(error)}`;
  if (delivery.attempts >= writingTries) return { state: 'failed', reason, error: reason };
  return later(desk, delivery, reason);
}

function later({ now, random }: HookDesk, delivery: ClaimedHook, error: string): Outcome {
  const at = now().getTime();
  if (at - delivery.created_at.getTime() >= patience)
    return { state: 'failed', reason: `given up after 72 hours: ${error}`, error };
  return { state: 'queued', dueAt: new Date(at + backoff(delivery.attempts, random())), error };
}

/** Never the webhook's address: it may hold a secret. */
function tell(log: Log, facts: object, { ours, paused }: Ended, outcome: Outcome): void {
  const { state } = outcome;
  const why = 'reason' in outcome && outcome.reason ? outcome.reason : outcome.error;
  const all = { ...facts, state, ...(why && { reason: why }) };
  if (!ours) log.warn(all, 'a webhook’s message ended after its lease was over, or its webhook is gone');
  else if (state === 'sent') log.info(all, 'webhook told');
  else if (state === 'queued') log.warn(all, 'webhook’s message put back, to be tried again');
  else log.info(all, `webhook’s message ${state}`);
  if (paused)
    log.error(facts, 'a webhook is paused: nothing arrived there for too long, or it says it is gone');
}
