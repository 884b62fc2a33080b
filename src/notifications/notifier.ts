import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../db.ts';
import type { Links } from '../links.ts';
import type { Mailer } from '../mailer.ts';
import { type Claimed, claimDue, claimProbe, releaseAllLeases } from './claim.ts';
import { type Desk, deliver, type Log } from './deliver.ts';
import type { Page } from './email.ts';
import { fairness } from './fairness.ts';

export interface NotifierOptions {
  db: Db;
  mailer: Mailer;
  page: Page;
  links: Links;
  log: Log;
  now?: () => Date;
  random?: () => number;
  /** Mails at a time. */
  concurrency?: number;
  /** How long a claimed mail is ours, in milliseconds; longer than the mailer's deadline. */
  leaseMs?: number;
  /** How often one mail is tried while sending is paused, in milliseconds. */
  probeMs?: number;
  /** A mail host that takes longer than this, in milliseconds, gets one mail at a time. */
  slowMs?: number;
  /** Only where no other process can be at work on this database: frees what a killed predecessor held. */
  releaseLeasesAtStart?: boolean;
}

export interface Notifier {
  /** There may be mail due: cheap, and never lost, also while the notifier is at work. */
  poke(): void;
  /** Begins nothing new, waits for what is under way at most `graceMs`, then hangs up. Calling twice is safe. */
  stop(graceMs: number): Promise<void>;
}

/** Starts the notifier. It works when poked, until nothing more is due; a clock somewhere should poke it now and then. */
export function startNotifier(options: NotifierOptions): Notifier {
  const { db, log, now = () => new Date(), random = Math.random } = options;
  const { concurrency = 5, leaseMs = 60_000, probeMs = 15_000 } = options;
  const closing = new AbortController();
  const closed = new AbortController();
  const desk: Desk = {
    ...options,
    now,
    random,
    leaseMs,
    probeMs,
    closing: closing.signal,
    closed: closed.signal,
    success: { notedAt: -Infinity, awaited: true },
  };
  const fair = fairness(concurrency, options.slowMs);
  const underWay = new Set<Promise<void>>();
  let pumping = false;
  let again = false;
  let fresh = options.releaseLeasesAtStart ?? false;

  function poke(): void {
    again = true;
    if (!pumping) void pump();
  }

  async function pump(): Promise<void> {
    pumping = true;
    try {
      if (fresh) await releaseAllLeases(db);
      fresh = false;
      while (again && !closing.signal.aborted) {
        again = false;
        await fillSlots();
      }
    } catch (error) {
      log.error(
        { error: (error as Error).message },
        'the notifier cannot reach the database; the next poke tries again',
      );
    } finally {
      pumping = false; // in the same breath as the last look at `again`, so that no poke falls between
    }
  }

  async function fillSlots(): Promise<void> {
    while (underWay.size < concurrency && !closing.signal.aborted) {
      const mail = (await claimDue(db, { now: now(), leaseMs, except: fair.full() })) ?? (await probe());
      if (!mail) return;
      begin(mail);
    }
  }

  async function probe(): Promise<Claimed | null> {
    const mail = await claimProbe(db, { now: now(), leaseMs, probeMs: probeMs * (1 + random() / 5) });
    if (mail) desk.success.awaited = true;
    return mail;
  }

  function begin(mail: Claimed): void {
    const ended = fair.began(mail.domain);
    const work = deliver(desk, mail).then((sent) => {
      ended(sent);
      underWay.delete(work);
      poke();
    });
    underWay.add(work);
  }

  async function quiet(): Promise<void> {
    while (pumping || underWay.size > 0) await Promise.race([...underWay, sleep(20)]);
  }

  return {
    poke,
    async stop(graceMs) {
      closing.abort();
      const hangUp = setTimeout(() => closed.abort(), graceMs);
      await Promise.race([quiet(), sleep(graceMs + 1_500, undefined, { ref: false })]);
      clearTimeout(hangUp);
      closed.abort();
    },
  };
}
