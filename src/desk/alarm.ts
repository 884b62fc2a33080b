import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { durationWords } from '../domain/times.ts';

const lateMs = 10 * 60_000;

/** What is stuck, in one sentence for the top of every page; empty while all is well. */
export async function readAlarm(db: Db, now: Date): Promise<string> {
  const { rows } = await sql<{ paused_since: Date | null; reason: string | null; oldest: Date | null }>`
    select sending.paused_since, sending.reason,
      (select min(greatest(created_at, due_at)) from (
        select created_at, due_at from delivery where state = 'queued' order by created_at limit 100) as early) as oldest
    from sending`.execute(db);
  const { paused_since = null, reason = null, oldest = null } = rows[0] ?? {};
  const ago = (since: Date) => durationWords(now.getTime() - since.getTime());
  if (paused_since) {
    return `No mail goes out since ${ago(paused_since)}: ${reason ?? 'the reason is unknown'}. None is lost; sending goes on by itself once that is mended.`;
  }
  if (oldest && now.getTime() - oldest.getTime() > lateMs) {
    return `The oldest mail waits since ${ago(oldest)}. Is a process with NOTIFIER on running?`;
  }
  return '';
}

/** How many groups of reports nobody has handled yet; at most 99 are counted. */
export async function readWaiting(db: Db): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*) as waiting from (
      select distinct coalesce(group_id, id) from (
        select group_id, id from report where state = 'new' order by created_at desc limit 1000) as newest
      limit 100) as groups`.execute(db);
  return rows[0]?.waiting ?? 0;
}
