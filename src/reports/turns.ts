import type { Db } from '../db.ts';
import { standingWords } from '../domain/labels.ts';
import { isClosed } from '../domain/lifecycle.ts';
import type { Issue } from '../tables.ts';

export interface Turn {
  time: Date;
  text: string;
  /** It was closed then, and not opened again. */
  over: boolean;
}

/** When an issue was closed and opened again, oldest first: what was told once stays told. */
export async function turnsOf(db: Db, issue: Issue): Promise<Turn[]> {
  const updates = await db
    .selectFrom('issue_update')
    .select(['status', 'created_at'])
    .where('issue_id', '=', issue.id)
    .orderBy('created_at')
    .orderBy('seq')
    .execute();
  const turns = updates.filter(
    ({ status }, index) => isClosed(status) !== (index > 0 && isClosed(updates[index - 1]!.status)),
  );
  return turns.map(({ status, created_at }, index) => {
    const isLast = index === turns.length - 1;
    if (!isClosed(status))
      return { time: created_at, text: 'It was not over. We are on it again.', over: false };
    const text = isLast ? `${standingWords(issue)}.` : 'We thought it was over.';
    return { time: created_at, text, over: true };
  });
}
