import { type Moment, moment } from '../domain/moment.ts';
import { NotFound } from '../errors.ts';
import { editUpdate } from '../issues/post-update.ts';
import type { Issue, IssueUpdate } from '../tables.ts';
import { view } from '../views.ts';
import { typedLine, typedText } from './fields.ts';
import { findIssue } from './find-issue.ts';
import type { DeskPage } from './frame.ts';
import { plainly } from './issue-form.ts';
import { changedMeanwhile, lockUnchanged } from './post-update.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';
import { readOver, type WriteBox, type Written } from './writing.ts';

interface EditUpdatePage extends DeskPage {
  id: string;
  update: string;
  heading: string;
  said: Moment;
  revision: number;
  box: WriteBox;
  meanwhile: string;
  /** What stands there now where somebody was quicker. */
  stands: string;
}

const render = view<EditUpdatePage>('desk/edit-update.eta');

/** Changing the words of an update; the page shows that, and what stood there before. */
export const editUpdateRoutes: DeskRoute[] = [
  look('GET /admin/issues/:id/updates/:update', async (visit) => {
    const { issue, update } = await find(visit);
    return page(visit, issue, update, update.message);
  }),
  act('POST /admin/issues/:id/updates/:update', async (visit, fields) => {
    const { issue, update } = await find(visit);
    const message = typedText(fields, 'message');
    const error =
      message === '' ? plainly('message', 'must not be empty') : message.length > 25_000 ? tooLong : '';
    if (error) return { page: { html: await page(visit, issue, update, message, { error }), status: 400 } };
    const meanwhile = await changedMeanwhile(visit, issue, fields);
    if (meanwhile) {
      const stands = update.message === message ? '' : update.message;
      return {
        page: { html: await page(visit, issue, update, message, { meanwhile, stands }), status: 409 },
      };
    }
    if (typedLine(fields, 'do') === 'preview') {
      const written = readOver(message, {
        occasion: 'update',
        kind: issue.kind,
        promised: true,
        workaround: true,
      });
      return { page: await page(visit, issue, update, message, { written }) };
    }
    return visit.change(async (trx) => {
      await lockUnchanged(trx, issue);
      await editUpdate(trx, issue.id, update.id, message, visit.at);
      return {
        to: `/admin/issues/${issue.id}?said=saved#u-${update.id}`,
        about: `issue:${issue.id}`,
        detail: { update: update.id },
      };
    });
  }),
];

const tooLong = 'This is longer than the 25,000 characters we can take.';

async function find(visit: Visit): Promise<{ issue: Issue; update: IssueUpdate }> {
  const issue = await findIssue(visit);
  const update = await visit.db
    .selectFrom('issue_update')
    .selectAll()
    .where('id', '=', visit.params.update ?? '')
    .where('issue_id', '=', issue.id)
    .executeTakeFirst();
  if (!update) throw new NotFound('There is no such update on this issue.');
  return { issue, update };
}

function page(
  { desk }: Visit,
  issue: Issue,
  update: IssueUpdate,
  message: string,
  more: { error?: string; meanwhile?: string; stands?: string; written?: Written } = {},
): string {
  const { error = '', meanwhile = '', stands = '', written = null } = more;
  return render({
    desk,
    title: 'Edit an update',
    here: 'issues',
    id: issue.id,
    update: update.id,
    heading: issue.title,
    said: moment(update.created_at),
    revision: issue.revision,
    box: {
      name: 'message',
      label: 'What we said',
      hint: 'What stood there before stays readable on the page.',
      value: message,
      lines: 8,
      error,
      occasion: 'update',
      written,
    },
    meanwhile,
    stands,
  });
}
