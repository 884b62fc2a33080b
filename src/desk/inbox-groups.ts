import { readCursor, writeCursor } from '../api/cursor.ts';
import type { Db } from '../db.ts';
import { headlineOf } from '../domain/alike.ts';
import { gatheredWords, otherWords } from '../domain/gathered.ts';
import { standingWords } from '../domain/labels.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { durationWords } from '../domain/times.ts';
import { type Group, readGroups } from '../reports/read-groups.ts';
import { findOnce } from './matches-kept.ts';
import { type MatchShown, showMatches } from './report-matches.ts';

/** A group of new reports as the desk shows it. */
export interface GroupShown {
  id: string;
  headline: string;
  when: string;
  reports: number;
  /** What others of them said. */
  others: string[];
  /** The issue under which they say that it is still broken, or that is open again. */
  under: { id: string; title: string; standing: string; closed: boolean } | null;
  matches: MatchShown[];
}

const perPage = 10; // each with its best matches: a page within a tenth of a second

export interface GroupList {
  groups: GroupShown[];
  /** The cursor of the next page. */
  next: string | null;
}

/** Groups that wait, newest first; with `matched` the known issues that fit each. Throws Refused for a cursor of others. */
export async function listGroups(
  db: Db,
  now: Date,
  {
    limit = perPage,
    cursor,
    matched = false,
  }: { limit?: number; cursor?: string | undefined; matched?: boolean } = {},
): Promise<GroupList> {
  const { groups, next } = await readGroups(db, { limit, after: readCursor(cursor) });
  const titles = await readTitles(db, groups);
  const shown = groups.map((group) => showGroup(group, titles, now));
  if (matched) {
    const texts = groups.map((group) => (group.issueId ? '' : matchText(group)));
    const matches = await showMatches(db, await findOnce(db, texts));
    for (const [index, group] of shown.entries()) group.matches = matches[index]!;
  }
  return { groups: shown, next: next && writeCursor(next) };
}

/** One group, without what it matches. */
export async function showOne(db: Db, group: Group, now: Date): Promise<GroupShown> {
  return showGroup(group, await readTitles(db, [group]), now);
}

/** What of their words is held against the known issues: the heading, and what the newest of them said. */
export function matchText(group: Group): string {
  return [headlineOf(group.messages), group.messages[0] ?? ''].join('\n').slice(0, 300);
}

type Titles = Map<string, NonNullable<GroupShown['under']>>;

function showGroup(group: Group, titles: Titles, now: Date): GroupShown {
  const under = (group.issueId && titles.get(group.issueId)) || null;
  return {
    id: group.id,
    headline: gatheredWords(group, under?.closed === true),
    when: whenWords(group, now),
    reports: group.reports,
    others: otherWords(group.messages, 2),
    under,
    matches: [],
  };
}

function whenWords({ reports, first, last }: Group, now: Date): string {
  const ago = (at: Date) => `${durationWords(now.getTime() - at.getTime())} ago`;
  const count = reports === 1 ? '' : `${reports.toLocaleString('en')} reports, `;
  if (last.getTime() - first.getTime() < 60_000) return `${count}${ago(last)}`;
  return `${count}the first ${ago(first)}, the newest ${ago(last)}`;
}

async function readTitles(db: Db, groups: Group[]): Promise<Titles> {
  const ids = groups.flatMap((group) => group.issueId ?? []);
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('issue')
    .select(['id', 'title', 'kind', 'status', 'resolution'])
    .where('id', 'in', ids)
    .execute();
  return new Map(
    rows.map((issue) => [
      issue.id,
      { id: issue.id, title: issue.title, standing: standingWords(issue), closed: isClosed(issue.status) },
    ]),
  );
}
