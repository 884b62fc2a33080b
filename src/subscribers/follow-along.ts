import { sql } from 'kysely';
import type { Trx } from '../db.ts';

/** Whoever follows an issue that was merged follows the one it was merged into, too. Calling twice adds nothing. */
export async function followAlong(trx: Trx, { from, into }: { from: string; into: string }): Promise<void> {
  await sql`
    insert into subscriber_issue (subscriber_id, issue_id)
    select subscriber_id, ${into} from subscriber_issue where issue_id = ${from}
    on conflict do nothing`.execute(trx);
}
