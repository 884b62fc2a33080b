import type { Kind } from './lifecycle.ts';
import { durationWords } from './times.ts';

const minute = 60_000;

/** How an open issue stands with its promised next update: `none`, still `kept`, or `overdue`. */
export function promiseState(nextUpdateAt: Date | null, now: Date): 'none' | 'kept' | 'overdue' {
  if (nextUpdateAt === null) return 'none';
  return nextUpdateAt.getTime() < now.getTime() ? 'overdue' : 'kept';
}

/**
 * The same as a mail says it, which is read a little later than it was owed: around its end a promise is `due`, so that
 * no mail promises what has passed by the time it is read, or calls us late by a second.
 */
export function promiseInMail(promisedAt: Date | null, owedAt: Date): 'none' | 'kept' | 'due' | 'overdue' {
  if (promisedAt === null) return 'none';
  const left = promisedAt.getTime() - owedAt.getTime();
  return left > 2 * minute ? 'kept' : left > -minute ? 'due' : 'overdue';
}

/** What staff can choose for "next update by"; `date` stands for a time of their own, `none` for no promise. */
export const promiseChoices = ['30m', '1h', '2h', '4h', '1d', '2wd', '5wd', 'date', 'none'] as const;
export type PromiseChoice = (typeof promiseChoices)[number];

export const promiseWords: Record<PromiseChoice, string> = {
  '30m': 'in 30 minutes',
  '1h': 'in one hour',
  '2h': 'in two hours',
  '4h': 'in four hours',
  '1d': 'in one day',
  '2wd': 'in two working days',
  '5wd': 'in five working days',
  date: 'at this time:',
  none: 'promise no time',
};

/** What we promise unless staff choose otherwise: an incident's readers look every few minutes, a bug's every few days. */
export function defaultPromise(kind: Kind): PromiseChoice {
  return ({ incident: '30m', bug: '2wd', maintenance: 'none' } as const)[kind];
}

const lengths: Partial<Record<PromiseChoice, number>> = {
  '30m': 30 * minute,
  '1h': 60 * minute,
  '2h': 120 * minute,
  '4h': 240 * minute,
  '1d': 1440 * minute,
};

/** The time that a choice promises; null for `none`, and for `date`, which says it itself. Saturdays and Sundays are not worked. */
export function promisedBy(choice: PromiseChoice, now: Date): Date | null {
  if (choice === '2wd') return workingDaysLater(now, 2);
  if (choice === '5wd') return workingDaysLater(now, 5);
  const length = lengths[choice];
  return length === undefined ? null : new Date(now.getTime() + length);
}

function workingDaysLater(from: Date, days: number): Date {
  const at = new Date(from);
  for (let left = days; left > 0; ) {
    at.setUTCDate(at.getUTCDate() + 1);
    if (at.getUTCDay() !== 0 && at.getUTCDay() !== 6) left--;
  }
  return at;
}

/** How far a promise is from its end, in words: "runs out in 12 minutes", "ran out 20 minutes ago". */
export function promiseLeft(promisedAt: Date, now: Date): string {
  const left = promisedAt.getTime() - now.getTime();
  return left < 0 ? `ran out ${durationWords(-left)} ago` : `runs out in ${durationWords(left)}`;
}

/** What staff are reminded of: that a promise runs out soon, or that it has run out. */
export const nudges = ['soon', 'lapsed'] as const;
export type Nudge = (typeof nudges)[number];

/** A promise as it stands, and since when it does. */
export interface Promised {
  promisedAt: Date;
  madeAt: Date;
}

const hour = 60 * minute;
/** A reminder before the end comes no earlier than this. */
export const longestLead = 2 * hour;
const shortestLead = 5 * minute;
/** A promise that ran out longer ago is news to nobody. */
export const longestLapse = 7 * 24 * hour;

/**
 * How long before its end a promise of this length is reminded of: a quarter of it, within bounds; null for one so
 * short that whoever made it is still at it. All in milliseconds.
 */
export function nudgeLead(length: number): number | null {
  const lead = Math.min(Math.max(length / 4, shortestLead), longestLead);
  return lead > length / 2 ? null : lead;
}

/** The reminder that is due of a promise at this moment, or null. Who has had it needs no other of the same. */
export function nudgeDue({ promisedAt, madeAt }: Promised, now: Date): Nudge | null {
  const left = promisedAt.getTime() - now.getTime();
  if (left < 0) return -left <= longestLapse ? 'lapsed' : null;
  const lead = nudgeLead(promisedAt.getTime() - madeAt.getTime());
  return lead !== null && left <= lead ? 'soon' : null;
}
