import type { Db } from '../db.ts';
import { doubtWords, isSaidToWork, wordOf } from '../domain/doubt.ts';
import { endingFor, toldWords } from '../domain/told.ts';
import type { Issue } from '../tables.ts';
import { readTold } from '../told.ts';
import { countWorked } from '../worked.ts';

/** What became of the word that an issue is over; each empty where there is nothing to say. */
export interface Outcome {
  /** Who told us, and who of them was told. */
  told: string;
  /** What those who answered say of the fix. */
  worked: string;
  /** Our answer while the fix is in doubt. */
  doubt: string;
}

const none: Outcome = { told: '', worked: '', doubt: '' };

/** Whether it works, and who was told, as the page of an issue says it; of one that is open or followed elsewhere nothing. */
export async function outcomeOf(
  db: Db,
  issue: Pick<Issue, 'id' | 'kind' | 'status' | 'resolution' | 'resolved_at' | 'merged_into' | 'doubts_seen'>,
  rule: Parameters<typeof doubtWords>[2],
): Promise<Outcome> {
  if (issue.resolved_at === null || issue.merged_into !== null) return none;
  const [told, words] = await Promise.all([readTold(db, issue.id), countWorked(db, [issue.id])]);
  const word = isSaidToWork(issue) ? words.get(issue.id) : undefined;
  const doubt = word ? doubtWords(word, issue.doubts_seen, rule) : '';
  return {
    told: told ? toldWords(told, endingFor(issue)).join(' ') : '',
    worked: word && !doubt ? wordOf(word) : '',
    doubt,
  };
}
