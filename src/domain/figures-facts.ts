import { monthOf } from './figures-buckets.ts';
import { nothingSettled, type Settled } from './figures-settled.ts';
import type { Entry } from './ledger.ts';
import { isClosed, type Kind, type Resolution } from './lifecycle.ts';
import type { Verdict } from './words.ts';

// What the ledger's entries come to, one after the other; src/domain/figures.ts counts it. Times are in milliseconds.

/** What is known of an issue. */
export interface IssueFacts {
  kind: Kind;
  /** When it was opened in public; null: that was before the ledger, or elsewhere, so its times cannot be told. */
  openedAt: number | null;
  firstReportAt: number | null;
  /** The updates after the one it was opened with. */
  updatedAt: number[];
  closings: Closing[];
  isOpen: boolean;
  /** When the next update is promised by. */
  promisedBy: number | null;
  mergedInto: string | null;
  /** When the ledger said something of it last. */
  heardAt: number;
}

export interface Closing {
  updateId: string;
  at: number;
  /** Something that was broken works again, by our word. */
  isFix: boolean;
  /** It is told by the ledger itself, not taken over from before. */
  isHere: boolean;
  /** As the ledger said last; null: it has not said it yet. */
  told: Told | null;
  works: number;
  worksNot: number;
}

export interface Told {
  people: number;
  owed: number;
  sent: number;
  failed: number;
  suppressed: number;
  cancelled: number;
  lastAt: number | null;
}

/** What happened in a month, so many times. */
export interface Tally {
  kept: number;
  moved: number;
  broken: number;
  cameBack: number;
  answered: Partial<Record<Verdict, number>>;
  wereRight: Partial<Record<Verdict, number>>;
}

/** All that the figures stand on, from the first entry to the one that is named. */
export interface Fold {
  seq: number;
  hash: string;
  /** When the ledger began. */
  since: number | null;
  /** Those of which more is likely to be said. */
  issues: Map<string, IssueFacts>;
  /** What all others came to. */
  settled: Settled;
  /** By the month in UTC: 2026-11. */
  months: Map<string, Tally>;
}

/** What no entry comes to. */
export function startFigures(hash: string): Fold {
  return { seq: 0, hash, since: null, issues: new Map(), settled: nothingSettled(), months: new Map() };
}

/** Takes one more entry into the fold, the one behind the last that it took. Of what says nothing for a figure it keeps the number alone. */
export function takeEntry(fold: Fold, entry: Entry): void {
  const at = Date.parse(entry.at);
  fold.seq = entry.seq;
  fold.hash = entry.hash;
  fold.since = Math.min(fold.since ?? at, at);
  if (entry.type === 'answered') add(tallyOf(fold, at).answered, entry);
  else if (entry.type === 'were_right') add(tallyOf(fold, at).wereRight, entry);
  else if (entry.type === 'issue_opened') open(fold, entry, at);
  else if (entry.type === 'issue_taken_over') takeOver(fold, entry, at);
  else if (entry.issue_id !== null) {
    const issue = fold.issues.get(entry.issue_id);
    if (issue) takeWord(fold, issue, entry, at);
    if (issue) issue.heardAt = at;
  }
}

type Of<Type extends Entry['type']> = Extract<Entry, { type: Type }>;

function open(fold: Fold, entry: Of<'issue_opened'>, at: number): void {
  const closed = isClosed(entry.status);
  const last = entry.updates.at(-1);
  fold.issues.set(entry.issue_id, {
    ...newIssue(entry.kind, !closed, time(entry.next_update_at), at),
    openedAt: at,
    closings: closed && last ? [newClosing(entry, last.id, at)] : [],
  });
  const earlier = entry.return_of === null ? undefined : fold.issues.get(entry.return_of);
  if (earlier && wasFixed(earlier)) tallyOf(fold, at).cameBack++;
}

