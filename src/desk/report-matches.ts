import type { Db } from '../db.ts';
import { type Mark, markOf, peopleWords, standingWords } from '../domain/labels.ts';
import { isClosed, type Resolution } from '../domain/lifecycle.ts';
import { countPeople } from '../people.ts';
import { type Found, findForEach } from '../status-page/find-issues.ts';

/** A known issue beside what customers said: views/desk/partials/match-lines.eta. */
export interface MatchShown {
  id: string;
  title: string;
  mark: Mark;
  standing: string;
  closed: boolean;
  people: string;
  /** Which of their words are its words too; empty where it was chosen otherwise. */
  fits: string;
  /** What the one was called that fits, where it was merged into this one. */
  also: string | null;
}

/** For each of these texts the known issues that match it best, and why. */
export async function matchesFor(db: Db, texts: string[], limit: number): Promise<MatchShown[][]> {
  return showMatches(db, await findForEach(db, texts, { limit }));
}

/** What was found, as the desk shows it. */
export async function showMatches(db: Db, found: Found[][]): Promise<MatchShown[][]> {
  const ids = [...new Set(found.flat().map((one) => one.id))];
  const [people, resolutions] = await Promise.all([countPeople(db, ids), readResolutions(db, ids)]);
  const show = (one: Found): MatchShown => {
    const standing = { ...one, resolution: resolutions.get(one.id) ?? null };
    return {
      id: one.id,
      title: one.title,
      mark: markOf(standing),
      standing: standingWords(standing),
      closed: isClosed(one.status),
      people: peopleWords(people.get(one.id) ?? 0),
      fits: (one.why ?? []).slice(0, 6).join(', '),
      also: one.also,
    };
  };
  return found.map((matches) => matches.map(show));
}

async function readResolutions(db: Db, ids: string[]): Promise<Map<string, Resolution | null>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('issue').select(['id', 'resolution']).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row.resolution]));
}
