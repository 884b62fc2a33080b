import { sql } from 'kysely';
import type { Trx } from '../db.ts';

/**
 * Counts as sent, some seconds after they were due, what was owed before that time and still waits: a story told
 * afterwards mails nobody for its past. Calling twice counts nothing twice.
 */
export async function countAsSent(trx: Trx, before: Date): Promise<void> {
  await sql`
    update delivery set state = 'sent', ended_at = due_at + interval '20 seconds'
    where state = 'queued' and not waits_for_fix and due_at < ${before}`.execute(trx);
}
