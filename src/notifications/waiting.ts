import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Template } from '../domain/words.ts';

/** What waits to be sent, of one kind to people or to programs. */
export interface WaitingKind {
  template: Template;
  to: 'mail' | 'webhook';
  count: number;
  oldest: Date;
}

export interface Waiting {
  /** Set while the mail server refuses us; ends by itself. */
  pause: { since: Date; reason: string } | null;
  kinds: WaitingKind[];
}

/** What waits to be sent, for whoever runs the server: most first. What waits for a fix to reach somebody is not among it. */
export async function readWaiting(db: Db): Promise<Waiting> {
  const row = await db.selectFrom('sending').select(['paused_since', 'reason']).executeTakeFirst();
  const { rows } = await sql<WaitingKind>`
    select template, case when webhook_id is null then 'mail' else 'webhook' end as to, count(*) as count,
      min(created_at) as oldest
    from delivery where state = 'queued' and not waits_for_fix group by 1, 2 order by 3 desc`.execute(db);
  const pause = row?.paused_since ? { since: row.paused_since, reason: row.reason ?? 'unknown' } : null;
  return { pause, kinds: rows };
}