/** A promise that had run out before is none of ours to count; one that still runs is. */
function takeOver(fold: Fold, entry: Of<'issue_taken_over'>, at: number): void {
  const closed = isClosed(entry.status);
  const promisedBy = time(entry.next_update_at);
  const last = entry.updates.at(-1);
  const closing = last && newClosing(entry, last.id, time(entry.resolved_at) ?? at);
  fold.issues.set(entry.issue_id, {
    ...newIssue(entry.kind, !closed, promisedBy !== null && promisedBy >= at ? promisedBy : null, at),
    closings: closed && closing ? [{ ...closing, isHere: false }] : [],
    mergedInto: entry.merged_into,
  });
}

function takeWord(fold: Fold, issue: IssueFacts, entry: Entry, at: number): void {
  const closing = issue.closings.at(-1);
  switch (entry.type) {
    case 'update_posted':
      takeUpdate(fold, issue, entry, at);
      return;
    case 'issue_changed': {
      const next = entry.changes.next_update_at;
      if (next) promise(fold, issue, { by: time(next.is as string | null), at, held: 'moved' });
      return;
    }
    case 'issue_merged':
      issue.mergedInto = entry.into;
      return;
    case 'issue_split':
      issue.mergedInto = null;
      return;
    case 'counted':
      issue.firstReportAt = time(entry.first_report_at);
      if (closing) Object.assign(closing, { works: entry.works, worksNot: entry.works_not });
      return;
    case 'told': {
      const { people, owed, sent, failed, suppressed, cancelled } = entry;
      const about = issue.closings.find((one) => one.updateId === entry.update_id);
      const lastAt = time(entry.last_sent_at);
      if (about) about.told = { people, owed, sent, failed, suppressed, cancelled, lastAt };
      return;
    }
  }
}

function takeUpdate(fold: Fold, issue: IssueFacts, entry: Of<'update_posted'>, at: number): void {
  promise(fold, issue, { by: time(entry.next_update_at), at, held: 'kept' });
  issue.updatedAt.push(at);
  const closed = isClosed(entry.status);
  if (closed && issue.isOpen) {
    issue.closings.push(newClosing({ ...entry, kind: issue.kind }, entry.update_id, at));
  }
  if (!closed && !issue.isOpen && wasFixed(issue)) tallyOf(fold, at).cameBack++;
  issue.isOpen = !closed;
}

/** The promise before has ended: as `held` where its time had not run out, broken when it did where it had. */
function promise(
  fold: Fold,
  issue: IssueFacts,
  { by, at, held }: { by: number | null; at: number; held: 'kept' | 'moved' },
): void {
  const before = issue.promisedBy;
  if (before !== null && at <= before) tallyOf(fold, at)[held]++;
  else if (before !== null) tallyOf(fold, before).broken++;
  issue.promisedBy = by;
}

function newIssue(kind: Kind, isOpen: boolean, promisedBy: number | null, heardAt: number): IssueFacts {
  return {
    kind,
    openedAt: null,
    firstReportAt: null,
    updatedAt: [],
    closings: [],
    isOpen,
    promisedBy,
    mergedInto: null,
    heardAt,
  };
}

function newClosing(
  { kind, resolution }: { kind: Kind; resolution: Resolution | null },
  updateId: string,
  at: number,
): Closing {
  const isFix = resolution === 'fixed' && kind !== 'maintenance';
  return { updateId, at, isFix, isHere: true, told: null, works: 0, worksNot: 0 };
}

function wasFixed({ closings }: IssueFacts): boolean {
  return closings.at(-1)?.isFix ?? false;
}

/** What happened in the month of this moment. */
function tallyOf({ months }: Fold, at: number): Tally {
  const month = monthOf(at);
  let tally = months.get(month);
  if (!tally) {
    tally = { kept: 0, moved: 0, broken: 0, cameBack: 0, answered: {}, wereRight: {} };
    months.set(month, tally);
  }
  return tally;
}

function add(to: Partial<Record<Verdict, number>>, { verdict, count }: { verdict: Verdict; count: number }) {
  to[verdict] = (to[verdict] ?? 0) + count;
}

function time(text: string | null): number | null {
  return text === null ? null : Date.parse(text);
}
