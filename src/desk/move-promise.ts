import { changeIssue } from '../issues/change-issue.ts';
import { typedLine } from './fields.ts';
import { findIssue } from './find-issue.ts';
import { issueDesk } from './issue.ts';
import { readPromise } from './issue-form.ts';
import { moveChoices, moveFormOf } from './move-form.ts';
import { changedMeanwhile, lockUnchanged } from './post-update.ts';
import { act, type DeskRoute } from './route.ts';
import { updateFormOf } from './update-form.ts';

/** Moving a promise alone: everybody sees that it was, and nobody is mailed. */
export const movePromiseRoutes: DeskRoute[] = [
  act('POST /admin/issues/:id/promise', async (visit, fields) => {
    const issue = await findIssue(visit);
    const again = async (status: number, error: string) => ({
      page: {
        html: await issueDesk(visit, issue, {
          update: await updateFormOf(visit, issue),
          move: moveFormOf(fields, error),
        }),
        status,
      },
    });
    if (issue.next_update_at === null) return again(409, 'No promise is running any more.');
    const choice = moveChoices.find((one) => one === typedLine(fields, 'next_update'));
    if (!choice) return again(400, 'Please choose by when you say more.');
    const promise = readPromise(fields, issue.kind, visit.at);
    if ('error' in promise) return again(400, promise.error);
    const meanwhile = await changedMeanwhile(visit, issue, fields);
    if (meanwhile) return again(409, meanwhile);
    const was = issue.next_update_at.toISOString();
    return visit.change(async (trx) => {
      await lockUnchanged(trx, issue);
      await changeIssue(trx, issue.id, { next_update_at: promise.at }, visit.at);
      return {
        to: `/admin/issues/${issue.id}?said=promised`,
        about: `issue:${issue.id}`,
        detail: { was, is: promise.at?.toISOString() ?? null },
      };
    });
  }),
];
