import type { Db } from '../db.ts';
import { kindWords, type Mark, markOf, peopleWords, standingWords } from '../domain/labels.ts';
import { type Promised, promisedOrNull } from '../domain/moment.ts';
import { promiseLeft } from '../domain/promise.ts';
import { durationWords } from '../domain/times.ts';
import { countPeople } from '../people.ts';
import type { Issue } from '../tables.ts';

/** One issue as the desk's lists show it. */
export interface IssueLine {
  id: string;
  title: string;
  mark: Mark;
  kind: string;
  standing: string;
  people: string;
  lasted: string;
  promise: (Promised & { left: string }) | null;
}

export const lineColumns = [
  'id',
  'title',
  'kind',
  'status',
  'resolution',
  'next_update_at',
  'started_at',
  'resolved_at',
  'created_at',
] as const;

/** Issues shaped for a list, in the order given. */
export async function toLines(
  db: Db,
  issues: Pick<Issue, (typeof lineColumns)[number]>[],
  now: Date,
): Promise<IssueLine[]> {
  const people = await countPeople(
    db,
    issues.map((issue) => issue.id),
  );
  return issues.map((issue) => ({
    id: issue.id,
    title: issue.title,
    mark: markOf(issue),
    kind: kindWords[issue.kind],
    standing: standingWords(issue),
    people: peopleWords(people.get(issue.id) ?? 0),
    lasted: durationWords((issue.resolved_at ?? now).getTime() - issue.started_at.getTime()),
    promise: promiseOf(issue.next_update_at, now),
  }));
}

/** The promise with how far it is from its end; null where there is none. */
export function promiseOf(nextUpdateAt: Date | null, now: Date): IssueLine['promise'] {
  const promised = promisedOrNull(nextUpdateAt, now);
  return promised && { ...promised, left: promiseLeft(nextUpdateAt!, now) };
}
