import {
  addIssue,
  type Bucket,
  type Buckets,
  bucketOf,
  join,
  monthOf,
  newBucket,
} from './figures-buckets.ts';
import type { Fold, IssueFacts, Tally } from './figures-facts.ts';
import { sorted } from './figures-settled.ts';

/** How long something took: the middle one, and what nine of ten did not exceed. */
export interface Times {
  count: number;
  median_seconds: number | null;
  slowest_tenth_seconds: number | null;
}

/** The figures of one month, or of all months; what each says stands in src/domain/figures-words.ts. */
export interface Figures {
  acknowledged: Times & { known_before: number };
  first_update: Times;
  fixed: Times;
  told: Times;
  promises: { made: number; kept: number; moved: number; broken: number };
  fixes: { fixed: number; answered: number; work: number; came_back: number };
  people: { told_us: number; told: number; could_not_be_told: number; left_no_address: number };
  answers: Record<AnsweredSo, { given: number; were_right: number }>;
}

export const answeredSo = ['not_a_bug', 'works_as_designed', 'not_reproducible'] as const;
export type AnsweredSo = (typeof answeredSo)[number];

/** Newest first. */
export interface AllFigures {
  months: ({ month: string } & Figures)[];
  all: Figures;
}

const mostMonths = 24;

/** Counts what the ledger's entries came to, as it stands at this time; a promise that has run out by then is broken. */
export function figuresOf(fold: Fold, now: Date): AllFigures {
  const settled = sorted(fold.settled);
  const fresh: Buckets = new Map();
  const acknowledged = acknowledgedAt(fold.issues);
  for (const [id, issue] of fold.issues) {
    addIssue(fresh, issue, issue.openedAt === null ? null : acknowledged.get(id)!);
    const { promisedBy } = issue;
    if (promisedBy !== null && promisedBy < now.getTime()) bucketOf(fresh, monthOf(promisedBy)).broken++;
  }
  const allFresh = newBucket();
  for (const bucket of fresh.values()) join(allFresh, bucket);
  const none = newBucket();
  const months = monthsOf(fold, now).map((month) => {
    const tallies = [fold.months.get(month) ?? []].flat();
    return { month, ...shape(settled.months.get(month) ?? none, fresh.get(month) ?? none, tallies) };
  });
  return { months, all: shape(settled.all, allFresh, [...fold.months.values()]) };
}

/** What was merged into an issue was known from when the first of them was opened. */
function acknowledgedAt(issues: ReadonlyMap<string, IssueFacts>): Map<string, number> {
  const found = new Map<string, number>();
  for (const [own, { openedAt }] of issues) {
    if (openedAt === null) continue;
    const seen = new Set<string>();
    for (let id: string | null = own; id !== null && !seen.has(id); id = issues.get(id)?.mergedInto ?? null) {
      seen.add(id);
      found.set(id, Math.min(found.get(id) ?? openedAt, openedAt));
    }
  }
  return found;
}

/** A month, or all of them: what is settled, with its times in order, what is not, and what was tallied. */
function shape(old: Bucket, fresh: Bucket, tallies: readonly Tally[]): Figures {
  const of = (name: 'kept' | 'moved' | 'broken' | 'cameBack') =>
    tallies.reduce((sum, one) => sum + one[name], 0);
  const promises = { kept: of('kept'), moved: of('moved'), broken: of('broken') + old.broken + fresh.broken };
  return {
    acknowledged: {
      ...timesOf(old.acknowledged, fresh.acknowledged),
      known_before: old.knownBefore + fresh.knownBefore,
    },
    first_update: timesOf(old.firstUpdate, fresh.firstUpdate),
    fixed: timesOf(old.fixed, fresh.fixed),
    told: timesOf(old.told, fresh.told),
    promises: { made: promises.kept + promises.moved + promises.broken, ...promises },
    fixes: { ...sum(old.fixes, fresh.fixes), came_back: of('cameBack') },
    people: sum(old.people, fresh.people),
    answers: {
      not_a_bug: answersOf(tallies, 'not_a_bug'),
      works_as_designed: answersOf(tallies, 'works_as_designed'),
      not_reproducible: answersOf(tallies, 'not_reproducible'),
    },
  };
}

function answersOf(tallies: readonly Tally[], verdict: AnsweredSo): { given: number; were_right: number } {
  return {
    given: tallies.reduce((sum, { answered }) => sum + (answered[verdict] ?? 0), 0),
    were_right: tallies.reduce((sum, { wereRight }) => sum + (wereRight[verdict] ?? 0), 0),
  };
}

function sum<Of extends { [Key in keyof Of]: number }>(one: Of, other: Of): Of {
  const keys = Object.keys(one) as (keyof Of)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + other[key]])) as Of;
}

/** Of times of which most stand in order already, as many as there may be. */
function timesOf(old: readonly number[], fresh: readonly number[]): Times {
  const rest = [...fresh].sort((a, b) => a - b);
  const count = old.length + rest.length;
  if (count === 0) return { count, median_seconds: null, slowest_tenth_seconds: null };
  const nth = (rank: number) => nthOf(old, rest, rank) / 1000;
  const middle = (nth(Math.floor((count - 1) / 2)) + nth(Math.ceil((count - 1) / 2))) / 2;
  return {
    count,
    median_seconds: round(middle),
    slowest_tenth_seconds: round(nth(Math.ceil(count * 0.9) - 1)),
  };
}

/** The one at this place of two lists together, each in order; 0 is the least. */
function nthOf(one: readonly number[], other: readonly number[], rank: number): number {
  let low = Math.max(0, rank + 1 - other.length); // how many of the first are among the least
  let high = Math.min(rank + 1, one.length);
  while (low < high) {
    const half = Math.floor((low + high) / 2);
    if (one[half]! < other[rank - half]!) low = half + 1;
    else high = half;
  }
  return Math.max(one[low - 1] ?? Number.NEGATIVE_INFINITY, other[rank - low] ?? Number.NEGATIVE_INFINITY);
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** From this month back to the one in which the ledger began. */
function monthsOf({ since }: Fold, now: Date): string[] {
  if (since === null) return [];
  const first = monthOf(since);
  const months: string[] = [];
  const at = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  while (months.length < mostMonths && monthOf(at.getTime()) >= first) {
    months.push(monthOf(at.getTime()));
    at.setUTCMonth(at.getUTCMonth() - 1);
  }
  return months;
}
