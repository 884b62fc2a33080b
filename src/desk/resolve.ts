import { isClosed, type Resolution, resolutions } from '../domain/lifecycle.ts';
import { isUnfinished } from '../domain/wordings.ts';
import type { Draft } from '../domain/words.ts';
import { Conflict } from '../errors.ts';
import { postUpdate } from '../issues/post-update.ts';
import { type LetterPreview, previewResolved, type Told, whoIsTold } from '../notifications/preview.ts';
import { countNotReached } from '../notifications/rollout.ts';
import { type Entry, timelineOf } from '../status-page/timeline.ts';
import type { Issue } from '../tables.ts';
import { view } from '../views.ts';
import { wordingOf } from '../wordings.ts';
import {
  type AffectedForm,
  affectedForm,
  linesOf,
  readLines,
  type TypedLines,
  typedLines,
} from './affected-form.ts';
import { typedLine } from './fields.ts';
import { findIssue } from './find-issue.ts';
import type { DeskPage } from './frame.ts';
import { type Choice, plainly } from './issue-form.ts';
import { sendRehearsal, typedDraft } from './mail-draft.ts';
import { changedMeanwhile, lockUnchanged, unfinished } from './post-update.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';
import { readOver, type WriteBox } from './writing.ts';

interface ResolvePage extends DeskPage {
  id: string;
  heading: string;
  revision: number;
  box: WriteBox;
  /** Empty for planned work, which is simply done. */
  resolutions: Choice[];
  /** Whom the fix reaches at first; null for planned work. */
  reach: AffectedForm | null;
  told: Told;
  /** Of these, how many are told only when the fix has reached them. */
  waiting: number;
  /** The mail as it will look; null until she asked to see it. */
  letter: LetterPreview | null;
  meanwhile: string;
  /** What was said last; only when somebody was quicker. */
  latest: Entry[];
  myself: string;
}

const render = view<ResolvePage>('desk/resolve.eta');
const longest = 25_000;

const resolutionLabels: Record<Resolution, string> = {
  fixed: 'It is fixed',
  wont_fix: 'We will not change it',
  not_reproducible: 'We could not make it happen',
  duplicate: 'It is the same as another one',
  retracted: 'We had opened it by mistake',
};

/** Saying that it is over: first who will be told and what they will read, then the word itself. */
export const resolveRoutes: DeskRoute[] = [
  look('GET /admin/issues/:id/resolve', async (visit) => {
    const issue = await findOpen(visit);
    return page(visit, issue, { message: await wordingOf(visit.db, 'resolved'), resolution: 'fixed' });
  }),
  act('POST /admin/issues/:id/resolve', async (visit, fields) => {
    const issue = await findOpen(visit);
    const draft = typedDraft(fields);
    const error = wrongWith(draft.message, await wordingOf(visit.db, 'resolved'));
    const lines = typedLines(fields, 'fixed_for') ?? linesOf(null);
    const reach = readLines(lines, 'fixed_for');
    if (error || 'errors' in reach) {
      const html = await page(visit, issue, draft, { error, lines, ...('errors' in reach && reach) });
      return { page: { html, status: 400 } };
    }
    const meanwhile = await changedMeanwhile(visit, issue, fields);
    if (meanwhile)
      return { page: { html: await page(visit, issue, draft, { meanwhile, lines }), status: 409 } };
    switch (typedLine(fields, 'do')) {
      case 'resolve':
        return close(visit, issue, draft);
      case 'rehearse':
        await sendRehearsal(visit, issue.id, draft);
        return { page: await page(visit, issue, draft, { isRead: true, said: rehearsed(visit), lines }) };
      default:
        return { page: await page(visit, issue, draft, { isRead: true, lines }) };
    }
  }),
];

function close(visit: Visit, issue: Issue, { message, resolution, fixed_for = null }: Draft) {
  const planned = issue.kind === 'maintenance';
  return visit.change(async (trx) => {
    await lockUnchanged(trx, issue);
    const status = planned ? 'completed' : 'resolved';
    const body = { status, message, ...(planned ? {} : { resolution, fixed_for }) } as const;
    const update = await postUpdate(trx, issue.id, body, visit.at);
    return {
      to: `/admin/issues/${issue.id}/mail?said=resolved`,
      about: `issue:${issue.id}`,
      detail: { update: update.id, ...(planned ? {} : { resolution }) },
    };
  });
}

async function page(
  visit: Visit,
  issue: Issue,
  draft: Draft,
  more: {
    error?: string;
    meanwhile?: string;
    isRead?: boolean;
    said?: string;
    lines?: TypedLines;
    errors?: Record<string, string>;
  } = {},
): Promise<string> {
  const { error = '', meanwhile = '', isRead = false, said = '', lines = linesOf(null), errors } = more;
  const { db, config, links, at, staff, desk } = visit;
  return render({
    desk: said ? { ...desk, said } : desk,
    title: 'It is over',
    here: 'issues',
    id: issue.id,
    heading: issue.title,
    revision: issue.revision,
    box: {
      name: 'message',
      label: 'What we say about it',
      hint: 'What it was, what you did, and what they should do now, if anything.',
      value: draft.message,
      lines: 7,
      error,
      occasion: 'resolved',
      written: isRead ? readOver(draft.message, { occasion: 'resolved', kind: issue.kind }) : null,
    },
    resolutions:
      issue.kind === 'maintenance'
        ? []
        : resolutions.map((value) => ({
            value,
            label: resolutionLabels[value],
            chosen: value === draft.resolution,
          })),
    reach: issue.kind === 'maintenance' ? null : affectedForm(lines, 'fixed_for', errors),
    told: await whoIsTold(db, issue.id, { limit: 20 }),
    waiting: await countNotReached(db, issue.id, draft.fixed_for ?? null),
    letter: isRead ? await previewResolved(db, config, links, issue.id, draft, at) : null,
    meanwhile,
    latest: meanwhile ? (await timelineOf(db, issue)).slice(0, 3) : [],
    myself: staff.email,
  });
}

function rehearsed({ staff }: Visit): string {
  return `A mail to yourself, ${staff.email}, is on its way. Nobody else has heard anything yet.`;
}

async function findOpen(visit: Visit): Promise<Issue> {
  const issue = await findIssue(visit);
  if (isClosed(issue.status)) throw new Conflict('It is over already; open it again first if it is not.');
  return issue;
}

function wrongWith(message: string, beginning: string): string {
  if (isUnfinished(message, beginning)) return unfinished;
  if (message === '') return plainly('message', 'must not be empty');
  return message.length > longest ? `This is longer than the ${longest} characters we can take.` : '';
}
