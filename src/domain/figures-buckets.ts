import type { Closing, IssueFacts } from './figures-facts.ts';

/** What a month's figures are counted from; times in milliseconds. */
export interface Bucket {
  acknowledged: number[];
  knownBefore: number;
  firstUpdate: number[];
  fixed: number[];
  told: number[];
  broken: number;
  fixes: { fixed: number; answered: number; work: number };
  people: { told_us: number; told: number; could_not_be_told: number; left_no_address: number };
}

/** By the month in UTC: 2026-11. */
export type Buckets = Map<string, Bucket>;

const times = ['acknowledged', 'firstUpdate', 'fixed', 'told'] as const;

export function newBucket(): Bucket {
  return {
    acknowledged: [],
    knownBefore: 0,
    firstUpdate: [],
    fixed: [],
    told: [],
    broken: 0,
    fixes: { fixed: 0, answered: 0, work: 0 },
    people: { told_us: 0, told: 0, could_not_be_told: 0, left_no_address: 0 },
  };
}

/** The bucket of a month; begins it where there is none. */
export function bucketOf(buckets: Buckets, month: string): Bucket {
  const bucket = buckets.get(month) ?? newBucket();
  buckets.set(month, bucket);
  return bucket;
}

/** Puts what one issue comes to into the buckets of its months; `acknowledged` is when it, or what it was merged with, was opened. */
export function addIssue(buckets: Buckets, issue: IssueFacts, acknowledged: number | null): void {
  const in_ = (at: number) => bucketOf(buckets, monthOf(at));
  if (acknowledged !== null && issue.kind !== 'maintenance') addTimes(issue, acknowledged, in_);
  for (const closing of issue.closings) if (closing.isFix && closing.isHere) addFix(closing, in_);
}

/** Adds one bucket to another. */
export function join(to: Bucket, one: Bucket): void {
  for (const name of times) for (const time of one[name]) to[name].push(time);
  sumUp(to, one, 1);
}

/** Takes out again what was added before; sorted times stay sorted. */
export function takeOut(from: Bucket, one: Bucket): void {
  for (const name of times) {
    for (const time of one[name]) {
      const place = from[name].indexOf(time);
      if (place >= 0) from[name].splice(place, 1);
    }
  }
  sumUp(from, one, -1);
}

/** Puts the times of a bucket in order. */
export function sortTimes(bucket: Bucket): void {
  for (const name of times) bucket[name] = [...Float64Array.from(bucket[name]).sort()];
}

/** The month of a moment, in UTC: 2026-11. */
export function monthOf(at: number): string {
  const date = new Date(at);
  return `${date.getUTCFullYear()}-${String(date.getUTCMonth() + 1).padStart(2, '0')}`;
}

type In = (at: number) => Bucket;

/** Each clock runs from the first report; a time belongs to the month in which its clock ended. */
function addTimes(issue: IssueFacts, acknowledged: number, in_: In): void {
  const first = issue.firstReportAt;
  if (first === null) return;
  if (acknowledged <= first) in_(first).knownBefore++;
  else in_(acknowledged).acknowledged.push(acknowledged - first);
  const update = issue.updatedAt.find((at) => at >= first);
  if (update !== undefined) in_(update).firstUpdate.push(update - first);
  const last = issue.closings.at(-1);
  if (last?.isFix && !issue.isOpen && last.at >= first) in_(last.at).fixed.push(last.at - first);
  for (const { isFix, told, at } of issue.closings) {
    if (!isFix || told === null || told.lastAt === null) continue;
    const { owed, sent, failed, suppressed, cancelled } = told;
    const waits = owed > sent + failed + suppressed + cancelled;
    if (!waits) in_(told.lastAt).told.push(Math.max(0, told.lastAt - at));
  }
}

function addFix({ at, works, worksNot, told }: Closing, in_: In): void {
  const { fixes, people } = in_(at);
  fixes.fixed++;
  fixes.work += works;
  fixes.answered += works + worksNot;
  if (told === null) return;
  people.told_us += told.people;
  people.told += told.sent;
  people.could_not_be_told += told.failed + told.suppressed;
  people.left_no_address += Math.max(0, told.people - (told.owed - told.cancelled));
}

function sumUp(to: Bucket, one: Bucket, sign: 1 | -1): void {
  to.knownBefore += sign * one.knownBefore;
  to.broken += sign * one.broken;
  addCounts(to.fixes, one.fixes, sign);
  addCounts(to.people, one.people, sign);
}

function addCounts<Of extends { [Key in keyof Of]: number }>(to: Of, one: Of, sign: 1 | -1): void {
  for (const key of Object.keys(to) as (keyof Of)[]) (to[key] as number) += sign * one[key];
}
