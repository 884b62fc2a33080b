import type { Trx } from '../db.ts';
import { firstStatus, isClosed, statusesOf } from '../domain/lifecycle.ts';
import { Refused, refuse } from '../errors.ts';
import { newId } from '../ids.ts';
import { oweNews } from '../notifications/owe-news.ts';
import { oweReturned } from '../notifications/owe-return.ts';
import { setIssueComponents } from './components.ts';
import { lockReturned } from './return-of.ts';
import type { IssueBody } from './schemas.ts';
import { stateOpened } from './state-issue.ts';

/**
 * Opens an issue with its first public update, tells subscribers unless it is over already or `notify` is false, and
 * answers its id. Of one that is the return of another, that one's reporters are told first. Throws Refused for a
 * status its kind cannot have, and for the return of what is not over.
 */
export async function openIssue(trx: Trx, body: IssueBody, now: Date): Promise<string> {
  const id = newId();
  await openIssueAs(trx, id, body, now);
  return id;
}

/** The same under an id that was dealt before, so that a form sent twice opens one issue: false where it is open already. */
export async function openIssueAs(trx: Trx, id: string, body: IssueBody, now: Date): Promise<boolean> {
  const status = body.status ?? firstStatus(body.kind);
  checkFits(body, status);
  checkStart(body.started_at, now);
  const returnOf = body.return_of ?? null;
  if (returnOf !== null) await lockReturned(trx, returnOf, body.kind);
  const closed = isClosed(status);
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('issue')
    .values({
      id,
      kind: body.kind,
      title: body.title,
      status,
      impact: body.impact,
      workaround: body.workaround ?? null,
      affected: body.affected ? JSON.stringify(body.affected) : null,
      resolution: closed ? (body.resolution ?? 'fixed') : null,
      next_update_at: body.next_update_at ?? null,
      started_at: body.started_at ?? body.scheduled_for ?? now,
      scheduled_for: body.scheduled_for ?? null,
      scheduled_until: body.scheduled_until ?? null,
      monitoring_at: status === 'monitoring' ? now : null,
      resolved_at: closed ? now : null,
      source: null,
      return_of: returnOf,
      created_at: now,
      updated_at: now,
      auto_start: body.auto_start ?? false,
      auto_complete: body.auto_complete ?? false,
      remind: body.remind ?? true,
    })
    .onConflict((oc) => oc.column('id').doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) return false;
  const updateId = newId();
  const notify = !closed && body.notify !== false;
  await trx
    .insertInto('issue_update')
    .values({
      id: updateId,
      issue_id: id,
      status,
      message: body.message,
      created_at: now,
      edited_at: null,
      source: null,
      notify,
    })
    .execute();
  await setIssueComponents(trx, id, body.components, { updateId, status, now });
  await stateOpened(trx, id, now);
  if (!notify) return true;
  if (returnOf !== null) await oweReturned(trx, { of: returnOf, issueId: id, updateId }, now);
  await oweNews(trx, { template: 'opened', issueId: id, updateId, returns: returnOf !== null }, now);
  return true;
}

function checkFits(body: IssueBody, status: IssueBody['status'] & string): void {
  if (!statusesOf(body.kind).includes(status)) {
    refuse('status', `a ${body.kind} is one of ${statusesOf(body.kind).join(', ')}`);
  }
  if (isClosed(status) && body.next_update_at)
    refuse('next_update_at', 'an issue that is over promises no next update');
  if (!isClosed(status) && body.resolution) refuse('resolution', 'belongs to an issue that is over');
  checkSchedule(body.kind, body.scheduled_for ?? null, body.scheduled_until ?? null);
}

/** Throws Refused for a beginning that is still to come; clocks may differ by some minutes. */
export function checkStart(startedAt: Date | undefined, now: Date): void {
  if (startedAt && startedAt.getTime() > now.getTime() + 5 * 60_000) {
    throw new Refused('started_at: it cannot have begun in the future', [
      {
        path: 'started_at',
        message: 'must not be in the future; planned work is a maintenance with scheduled_for',
      },
    ]);
  }
}

/** Throws Refused where planned times are given to something unplanned, or end before they start. */
export function checkSchedule(kind: string, from: Date | null, until: Date | null): void {
  if (kind !== 'maintenance' && (from || until)) {
    throw new Refused('Only a maintenance is scheduled; for the others say started_at.', [
      { path: from ? 'scheduled_for' : 'scheduled_until', message: 'is for kind maintenance' },
    ]);
  }
  if (from && until && until <= from) {
    throw new Refused('The maintenance ends before it starts.', [
      { path: 'scheduled_until', message: 'must be after scheduled_for' },
    ]);
  }
}
