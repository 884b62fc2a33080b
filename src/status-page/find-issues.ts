import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Impact } from '../domain/impact.ts';
import type { Kind, Status } from '../domain/lifecycle.ts';

export interface Found {
  id: string;
  title: string;
  kind: Kind;
  status: Status;
  impact: Impact;
  workaround: string | null;
  resolved_at: Date | null;
  started_at: Date;
  /** 0 to 1; 1 is surely this one. */
  score: number;
  /** The words that matched, for staff. */
  why?: string[];
}

/** Known issues that match a person's own words, best first; open ones before resolved ones of like rank. Bounded work whatever the text. */
export async function findIssues(
  db: Db,
  words: string,
  options: { limit?: number; openOnly?: boolean } = {},
): Promise<Found[]> {
  const asked = [
    ...new Set(
      words
        .slice(0, 1000)
        .toLowerCase()
        .match(/[\p{L}\p{N}]{2,64}/gu) ?? [],
    ),
  ].slice(0, 12);
  if (asked.length === 0) return [];
  const query = sql`to_tsquery('english', ${asked.map((word) => `'${word}':*`).join(' | ')})`;
  const vector = sql`setweight(to_tsvector('english', i.title), 'A')
    || to_tsvector('english', coalesce(i.workaround, '') || ' ' || coalesce(m.text, ''))`;
  const { rows } = await sql<Found>`
    select i.id, i.title, i.kind, i.status, i.impact, i.workaround, i.resolved_at, i.started_at,
      ts_rank(${vector}, ${query})::float8 as score
    from issue i left join lateral
      (select left(string_agg(u.message, ' '), 20000) as text from issue_update u where u.issue_id = i.id) m on true
    where ${vector} @@ ${query} and (i.resolved_at is null or not ${options.openOnly === true}::boolean)
    order by score desc, i.resolved_at desc nulls first limit ${options.limit ?? 10}`.execute(db);
  return rows;
}
