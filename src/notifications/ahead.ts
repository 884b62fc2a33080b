import type { Db } from '../db.ts';
import { type Claimed, claimDue, giveBack } from './claim.ts';
import type { Fairness } from './fairness.ts';
import { countingAnew } from './fan-out.ts';
import type { Matter, Unwanted } from './matter.ts';
import { isForReporters, stillWanted, stillWantedAll } from './still-wanted.ts';

/** Mails that are ours and not begun yet: claimed some at a time, and asked about together. */
export interface Ahead {
  /** The next one that may begin; null when there is none. */
  next(): Promise<Claimed | null>;
  /** Whether somebody still wants it, as of a moment ago. */
  wanted(mail: Claimed): Promise<Matter | Unwanted>;
  /** Frees what was not begun; the try does not count. */
  giveBack(): Promise<void>;
}

export interface LookingAhead {
  db: Db;
  fair: Fairness;
  now: () => Date;
  leaseMs: number;
  /** How many to claim at a time: the least at first and whenever they wait too long, more while they leave fast. */
  least: number;
  most: number;
  /** Something is wrong, or nothing is known yet: then one at a time. */
  isTroubled: () => boolean;
}

/** How long a claimed mail may wait before it is claimed anew: whoever holds all sending is heard within this time. */
const freshMs = 1_000;
/**
 * How old an answer may be to whether a mail is wanted: about as long as it takes to hand one over. Planning that one
 * question costs the database more than answering it for a hundred mails, so as many are asked about as leave within it.
 */
const sureMs = 200;

export function lookAhead({ db, fair, now, leaseMs, least, most, isTroubled }: LookingAhead): Ahead {
  let waiting: Claimed[] = [];
  const answers = new WeakMap<Claimed, { since: number; answer: Promise<Matter | Unwanted | undefined> }>();

  const countAnew = countingAnew(db);
  let coming: Promise<void> | null = null;
  let thereIsMore = false;
  let wish = least;

  async function next(): Promise<Claimed | null> {
    if (isTroubled() || isStale(waiting[0])) await giveBackAll();
    const mail = take();
    if (!mail) return (await takeOf(coming)) ?? takeOf(claimMore());
    const isLow = thereIsMore && waiting.length < wish / 2 && !isTroubled();
    if (isLow) claimMore().catch(() => {}); // whoever waits for one claims again, and hears why not
    return mail;
  }

  async function takeOf(claiming: Promise<void> | null): Promise<Claimed | null> {
    await claiming;
    return take();
  }

  function claimMore(): Promise<void> {
    coming ??= claim().finally(() => {
      coming = null;
    });
    return coming;
  }

  async function claim(): Promise<void> {
    const many = isTroubled() ? 1 : wish;
    const mails = await claimDue(db, { now: now(), leaseMs, except: fair.full(), most: many });
    const wasMore = thereIsMore;
    thereIsMore = many > 1 && mails.length === many;
    wish = Math.min(wish * 2, most);
    if (thereIsMore && !wasMore) countAnew().catch(() => {});
    waiting.push(...mails);
    askAbout(mails);
  }

  function take(): Claimed | null {
    const full = fair.full();
    const at = waiting.findIndex(({ domain }) => !full.includes(domain));
    return at < 0 ? null : waiting.splice(at, 1)[0]!;
  }

  /** Well before its lease is over: the last of them must have the time that the mailer may take. */
  function isStale(oldest: Claimed | undefined): boolean {
    if (!oldest) return false;
    const age = now().getTime() - (oldest.lease_until.getTime() - leaseMs);
    return age > Math.min(freshMs, leaseMs / 10);
  }

  async function wanted(mail: Claimed): Promise<Matter | Unwanted> {
    const had = answers.get(mail);
    const isSure = had && performance.now() - had.since < sureMs;
    if (!isSure) {
      wish = least;
      askAbout([mail, ...waiting]);
    }
    return (await answers.get(mail)?.answer) ?? stillWanted(db, mail, now());
  }

  /** A mail about which nothing can be known by itself must not stand in the way of the others: it is asked about alone. */
  function askAbout(mails: Claimed[]): void {
    const together = mails.filter(isForReporters);
    if (together.length === 0) return;
    const since = performance.now();
    const asked = stillWantedAll(db, together, now()).catch(() => undefined);
    for (const one of together) answers.set(one, { since, answer: asked.then((all) => all?.get(one.id)) });
  }

  async function giveBackAll(): Promise<void> {
    await coming?.catch(() => {});
    const back = waiting;
    waiting = [];
    if (back.length > 0) await giveBack(db, back);
  }

  return { next, wanted, giveBack: giveBackAll };
}
