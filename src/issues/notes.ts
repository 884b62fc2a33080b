import type { Db, Trx } from '../db.ts';
import { newId } from '../ids.ts';

/** What staff wrote for each other about an issue, newest first; it is on no public page. */
export function readNotes(db: Db, issueId: string) {
  return db
    .selectFrom('note')
    .select(['id', 'who', 'body', 'created_at'])
    .where('issue_id', '=', issueId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(100)
    .execute();
}

/** Keeps a note for staff alone. Throws what the database does for an issue that is not there. */
export async function writeNote(
  trx: Trx,
  issueId: string,
  note: { staffId: string; who: string; body: string },
  now: Date,
): Promise<void> {
  await trx
    .insertInto('note')
    .values({
      id: newId(),
      issue_id: issueId,
      staff_id: note.staffId,
      who: note.who,
      body: note.body,
      created_at: now,
    })
    .execute();
}
