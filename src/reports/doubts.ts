import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { isInDoubt, type Word } from '../domain/doubt.ts';
import type { Issue } from '../tables.ts';
import { countWorked, latestWords } from '../worked.ts';

/** Somebody for whom a fix does not work, in her words. */
export interface Doubt {
  /** The report with which she said so. */
  id: string;
  words: string | null;
  name: string | null;
  email: string | null;
  at: Date;
}

export type Rule = Parameters<typeof isInDoubt>[1];
export type Doubted = Pick<Issue, 'id' | 'title' | 'doubts_seen'> & { word: Word };

const mostLooked = 500;

/** Issues whose fix so many doubt that staff must look again, the newest closed first; among the 500 closed last of which anybody said no. */
export async function readDoubted(db: Db, rule: Rule, limit: number): Promise<Doubted[]> {
  const issues = await db
    .selectFrom('issue')
    .select(['id', 'title', 'doubts_seen'])
    .where('resolved_at', 'is not', null)
    .where('merged_into', 'is', null)
    .where(sql<boolean>`coalesce(resolution, 'fixed') = 'fixed'`)
    // As an array: a planner takes the many who said nothing for doubters, and would read all issues.
    .where(sql<boolean>`id = any(array(select distinct issue_id from report where worked = false))`)
    .orderBy('resolved_at', 'desc')
    .limit(mostLooked)
    .execute();
  const said = await countWorked(
    db,
    issues.map(({ id }) => id),
  );
  const doubted = issues.flatMap((issue) => {
    const word = said.get(issue.id);
    if (!word) return [];
    const { yes: works, no: worksNot } = word;
    return isInDoubt({ works, worksNot, seen: issue.doubts_seen }, rule) ? [{ ...issue, word }] : [];
  });
  return doubted.slice(0, limit);
}

/** Those for whom the fix of an issue does not work, newest first, who said why before who did not; one line a person. */
export async function readDoubts(db: Db, issueId: string, limit: number): Promise<Doubt[]> {
  const { rows } = await sql<Doubt>`
    select said.id, said.worked_comment as words, report.name, report.email, said.worked_at as at
    from (${latestWords(sql`report.issue_id = ${issueId}`)}) as said join report on report.id = said.id
    where not said.worked order by said.worked_comment is null, said.worked_at desc, said.id limit ${limit}`.execute(
    db,
  );
  return rows;
}
