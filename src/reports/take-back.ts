import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { canUndo } from '../domain/undo.ts';
import type { DeedKind, Template, Verdict } from '../domain/words.ts';
import { Conflict, NotFound } from '../errors.ts';
import { stateCounts } from '../ledger/count.ts';
import { state } from '../ledger/state.ts';
import { cancelFor, oweAgain } from '../notifications/owe-step.ts';
import { spamReason } from './mark-spam.ts';
import { takeRightBack } from './was-right.ts';

export interface TakenBack {
  kind: DeedKind;
  issueId: string | null;
  /** Reports that stand again as they stood before. */
  restored: number;
  /** Reports that changed since, and stay as they are. */
  changed: number;
  /** People who had been told already. */
  told: number;
}

const mailsOf: Record<DeedKind, Template[]> = {
  link: ['linked', 'resolved', 'update', 'right'],
  acknowledge: ['linked', 'resolved', 'update', 'right'],
  answer: ['answered'],
  spam: [],
};

/**
 * Takes a step of staff back: each report that still stands as the step left it stands again as before, and what was
 * not sent of it is not sent. Of an acknowledged issue it gives back the reports; the issue itself stays. Throws
 * NotFound, and Conflict where it was taken back already or is too long ago.
 */
export async function takeBack(trx: Trx, deedId: string, now: Date): Promise<TakenBack> {
  const deed = await trx
    .selectFrom('deed')
    .selectAll()
    .where('id', '=', deedId)
    .forUpdate()
    .executeTakeFirst();
  if (!deed) throw new NotFound('There is no such step.');
  if (deed.undone_at) throw new Conflict('This was taken back already.');
  if (!canUndo(deed, now)) throw new Conflict('This was done too long ago to be taken back.');
  await sql`
    select from issue where id = ${deed.issue_id}
      or id in (select issue_id from deed_report where deed_id = ${deedId}) order by id for update`.execute(
    trx,
  );
  const { rows } = await sql<Left>`
    select report.id, report.issue_id, report.verdict, case ${deed.kind}::text
        when 'answer' then state = 'answered' and answered_at = ${deed.at}
        when 'spam' then state = 'spam'
        else state = 'linked' and issue_id = ${deed.issue_id} and linked_at = ${deed.at} end
      and (worked_at > ${deed.at}) is not true as as_left
    from report where id in (select report_id from deed_report where deed_id = ${deedId})
    order by id for update`.execute(trx);
  const all = rows.map((row) => row.id);
  const ids = rows.filter((row) => row.as_left).map((row) => row.id);
  await stateTakenBack(trx, deed.kind, rows, now);
  await takeRightBack(trx, { issueId: deed.issue_id, at: deed.at }, ids, now);
  await restore(trx, deedId, ids);
  await cancelFor(trx, all, mailsOf[deed.kind], 'staff took the step back', now);
  if (deed.kind === 'spam') await oweAgain(trx, ids, spamReason, now);
  await trx.updateTable('deed').set({ undone_at: now }).where('id', '=', deedId).execute();
  const told = await countTold(trx, deedId);
  await stateCounts(
    trx,
    rows.map((row) => row.issue_id),
    now,
  );
  return {
    kind: deed.kind,
    issueId: deed.issue_id,
    restored: ids.length,
    changed: rows.length - ids.length,
    told,
  };
}

/** A report that the step was done to. */
interface Left {
  id: string;
  issue_id: string | null;
  verdict: Verdict | null;
  /** It still stands as the step left it. */
  as_left: boolean;
}

/** An answer that nobody has heard was not given. */
async function stateTakenBack(trx: Trx, kind: DeedKind, rows: readonly Left[], now: Date): Promise<void> {
  const back = rows.filter((row) => row.as_left);
  const verdict = back[0]?.verdict;
  if (kind !== 'answer' || !verdict) return;
  await state(trx, { type: 'answered', issue_id: null, verdict, count: -back.length }, now);
}

/** How many people have a mail that a step set off, sent or on its way at this moment. */
export async function countTold(trx: Trx, deedId: string): Promise<number> {
  const { rows } = await sql<{ told: number }>`
    select count(distinct delivery.address_key) as told
    from deed join deed_report on deed_report.deed_id = deed.id
    join delivery on delivery.report_id = deed_report.report_id
    where deed.id = ${deedId} and (delivery.state = 'sent' and delivery.ended_at >= deed.at or delivery.state = 'queued')
      and case deed.kind when 'answer' then delivery.template = 'answered'
        when 'spam' then false
        else delivery.template in ('linked', 'resolved', 'right') and delivery.issue_id = deed.issue_id end`.execute(
    trx,
  );
  return rows[0]?.told ?? 0;
}

/** A group that was forgotten meanwhile is found anew, and a report that a merge carried along stays where that is followed. */
async function restore(trx: Trx, deedId: string, ids: string[]): Promise<void> {
  await sql`
    update report set state = was.state,
      issue_id = case when merged_from = was.issue_id then report.issue_id else was.issue_id end,
      merged_from = case when merged_from = was.issue_id then merged_from end, linked_at = was.linked_at,
      verdict = was.verdict, answer = was.answer, answered_at = was.answered_at,
      group_id = (select its.id from report_group as its where its.id = report.group_id)
    from deed_report as was join unnest(${ids}::text[]) as back (id) on back.id = was.report_id
    where was.deed_id = ${deedId} and report.id = was.report_id`.execute(trx);
}
