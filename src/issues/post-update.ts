import type { Trx } from '../db.ts';
import { isUnderWay, type Step, step } from '../domain/lifecycle.ts';
import { Conflict, NotFound, refuse } from '../errors.ts';
import { newId } from '../ids.ts';
import { lockIssue } from '../issue-row.ts';
import { stateCounts } from '../ledger/count.ts';
import { state } from '../ledger/state.ts';
import { cancelQueued, oweReporters } from '../notifications/outbox.ts';
import { oweNews } from '../notifications/owe-news.ts';
import { oweReopened } from '../notifications/owe-return.ts';
import { linkAgain } from '../reports/link-again.ts';
import type { Issue, IssueChange, IssueUpdate } from '../tables.ts';
import { noteChanges } from './component-changes.ts';
import { checkFixedFor } from './fixed-for.ts';
import type { UpdateBody } from './schemas.ts';

/**
 * Says something in public about an issue and moves it to the status said. Closing it queues one mail to
 * every reporter in this same transaction; opening it again takes back what was not sent yet and tells every reporter
 * who thinks that it is over, before all others, and whoever said that the fix does not work follows it again.
 * Subscribers hear of every update but one with `notify: false`;
 * reporters of one on the way only with `notify: true`. `apart`: it had been merged, and the split has its own mails.
 * Every update settles the promise consciously: it sets the next one, or there is none.
 * Throws Conflict where the lifecycle does not allow the step (a second resolve among them), and for an issue that was
 * merged into another.
 */
export async function postUpdate(
  trx: Trx,
  issueId: string,
  body: UpdateBody,
  now: Date,
  { apart = false }: { apart?: boolean } = {},
): Promise<IssueUpdate> {
  const issue = await lockIssue(trx, issueId);
  if (issue.merged_into !== null) {
    throw new Conflict('It is followed at another issue; post there, or split the two first.');
  }
  const taken = step(issue.kind, issue.status, body.status);
  if ('refused' in taken) throw new Conflict(`The issue cannot take this update: ${taken.refused}.`);
  checkFits(taken.step, body);
  checkFixedFor(issue, taken.step, body);
  const update = await insertUpdate(trx, issueId, body, now);
  await trx
    .updateTable('issue')
    .set(changes(issue, taken.step, body, now))
    .where('id', '=', issueId)
    .execute();
  await state(
    trx,
    {
      type: 'update_posted',
      issue_id: issueId,
      update_id: update.id,
      status: update.status,
      message: update.message,
      next_update_at: body.next_update_at?.toISOString() ?? null,
      resolution: taken.step === 'close' ? (body.resolution ?? 'fixed') : null,
      fixed_for: body.fixed_for ?? null,
    },
    now,
  );
  await turnComponents(trx, issue, update, now);
  if (taken.step === 'reopen') {
    await takeBack(trx, issueId, now);
    if (issue.resolved_at) await linkAgain(trx, issueId, issue.resolved_at, now);
  }
  await tell(trx, apart ? 'update' : taken.step, update, body.notify, now);
  if (taken.step === 'close') await stateCounts(trx, [issueId], now); // what was said of an earlier fix counts no more
  return update;
}

function checkFits(taken: Step, body: UpdateBody): void {
  if (taken === 'close') {
    if (body.next_update_at) refuse('next_update_at', 'an issue that is over promises no next update');
    if (body.notify === false) refuse('notify', 'everyone who told us is told that it is over; leave it out');
  } else if (body.resolution) {
    refuse('resolution', 'belongs to the update that closes the issue');
  }
}

