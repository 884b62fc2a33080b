import type { Db } from '../db.ts';
import type { Links } from '../links.ts';
import type { Mailer } from '../mailer.ts';
import { lookAhead } from './ahead.ts';
import { type Claimed, claimProbe, releaseAllLeases } from './claim.ts';
import { type Desk, deliver, type Log } from './deliver.ts';
import type { Page } from './email.ts';
import { fairness } from './fairness.ts';
import { newHours, type Pump, startPump } from './pump.ts';

export interface NotifierOptions {
  db: Db;
  mailer: Mailer;
  page: Page;
  links: Links;
  log: Log;
  now?: () => Date;
  random?: () => number;
  /** Who learns that a mail came back; null or none: the sender. */
  bounceTo?: (deliveryId: string) => string | null;
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

export type Notifier = Pump;

/** Starts sending mail. It works when poked, until nothing more is due; a clock somewhere should poke it now and then. */
export function startNotifier(options: NotifierOptions): Notifier {
  const { db, log, now = () => new Date(), random = Math.random } = options;
  const { concurrency = 5, leaseMs = 60_000, probeMs = 15_000 } = options;
  const hours = newHours();
  const fair = fairness(concurrency, options.slowMs);
  const success = { notedAt: -Infinity, awaited: true };
  const [least, most] = [concurrency * 4, concurrency * 8];
  const ahead = lookAhead({ db, fair, now, leaseMs, least, most, isTroubled: () => success.awaited });
  const desk: Desk = {
    ...options,
    now,
    random,
    leaseMs,
    probeMs,
    success,
    wanted: ahead.wanted,
    closing: hours.closing.signal,
    closed: hours.closed.signal,
  };
  const pump = startPump<Claimed>({
    hours,
    slots: concurrency,
    ...(options.releaseLeasesAtStart && { first: () => releaseAllLeases(db, 'mails') }),
    next: async () => (await ahead.next()) ?? (await probe()),
    work(mail) {
      const ended = fair.began(mail.domain);
      return deliver(desk, mail).then(ended);
    },
    onTrouble: ({ message }) =>
      log.error({ error: message }, 'the notifier cannot reach the database; the next poke tries again'),
  });

  async function probe(): Promise<Claimed | null> {
    const mail = await claimProbe(db, { now: now(), leaseMs, probeMs: probeMs * (1 + random() / 5) });
    if (mail) success.awaited = true;
    return mail;
  }

  return {
    poke: pump.poke,
    async stop(graceMs) {
      const stopped = pump.stop(graceMs);
      for (const done of [null, stopped]) {
        await done;
        await ahead.giveBack().catch(() => {}); // else they come free with their lease
      }
    },
  };
}
