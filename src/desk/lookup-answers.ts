import type { Db } from '../db.ts';
import { replyAbout } from '../domain/replies.ts';
import { type MatchShown, matchesFor } from './report-matches.ts';

/** A known issue with what we may tell a customer about it. */
export interface Answerable extends MatchShown {
  /** Plain text, to be copied into a ticket. */
  reply: string;
  url: string;
}

/** The known issues that fit these words best, each with a ready reply. */
export async function answerables(
  db: Db,
  words: string,
  { baseUrl, followed, now }: { baseUrl: string; followed: string; now: Date },
): Promise<Answerable[]> {
  const [matches = []] = await matchesFor(db, [words], 5);
  if (matches.length === 0) return [];
  const rows = await db
    .selectFrom('issue')
    .selectAll()
    .where(
      'id',
      'in',
      matches.map((match) => match.id),
    )
    .execute();
  const issues = new Map(rows.map((row) => [row.id, row]));
  return matches.flatMap((match) => {
    const issue = issues.get(match.id);
    if (!issue) return [];
    const url = `${baseUrl}/issues/${issue.id}`;
    const facts = {
      kind: issue.kind,
      status: issue.status,
      resolution: issue.resolution,
      title: issue.title,
      workaround: issue.workaround,
      nextUpdateAt: issue.next_update_at,
      resolvedAt: issue.resolved_at,
      url,
      followed: issue.id === followed,
    };
    return [{ ...match, url, reply: replyAbout(facts, now) }];
  });
}