function insertUpdate(trx: Trx, issueId: string, body: UpdateBody, now: Date): Promise<IssueUpdate> {
  return trx
    .insertInto('issue_update')
    .values({
      id: newId(),
      issue_id: issueId,
      status: body.status,
      message: body.message,
      created_at: now,
      edited_at: null,
      source: null,
      notify: body.notify ?? true,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

function changes(issue: Issue, taken: Step, body: UpdateBody, now: Date): IssueChange {
  return {
    status: body.status,
    updated_at: now,
    next_update_at: body.next_update_at ?? null,
    ...(body.status === 'monitoring' && issue.status !== 'monitoring' ? { monitoring_at: now } : {}),
    ...(taken === 'close'
      ? { resolved_at: now, resolution: body.resolution ?? 'fixed', doubts_seen: 0 }
      : {}),
    ...(taken === 'reopen' ? { resolved_at: null, resolution: null } : {}),
    fixed_for: body.fixed_for ? JSON.stringify(body.fixed_for) : null,
  };
}

/**
 * Where an issue begins to hold, or is over, so does what it says of its components; from its beginning on that counts
 * whatever staff set them to before.
 */
async function turnComponents(trx: Trx, issue: Issue, update: IssueUpdate, now: Date): Promise<void> {
  const [before, after] = [isUnderWay(issue.status), isUnderWay(update.status)];
  if (before === after) return;
  if (after)
    await trx.updateTable('issue_component').set({ said_at: now }).where('issue_id', '=', issue.id).execute();
  const touched = await trx
    .selectFrom('issue_component')
    .select(['component_id', 'status'])
    .where('issue_id', '=', issue.id)
    .orderBy('position')
    .execute();
  const changes = touched.map(({ component_id: id, status }) =>
    after ? { id, was: ok, is: status } : { id, was: status, is: ok },
  );
  await noteChanges(trx, { issueId: issue.id, updateId: update.id }, changes, now);
}

const ok = 'operational' as const;

function takeBack(trx: Trx, issueId: string, now: Date): Promise<number> {
  const about = { issueId, template: 'resolved' } as const;
  return cancelQueued(trx, about, 'the issue was reopened before it was sent', now);
}

async function tell(
  trx: Trx,
  taken: Step,
  update: IssueUpdate,
  notify: boolean | undefined,
  now: Date,
): Promise<void> {
  const about = { id: update.id, issueId: update.issue_id };
  const news = { issueId: update.issue_id, updateId: update.id };
  if (taken === 'close') {
    await oweReporters(trx, 'resolved', about, now);
    await oweNews(trx, { ...news, template: 'resolved' }, now);
  } else if (taken === 'reopen') {
    if (notify === false) return;
    await oweReopened(trx, { ...about, all: notify === true }, now);
    await oweNews(trx, { ...news, template: 'reopened' }, now);
  } else {
    if (notify === true) await oweReporters(trx, 'update', about, now);
    if (notify !== false) await oweNews(trx, { ...news, template: 'update' }, now);
  }
}

/** Changes the words of an update; what stood there before is kept and shown. The same words again change nothing. */
export async function editUpdate(
  trx: Trx,
  issueId: string,
  updateId: string,
  message: string,
  now: Date,
): Promise<IssueUpdate> {
  await lockIssue(trx, issueId);
  const update = await trx
    .selectFrom('issue_update')
    .selectAll()
    .where('id', '=', updateId)
    .where('issue_id', '=', issueId)
    .forUpdate()
    .executeTakeFirst();
  if (!update) throw new NotFound(`There is no update ${updateId} on issue ${issueId}.`);
  if (update.message === message) return update;
  await trx
    .insertInto('issue_edit')
    .values({ issue_id: issueId, update_id: updateId, field: 'message', was: update.message, edited_at: now })
    .execute();
  await trx.updateTable('issue').set({ updated_at: now }).where('id', '=', issueId).execute();
  await state(
    trx,
    { type: 'update_edited', issue_id: issueId, update_id: updateId, message, was: update.message },
    now,
  );
  return trx
    .updateTable('issue_update')
    .set({ message, edited_at: now })
    .where('id', '=', updateId)
    .returningAll()
    .executeTakeFirstOrThrow();
}
