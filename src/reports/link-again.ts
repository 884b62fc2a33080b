import { sql } from 'kysely';
import type { Trx } from '../db.ts';

/**
 * Puts the reports back that waited for staff because a fix did not work for them: the issue is open again, so they
 * follow it as before, and nobody need read them as new. `since`: when that fix was said. The caller holds the lock of
 * the issue.
 */
export async function linkAgain(trx: Trx, issueId: string, since: Date, now: Date): Promise<void> {
  await sql`
    with doubts as (
      select id from report
      where issue_id = ${issueId} and state = 'new' and not worked and worked_at >= ${since}
      order by id for update)
    update report set state = 'linked', linked_at = coalesce(linked_at, ${now})
    from doubts where doubts.id = report.id`.execute(trx);
}
