import { type Closing, type Fold, type IssueFacts, monthOf, type Tally } from './figures-facts.ts';

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
  const buckets = new Map<string, Bucket>();
  for (const [month, tally] of fold.months) addTally(bucketOf(buckets, month), tally);
  const acknowledged = acknowledgedAt(fold.issues);
  for (const [id, issue] of fold.issues) {
    const in_ = (at: number) => bucketOf(buckets, monthOf(at));
    if (issue.openedAt !== null && issue.kind !== 'maintenance') takeTimes(issue, acknowledged.get(id)!, in_);
    for (const closing of issue.closings) if (closing.isFix && closing.isHere) takeFix(closing, in_);
    const { promisedBy } = issue;
    if (promisedBy !== null && promisedBy < now.getTime()) in_(promisedBy).promises.broken++;
  }
  const all = newBucket();
  for (const bucket of buckets.values()) join(all, bucket);
  const months = monthsOf(fold, now).map((month) => ({ month, ...shape(buckets.get(month) ?? newBucket()) }));
  return { months, all: shape(all) };
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

type In = (at: number) => Bucket;

/** Each clock runs from the first report; a time belongs to the month in which its clock ended. */
function takeTimes(issue: IssueFacts, acknowledged: number, in_: In): void {
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

function takeFix({ at, works, worksNot, told }: Closing, in_: In): void {
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

interface Bucket extends Omit<Figures, 'acknowledged' | 'first_update' | 'fixed' | 'told'> {
  acknowledged: number[];
  knownBefore: number;
  firstUpdate: number[];
  fixed: number[];
  told: number[];
}

function newBucket(): Bucket {
  return {
    acknowledged: [],
    knownBefore: 0,
    firstUpdate: [],
    fixed: [],
    told: [],
    promises: { made: 0, kept: 0, moved: 0, broken: 0 },
    fixes: { fixed: 0, answered: 0, work: 0, came_back: 0 },
    people: { told_us: 0, told: 0, could_not_be_told: 0, left_no_address: 0 },
    answers: {
      not_a_bug: { given: 0, were_right: 0 },
      works_as_designed: { given: 0, were_right: 0 },
      not_reproducible: { given: 0, were_right: 0 },
    },
  };
}

function bucketOf(buckets: Map<string, Bucket>, month: string): Bucket {
  const bucket = buckets.get(month) ?? newBucket();
  buckets.set(month, bucket);
  return bucket;
}

function addTally({ promises, fixes, answers }: Bucket, tally: Tally): void {
  promises.kept += tally.kept;
  promises.moved += tally.moved;
  promises.broken += tally.broken;
  fixes.came_back += tally.cameBack;
  for (const verdict of answeredSo) {
    answers[verdict].given += tally.answered[verdict] ?? 0;
    answers[verdict].were_right += tally.wereRight[verdict] ?? 0;
  }
}

function join(all: Bucket, one: Bucket): void {
  all.knownBefore += one.knownBefore;
  for (const times of ['acknowledged', 'firstUpdate', 'fixed', 'told'] as const)
    for (const time of one[times]) all[times].push(time);
  sum(all.promises, one.promises);
  sum(all.fixes, one.fixes);
  sum(all.people, one.people);
  for (const verdict of answeredSo) sum(all.answers[verdict], one.answers[verdict]);
}

function sum<Of extends { [Key in keyof Of]: number }>(all: Of, one: Of): void {
  for (const key of Object.keys(all) as (keyof Of)[]) (all[key] as number) += one[key];
}

function shape({ acknowledged, knownBefore, firstUpdate, fixed, told, promises, ...rest }: Bucket): Figures {
  return {
    acknowledged: { ...timesOf(acknowledged), known_before: knownBefore },
    first_update: timesOf(firstUpdate),
    fixed: timesOf(fixed),
    told: timesOf(told),
    promises: { ...promises, made: promises.kept + promises.moved + promises.broken },
    ...rest,
  };
}

function timesOf(ms: number[]): Times {
  const sorted = ms.map((one) => one / 1000).sort((a, b) => a - b);
  const count = sorted.length;
  if (count === 0) return { count, median_seconds: null, slowest_tenth_seconds: null };
  const middle = (sorted[Math.floor((count - 1) / 2)]! + sorted[Math.ceil((count - 1) / 2)]!) / 2;
  return {
    count,
    median_seconds: round(middle),
    slowest_tenth_seconds: round(sorted[Math.ceil(count * 0.9) - 1]!),
  };
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
