import type { Db } from '../db.ts';
import { shortWhom } from '../domain/affected-words.ts';
import { kindWords, type Mark, markOf, peopleWords, standingWords } from '../domain/labels.ts';
import { isClosed } from '../domain/lifecycle.ts';
import {
  type Moment,
  moment,
  momentOrNull,
  type Promised,
  promisedOrNull,
  type Window,
  windowOf,
} from '../domain/moment.ts';
import { excerpt } from '../domain/text.ts';
import { durationWords } from '../domain/times.ts';
import { countPeople } from '../people.ts';
import type { Issue } from '../tables.ts';

/** One issue as a list shows it. */
export interface Row {
  href: string;
  title: string;
  mark: Mark;
  kind: string;
  standing: string;
  open: boolean;
  since: Moment;
  /** How long it has lasted, or lasted; in round words. */
  lasted: string;
  /** How long ago it ended; empty while it is open. */
  ended: string;
  /** "14 people told us"; empty where nobody did, and for planned work. */
  people: string;
  meanwhile: string;
  promise: Promised | null;
  window: Window | null;
  /** Planned work that has not begun. */
  notBegun: boolean;
  /** Whom it reaches, or its fix has reached, where that is short; empty: everybody. */
  whom: string;
  closed: Moment | null;
}

/** The columns a row is shaped from. */
export const rowColumns = [
  'id',
  'title',
  'kind',
  'status',
  'resolution',
  'workaround',
  'next_update_at',
  'started_at',
  'scheduled_for',
  'scheduled_until',
  'resolved_at',
  'affected',
  'fixed_for',
] as const;

export type RowIssue = Pick<Issue, (typeof rowColumns)[number]>;

/** Issues shaped for a list, in the order given; asks once how many people told us about each. */
export async function toRows(db: Db, issues: RowIssue[], now: Date): Promise<Row[]> {
  const people = await countPeople(
    db,
    issues.map((issue) => issue.id),
  );
  return issues.map((issue) => toRow(issue, people.get(issue.id) ?? 0, now));
}

function toRow(issue: RowIssue, people: number, now: Date): Row {
  const { next_update_at, resolved_at, scheduled_for, scheduled_until, started_at } = issue;
  return {
    href: `/issues/${issue.id}`,
    title: issue.title,
    mark: markOf(issue),
    kind: kindWords[issue.kind],
    standing: standingWords(issue),
    open: !isClosed(issue.status),
    since: moment(started_at),
    lasted: roughly((resolved_at ?? now).getTime() - started_at.getTime()),
    ended: resolved_at ? `${roughly(now.getTime() - resolved_at.getTime())} ago` : '',
    people: people === 0 ? '' : peopleWords(people),
    meanwhile: isClosed(issue.status) ? '' : excerpt(plainText(issue.workaround ?? ''), 180),
    promise: promisedOrNull(next_update_at, now),
    window: scheduled_for && windowOf(scheduled_for, scheduled_until),
    notBegun: issue.status === 'scheduled',
    whom: shortWhom(issue),
    closed: momentOrNull(resolved_at),
  };
}

/** A length of time, by the day once it is days. */
function roughly(ms: number): string {
  return durationWords(ms).replace(/(days?) .*/, '$1');
}

/** Markdown without its marks, for one line of a list. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^[ \t]*(?:#{1,6}|[-*+>]|\d+[.)])[ \t]+/gm, '')
    .replace(/(\*\*|__|~~|`)/g, '');
}
