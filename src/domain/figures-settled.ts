import {
  addIssue,
  type Bucket,
  type Buckets,
  bucketOf,
  join,
  newBucket,
  sortTimes,
  takeOut,
} from './figures-buckets.ts';
import type { Fold, IssueFacts } from './figures-facts.ts';
import type { Entry } from './ledger.ts';

// Of an issue that has been over for long only what it comes to is kept, month by month, so that a hundred thousand of
// them take some numbers each. Where the ledger speaks of one again, it is brought back from its own entries first.

/** What all issues that are kept no more came to. */
export interface Settled {
  months: Buckets;
  all: Bucket;
  /** Whether the times stand in order. */
  isSorted: boolean;
}

/** An issue that nothing was said of for so long is over for good, most likely. */
export const settleMs = 30 * 86_400_000;

export function nothingSettled(): Settled {
  return { months: new Map(), all: newBucket(), isSorted: true };
}

/** Lets go of the issues that have been over for so long by the time of the latest entry, keeping what they come to. Those that others were merged into stay. */
export function settle(fold: Fold, restMs = settleMs): void {
  const now = [...fold.issues.values()].reduce((latest, { heardAt }) => Math.max(latest, heardAt), 0);
  const followed = new Set([...fold.issues.values()].map(({ mergedInto }) => mergedInto));
  for (const [id, issue] of fold.issues) {
    const stays = issue.isOpen || issue.promisedBy !== null || issue.mergedInto !== null || followed.has(id);
    if (stays || now - issue.heardAt < restMs) continue;
    eachOf(issue, fold.settled, join);
    fold.settled.isSorted = false;
    fold.issues.delete(id);
  }
}

/** Brings an issue back that was let go of, as its own entries up to here have it. */
export function revive(fold: Fold, id: string, issue: IssueFacts): void {
  if (fold.issues.has(id)) return;
  eachOf(issue, fold.settled, takeOut);
  fold.issues.set(id, issue);
}

/** The issues that an entry is about, or whose end it depends on. */
export function touchedBy(entry: Entry): string[] {
  return [
    ...(entry.issue_id === null ? [] : [entry.issue_id]),
    ...(entry.type === 'issue_merged' ? [entry.into] : []),
    ...(entry.type === 'issue_opened' && entry.return_of !== null ? [entry.return_of] : []),
  ];
}

/** The same with its times in order. */
export function sorted(settled: Settled): Settled {
  if (settled.isSorted) return settled;
  for (const bucket of [...settled.months.values(), settled.all]) sortTimes(bucket);
  settled.isSorted = true;
  return settled;
}

function eachOf(issue: IssueFacts, settled: Settled, change: (bucket: Bucket, by: Bucket) => void): void {
  const its: Buckets = new Map();
  addIssue(its, issue, issue.openedAt);
  for (const [month, bucket] of its) {
    change(bucketOf(settled.months, month), bucket);
    change(settled.all, bucket);
  }
}
