import { type Db, isDatabaseAway } from '../db.ts';
import { backoff, consequenceOf, isAboutThisMail, patience, writingTries } from '../domain/retry.ts';
import type { Links } from '../links.ts';
import { type Letter, type Mailer, MailFault } from '../mailer.ts';
import type { Ahead } from './ahead.ts';
import { countStrike, noteAnswer, noteSuccess, pauseSending } from './breaker.ts';
import type { Claimed } from './claim.ts';
import { type Page, writeEmail } from './email.ts';
import { saysForSome } from './email-model.ts';
import { type Outcome, settle } from './settle.ts';

export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What sending needs; made once by the notifier. */
export interface Desk {
  db: Db;
  mailer: Mailer;
  page: Page;
  links: Links;
  log: Log;
  now: () => Date;
  random: () => number;
  wanted: Ahead['wanted'];
  bounceTo?: (deliveryId: string) => string | null;
  leaseMs: number;
  probeMs: number;
  /** Aborts once the notifier should begin nothing new. */
  closing: AbortSignal;
  /** Aborts once what is under way must end too. */
  closed: AbortSignal;
  /** When this process last wrote down a success, and whether the next one must be, since something was wrong. */
  success: { notedAt: number; awaited: boolean };
}

/**
 * Sends one claimed mail and writes down how it ended; true when the server took it. Never throws: whatever the
 * database does not take is left to the lease, and the mail is due again when it has run out.
 */
export async function deliver(desk: Desk, delivery: Claimed): Promise<boolean> {
  const about = { delivery: delivery.id, event: delivery.event };
  const outcome = await send(desk, delivery);
  try {
    const ours = await keepTrying(desk, delivery, () => settle(desk.db, delivery, outcome, desk.now()));
    tell(desk.log, { ...about, attempts: delivery.attempts }, ours, outcome);
  } catch (error) {
    const facts = { ...about, state: outcome.state, error: short(error) };
    desk.log.error(
      facts,
      'the database did not take how a mail ended: it is due again when its lease is over',
    );
  }
  if (outcome.state === 'sent') await succeeded(desk).catch(() => {});
  return outcome.state === 'sent';
}

async function send(desk: Desk, delivery: Claimed): Promise<Outcome> {
  let letter: Letter;
  let forSome: boolean;
  try {
    const matter = await desk.wanted(delivery);
    if ('state' in matter) return matter;
    forSome = saysForSome(delivery.template, matter);
    letter = writeEmail(desk.page, desk.links, delivery, matter);
    letter.envelopeFrom = desk.bounceTo?.(delivery.id) ?? null;
  } catch (error) {
    return isDatabaseAway(error)
      ? { state: 'released', error: 'the database was away' }
      : cannotWrite(desk, delivery, error);
  }
  const left = delivery.lease_until.getTime() - desk.now().getTime();
  if (desk.closing.aborted || left < desk.leaseMs / 2) return { state: 'released' };
  try {
    await desk.mailer.send(letter, desk.closed);
    return { state: 'sent', reason: null, forSome };
  } catch (error) {
    return error instanceof MailFault ? refused(desk, delivery, error) : cannotWrite(desk, delivery, error);
  }
}

function cannotWrite(desk: Desk, delivery: Claimed, error: unknown): Outcome {
  const reason = `the mail could not be written: ${short(error)}`;
  if (delivery.attempts >= writingTries) return { state: 'failed', reason, error: reason };
  return later(desk, delivery, reason);
}

async function refused(desk: Desk, delivery: Claimed, { message, fault }: MailFault): Promise<Outcome> {
  if (desk.closed.aborted && fault.responseCode === null && fault.stage !== 'handed_over') {
    return { state: 'released' }; // we hung up ourselves
  }
  if (isAboutThisMail(fault)) await goesOn(desk, noteAnswer(desk.db)).catch(() => {});
  switch (consequenceOf(fault)) {
    case 'retry':
      return later(desk, delivery, message);
    case 'maybe_delivered':
      return later(desk, delivery, message, true);
    case 'address_bad':
      return { state: 'failed', reason: message, error: message, suppress: true };
    case 'failed':
      return { state: 'failed', reason: message, error: message };
    case 'refused_by_policy':
      desk.success.awaited = true;
      if (await countStrike(desk.db).catch(() => false)) await pause(desk, message);
      return later(desk, delivery, message);
    case 'relay_down': {
      await pause(desk, message);
      // An answer may be meant for this mail alone: let the next probe be another one.
      const aside = fault.responseCode !== null && fault.stage !== 'connect';
      const dueAt = new Date(desk.now().getTime() + desk.probeMs * (1 + desk.random()));
      return { state: 'released', error: message, ...(aside && { dueAt }) };
    }
  }
}

function later(desk: Desk, delivery: Claimed, error: string, maybeDelivered = false): Outcome {
  const now = desk.now().getTime();
  const since = delivery.again_at ?? delivery.reached_at ?? delivery.created_at;
  if (now - since.getTime() >= patience) {
    return { state: 'failed', reason: `given up after 72 hours: ${error}`, error, maybeDelivered };
  }
  const dueAt = new Date(now + backoff(delivery.attempts, desk.random()));
  return { state: 'queued', dueAt, error, maybeDelivered };
}

async function pause({ db, log, now, probeMs, random, success }: Desk, reason: string): Promise<void> {
  success.awaited = true;
  const opened = await pauseSending(db, reason, now(), probeMs * (1 + random() / 5)).catch(() => false);
  if (opened)
    log.error({ reason }, 'sending is paused: no mail is lost, and one at a time is tried until one goes');
}

/** Once a second is enough while all is well: the row is shared by all replicas. */
async function succeeded(desk: Desk): Promise<void> {
  const { db, now, success } = desk;
  if (!success.awaited && performance.now() - success.notedAt < 1_000) return;
  Object.assign(success, { notedAt: performance.now(), awaited: false });
  await goesOn(desk, noteSuccess(db, now()));
}

async function goesOn({ log }: Desk, noted: Promise<Date | null>): Promise<void> {
  const pausedSince = await noted;
  if (pausedSince) log.warn({ paused_since: pausedSince }, 'sending goes on: the mail server answers again');
}

/** Repeats a write while the database is away, as long as the lease lasts: a mail that went out must not go twice. */
export async function keepTrying<T>(
  desk: Pick<Desk, 'now' | 'closed'>,
  delivery: Claimed,
  write: () => Promise<T>,
): Promise<T> {
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
    try {
      return await write();
    } catch (error) {
      const over = desk.now().getTime() + pauseMs >= delivery.lease_until.getTime();
      if (!isDatabaseAway(error) || over || desk.closed.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function tell(log: Log, facts: object, ours: boolean, outcome: Outcome): void {
  const { state } = outcome;
  const why = 'reason' in outcome && outcome.reason ? outcome.reason : outcome.error;
  const all = { ...facts, state, ...(why && { reason: why }) };
  if (!ours) log.warn(all, 'a mail ended after its lease was over; somebody else has it now');
  else if (state === 'failed') log.warn(all, 'mail failed');
  else if (state === 'queued') log.warn(all, 'mail put back, to be tried again');
  else log.info(all, state === 'sent' ? 'mail sent' : `mail ${state}`);
}

/** The first line of what went wrong, without addresses. */
export function short(error: unknown): string {
  return String((error as Error)?.message ?? error)
    .split('\n')[0]!
    .replace(/\S+@\S+/g, '(address)')
    .slice(0, 200);
}
