import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { durationWords } from '../domain/times.ts';
import { isUnfinished, updateWording } from '../domain/wordings.ts';
import { Conflict } from '../errors.ts';
import { lockIssue } from '../issue-row.ts';
import { writeNote } from '../issues/notes.ts';
import { postUpdate } from '../issues/post-update.ts';
import { updateBody } from '../issues/schemas.ts';
import { isMailed } from '../notifications/progress.ts';
import type { Issue } from '../tables.ts';
import { wordingOf } from '../wordings.ts';
import { typedLine, typedText } from './fields.ts';
import { findIssue } from './find-issue.ts';
import { issueDesk } from './issue.ts';
import { addErrors, readPromise } from './issue-form.ts';
import { act, type DeskRoute, type Fields, type Visit } from './route.ts';
import { typedPromise, updateFormOf } from './update-form.ts';
import { readOver } from './writing.ts';

/** Saying more about an issue, to everybody or to each other. */
export const postUpdateRoutes: DeskRoute[] = [
  act('POST /admin/issues/:id/updates', async (visit, fields) => {
    const issue = await findIssue(visit);
    const again = async (
      status: number,
      more: Omit<Parameters<typeof updateFormOf>[2] & object, 'fields'>,
    ) => ({
      page: {
        html: await issueDesk(visit, issue, {
          update: await updateFormOf(visit, issue, { fields, ...more }),
        }),
        status,
      },
    });
    const read = readUpdate(fields, issue, visit.at);
    if ('errors' in read) return again(400, read);
    if (isUnfinished(read.body.message, await wordingOf(visit.db, updateWording(issue.status)))) {
      return again(400, { errors: { message: unfinished } });
    }
    const meanwhile = await changedMeanwhile(visit, issue, fields);
    if (meanwhile) return again(409, { meanwhile });
    if (typedLine(fields, 'do') === 'preview') {
      const written = readOver(read.body.message, {
        occasion: 'update',
        kind: issue.kind,
        promised: Boolean(read.body.next_update_at),
        workaround: issue.workaround !== null,
      });
      return again(200, { written });
    }
    return visit.change(async (trx) => {
      await lockUnchanged(trx, issue);
      const update = await postUpdate(trx, issue.id, read.body, visit.at);
      return {
        to: `/admin/issues/${issue.id}?said=${(await isMailed(trx, update)) ? 'mailed' : 'posted'}`,
        about: `issue:${issue.id}`,
        detail: { update: update.id, status: update.status, mailed: read.body.notify === true },
      };
    });
  }),
  act('POST /admin/issues/:id/notes', async (visit, fields) => {
    const issue = await findIssue(visit);
    const body = typedText(fields, 'note');
    if (body === '' || body.length > 10_000) {
      const noteError = body === '' ? 'Please write something.' : 'This is longer than we can keep.';
      const update = await updateFormOf(visit, issue);
      return { page: { html: await issueDesk(visit, issue, { update, noteError }), status: 400 } };
    }
    return visit.change(async (trx) => {
      const { id, name } = visit.staff;
      await writeNote(trx, issue.id, { staffId: id, who: name, body }, visit.at);
      return { to: `/admin/issues/${issue.id}?said=noted#notes`, about: `issue:${issue.id}` };
    });
  }),
];

/** A template is a beginning; nobody should have to read it as all we have to say. */
export const unfinished = 'This is only our beginning of a sentence. Please say how it goes on.';

const broken = 'The promise before has run out. Please choose when you say more, or promise no time.';

const quicker =
  'A colleague changed this issue in this very moment. Please look at it and send yours once more.';

/** Locks an issue for a form that was drawn of it. Throws Conflict where somebody changed it in this very moment. */
export async function lockUnchanged(trx: Trx, { id, revision }: Issue): Promise<void> {
  const now = await lockIssue(trx, id);
  if (now.revision !== revision) throw new Conflict(quicker);
}

function readUpdate(fields: Fields, issue: Issue, now: Date) {
  const promise = readPromise(fields, issue.kind, now);
  const read = updateBody.safeParse({
    status: typedLine(fields, 'status'),
    message: typedText(fields, 'message'),
    ...(typedLine(fields, 'notify') === 'yes' ? { notify: true } : {}),
    ...('at' in promise ? { next_update_at: promise.at?.toISOString() ?? null } : {}),
  });
  const errors: Record<string, string> = 'error' in promise ? { next_update: promise.error } : {};
  if (typedPromise(fields, issue, now) === '') errors.next_update = broken;
  if (!read.success) addErrors(errors, read.error.issues);
  return read.success && Object.keys(errors).length === 0 ? { body: read.data } : { errors };
}

/**
 * What somebody else did to an issue since this form was drawn, in a sentence; null where nobody did. The page that
 * comes back carries the new revision, so that sending it once more goes through.
 */
export async function changedMeanwhile(
  { db, staff, at }: Pick<Visit, 'db' | 'staff' | 'at'>,
  issue: Issue,
  fields: Fields,
): Promise<string | null> {
  if (Number(typedLine(fields, 'revision')) === issue.revision) return null;
  const last = await lastDeed(db, issue.id, staff.id);
  const who = last
    ? `${last.who} ${last.act} ${durationWords(at.getTime() - last.at.getTime())} ago.`
    : 'This issue was changed.';
  return `While you wrote: ${who} See below how it stands now. All your words are here; send them again if they still fit.`;
}

function lastDeed(db: Db, issueId: string, except: string) {
  return db
    .selectFrom('audit')
    .select(['who', 'act', 'at'])
    .where('about', '=', `issue:${issueId}`)
    .where(sql<boolean>`staff_id is distinct from ${except}`)
    .orderBy('seq', 'desc')
    .executeTakeFirst();
}
