import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { Conflict, NotFound } from '../errors.ts';
import type { IssueDraft } from '../hearing-tables.ts';
import { newId } from '../ids.ts';
import type { Alarm } from './read-alarm.ts';

/**
 * Takes what a monitor says: one draft for each alarm while it fires, however often it comes. One that was put away stays
 * so until it was over once; one that an issue was opened from belongs to that issue as long as it is open. Nothing is
 * ever opened or resolved by this. Answers the draft, or null for the end of an alarm we never heard of. Twice is the
 * same, but for the count.
 */
export async function takeAlarm(trx: Trx, alarm: Alarm, now: Date): Promise<IssueDraft | null> {
  const { source, key } = alarm;
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${source}\n${key}`}, 0))`.execute(trx);
  const latest = await findLatest(trx, source, key);
  if (!alarm.firing) return latest?.firing ? end(trx, latest, alarm, now) : (latest ?? null);
  if (!latest || isOver(latest)) return begin(trx, alarm, now);
  return refresh(trx, latest, alarm, now);
}

/** The form opened an issue from it. Throws Conflict where a colleague has handled it meanwhile. */
export function draftOpened(trx: Trx, id: string, issueId: string): Promise<void> {
  return decide(trx, id, ['new'], { state: 'opened', issue_id: issueId });
}

/** It belongs to an issue we have. Throws NotFound for the issue, and Conflict where it was handled meanwhile. */
export async function linkDraft(trx: Trx, id: string, issueId: string): Promise<void> {
  const issue = await trx.selectFrom('issue').select('id').where('id', '=', issueId).executeTakeFirst();
  if (!issue) throw new NotFound('There is no such issue any more. Please choose another one.');
  await decide(trx, id, ['new'], { state: 'opened', issue_id: issueId });
}

/** Nobody need look at it. Throws Conflict where it was handled meanwhile. */
export function dismissDraft(trx: Trx, id: string): Promise<void> {
  return decide(trx, id, ['new'], { state: 'dismissed', issue_id: null });
}

/** It waits again. Throws Conflict where it does already. */
export function bringBackDraft(trx: Trx, id: string): Promise<void> {
  return decide(trx, id, ['dismissed'], { state: 'new', issue_id: null });
}

/** Forgets alarms that are over and that nobody needs any more, a month after they last said something. */
export async function forgetOldDrafts(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('issue_draft')
    .where('firing', '=', false)
    .where('issue_id', 'is', null)
    .where('seen_at', '<', new Date(now.getTime() - 30 * 86_400_000))
    .execute();
}

type Latest = IssueDraft & { resolved_at: Date | null };

function findLatest(trx: Trx, source: string, key: string): Promise<Latest | undefined> {
  return trx
    .selectFrom('issue_draft as draft')
    .leftJoin('issue', 'issue.id', 'draft.issue_id')
    .selectAll('draft')
    .select('issue.resolved_at')
    .where('draft.source', '=', source)
    .where('draft.source_key', '=', key)
    .orderBy('draft.firing', 'desc')
    .orderBy('draft.seen_at', 'desc')
    .orderBy('draft.created_at', 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** What it says next is another alarm: it was over, and whoever looked at it is done with it. */
function isOver({ firing, state, issue_id, resolved_at }: Latest): boolean {
  if (firing || state === 'new') return false;
  return state === 'dismissed' || issue_id === null || resolved_at !== null;
}

function begin(trx: Trx, alarm: Alarm, now: Date): Promise<IssueDraft> {
  return trx
    .insertInto('issue_draft')
    .values({
      id: newId(),
      source: alarm.source,
      source_key: alarm.key,
      ...saidBy(alarm),
      created_at: notAfter(alarm.startedAt ?? now, now),
      seen_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

function refresh(trx: Trx, latest: Latest, alarm: Alarm, now: Date): Promise<IssueDraft> {
  const began = latest.firing ? latest.created_at : notAfter(alarm.startedAt ?? now, now);
  return trx
    .updateTable('issue_draft')
    .set((eb) => ({
      ...saidBy(alarm),
      firing: true,
      ended_at: null,
      times: eb('times', '+', 1),
      created_at: began,
      seen_at: now,
    }))
    .where('id', '=', latest.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

function end(trx: Trx, latest: Latest, alarm: Alarm, now: Date): Promise<IssueDraft> {
  const said = notAfter(alarm.endedAt ?? now, now);
  return trx
    .updateTable('issue_draft')
    .set({ firing: false, ended_at: said < latest.created_at ? now : said, seen_at: now })
    .where('id', '=', latest.id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

function saidBy({ title, message, impact, componentIds, link }: Alarm) {
  return { title, message, impact, component_ids: componentIds, link };
}

function notAfter(at: Date, now: Date): Date {
  return at > now ? now : at;
}

async function decide(
  trx: Trx,
  id: string,
  from: IssueDraft['state'][],
  to: Pick<IssueDraft, 'state' | 'issue_id'>,
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('issue_draft')
    .set(to)
    .where('id', '=', id)
    .where('state', 'in', from)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new Conflict('A colleague has handled this alarm meanwhile.');
}
