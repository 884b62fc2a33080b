import type { Db } from './db.ts';
import { type Mark, markOf, standingWords } from './domain/labels.ts';
import { isClosed } from './domain/lifecycle.ts';
import { pathOf } from './merged.ts';
import type { Issue } from './tables.ts';

/** The same problem before, or again. */
export interface OtherTime {
  id: string;
  href: string;
  title: string;
  mark: Mark;
  standing: string;
  open: boolean;
}

/** What an issue is the return of, and what came back of it, newest first. */
export interface Returns {
  of: OtherTime | null;
  as: OtherTime[];
}

const columns = ['id', 'title', 'kind', 'status', 'resolution'] as const;
const most = 10;

/** How an issue belongs to those before and after it that are the same problem. */
export async function returnsOf(
  db: Db,
  { id, return_of }: Pick<Issue, 'id' | 'return_of'>,
): Promise<Returns> {
  const rows = await db
    .selectFrom('issue')
    .select(columns)
    .where((eb) => eb.or([eb('return_of', '=', id), eb('id', '=', return_of ?? '')]))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(most)
    .execute();
  const all = rows.map(toOtherTime);
  return {
    of: all.find((one) => one.id === return_of) ?? null,
    as: all.filter((one) => one.id !== return_of),
  };
}

/** As what an issue came back last: where that was merged into another, the one it is followed at; null where it did not. */
export async function lastReturn(db: Db, issueId: string): Promise<OtherTime | null> {
  const [last] = (await returnsOf(db, { id: issueId, return_of: null })).as;
  if (!last) return null;
  const end = (await pathOf(db, last.id)).at(-1)!;
  const row = await db.selectFrom('issue').select(columns).where('id', '=', end).executeTakeFirstOrThrow();
  return toOtherTime(row);
}

function toOtherTime(issue: Pick<Issue, (typeof columns)[number]>): OtherTime {
  const { id, title, status } = issue;
  return {
    id,
    href: `/issues/${id}`,
    title,
    mark: markOf(issue),
    standing: standingWords(issue),
    open: !isClosed(status),
  };
}
