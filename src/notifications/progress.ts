import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { NotFound } from '../errors.ts';

export interface Progress {
  update_id: string | null;
  total: number;
  queued: number;
  sent: number;
  failed: number;
  suppressed: number;
  cancelled: number;
  first_queued_at: string | null;
  last_sent_at: string | null;
}

/** How far the mails of the newest update that mails people have come. Throws NotFound. */
export async function progressOf(db: Db, issueId: string): Promise<Progress> {
  const issue = await db.selectFrom('issue').select('id').where('id', '=', issueId).executeTakeFirst();
  if (!issue) throw new NotFound(`There is no issue ${issueId}.`);
  const newest = await newestMailing(db, issueId);
  const count = (state: string) => sql<number>`count(*) filter (where state = ${state})`;
  const row = await db
    .selectFrom('delivery')
    .select([
      sql<number>`count(*)`.as('total'),
      count('queued').as('queued'),
      count('sent').as('sent'),
      count('failed').as('failed'),
      count('suppressed').as('suppressed'),
      count('cancelled').as('cancelled'),
      sql<Date | null>`min(created_at)`.as('first'),
      sql<Date | null>`max(ended_at) filter (where state = 'sent')`.as('last'),
    ])
    .where('update_id', '=', newest?.id ?? '')
    .where('webhook_id', 'is', null)
    .executeTakeFirstOrThrow();
  const { first, last, ...counts } = row;
  return {
    update_id: newest?.id ?? null,
    ...counts,
    first_queued_at: first?.toISOString() ?? null,
    last_sent_at: last?.toISOString() ?? null,
  };
}

/** In how many minutes this many more are sent at the pace so far; null while too few were sent to say. */
export function minutesLeft(
  { sent, first_queued_at: first, last_sent_at: last }: Progress,
  more: number,
): number | null {
  if (sent < 20 || first === null || last === null) return null;
  const msEach = (Date.parse(last) - Date.parse(first)) / sent;
  return Math.max(1, Math.ceil((more * msEach) / 60_000));
}

/** Whether people are mailed about an update. */
export async function isMailed(db: Db | Trx, { id }: { id: string }): Promise<boolean> {
  const mail = db.selectFrom('delivery').select('id').where('update_id', '=', id);
  return Boolean(await mail.where('webhook_id', 'is', null).limit(1).executeTakeFirst());
}

/** The newest update of an issue that mails people: one that closes it, or one that mails were made for. */
export function newestMailing(
  db: Db | Trx,
  issueId: string,
): Promise<{ id: string; created_at: Date } | undefined> {
  return db
    .selectFrom('issue_update as u')
    .select(['u.id', 'u.created_at'])
    .where('u.issue_id', '=', issueId)
    .where(({ or, eb, exists, selectFrom }) =>
      or([
        eb('u.status', 'in', ['resolved', 'completed']),
        exists(
          selectFrom('delivery as d')
            .select('d.id')
            .whereRef('d.update_id', '=', 'u.id')
            .where('d.webhook_id', 'is', null),
        ),
      ]),
    )
    .orderBy('u.created_at', 'desc')
    .orderBy('u.seq', 'desc')
    .executeTakeFirst();
}

/** Why nothing is being sent just now, by the mail server's doing or by our own, or null while all is well. */
export async function pauseOf(db: Db): Promise<{ since: string; reason: string } | null> {
  const row = await db
    .selectFrom('sending')
    .select(['paused_since', 'reason', 'held_since', 'held_reason'])
    .executeTakeFirst();
  if (row?.held_since) return { since: row.held_since.toISOString(), reason: row.held_reason ?? 'unknown' };
  if (!row?.paused_since) return null;
  return { since: row.paused_since.toISOString(), reason: row.reason ?? 'unknown' };
}
