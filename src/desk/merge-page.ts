import type { Db } from '../db.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { mergedWords, splitWords, whyNotMerge } from '../domain/merging.ts';
import { NotFound } from '../errors.ts';
import { whoIsTold } from '../notifications/preview.ts';
import { findIssues } from '../status-page/find-issues.ts';
import type { Issue } from '../tables.ts';
import { view } from '../views.ts';
import { typedLine, typedText } from './fields.ts';
import { findIssue } from './find-issue.ts';
import type { DeskPage } from './frame.ts';
import { type IssueLine, lineColumns, toLines } from './issue-lines.ts';
import { mergeIssues, splitIssues } from './merging.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';

interface MergePage extends DeskPage {
  id: string;
  heading: string;
  /** Why it cannot be merged into any other; empty where it can. */
  refused: string;
  /** What it is merged into already. */
  followed: { id: string; title: string } | null;
  /** The one that was chosen, and what would happen. */
  chosen: { id: string; title: string; closed: boolean; refused: string } | null;
  people: { reports: number; told: number };
  /** Subscribers, who hear of it at once. */
  listeners: number;
  q: string;
  found: IssueLine[];
  message: string;
  error: string;
}

const render = view<MergePage>('desk/merge.eta');
const mostFound = 20;
const longest = 25_000;

/** Two issues that are one, and one that was two after all. */
export const mergeRoutes: DeskRoute[] = [
  look('GET /admin/issues/:id/merge', async (visit) => page(visit, await findIssue(visit))),
  act('POST /admin/issues/:id/merge', async (visit, fields) => {
    const issue = await findIssue(visit);
    const into = await readIssue(visit.db, typedLine(fields, 'into'));
    if (!into) throw new NotFound('There is no such issue to merge this one into.');
    const { message, error } = readMessage(fields);
    const wrong = error || whyNotMerge(issue, into);
    if (wrong)
      return { page: { html: await page(visit, issue, { into, message, error: wrong }), status: 400 } };
    return visit.change(async (trx) => {
      const { carried, told } = await mergeIssues(trx, { from: issue.id, into: into.id, message }, visit.at);
      const detail = { into: into.id, reports: carried, told };
      return { to: `/admin/issues/${issue.id}?said=merged`, about: `issue:${issue.id}`, detail };
    });
  }),
  act('POST /admin/issues/:id/split', async (visit, fields) => {
    const issue = await findIssue(visit);
    const other = issue.merged_into === null ? null : await readIssue(visit.db, issue.merged_into);
    const given = readMessage(fields);
    const message = fields.message === undefined && other ? splitWords(other.title) : given.message;
    const error = fields.message === undefined ? '' : given.error;
    if (error) return { page: { html: await page(visit, issue, { message, error }), status: 400 } };
    return visit.change(async (trx) => {
      const { carried, told, into } = await splitIssues(trx, { from: issue.id, message }, visit.at);
      const detail = { from: into, reports: carried, told };
      return { to: `/admin/issues/${issue.id}?said=split`, about: `issue:${issue.id}`, detail };
    });
  }),
];

function readMessage(fields: Fields): { message: string; error: string } {
  const message = typedText(fields, 'message');
  if (message === '') return { message, error: 'Please say something: it stands on the public page.' };
  return { message, error: message.length > longest ? `This is longer than ${longest} characters.` : '' };
}

async function page(
  visit: Visit,
  issue: Issue,
  given: { into?: Issue; message?: string; error?: string } = {},
): Promise<string> {
  const { db, desk, query, config, at } = visit;
  const followed = issue.merged_into === null ? null : await readIssue(db, issue.merged_into);
  const into = given.into ?? (await readIssue(db, query.into ?? ''));
  const chosen = followed || !into ? null : into;
  const told = await whoIsTold(db, issue.id, { limit: 0 });
  const q = (query.q ?? '').slice(0, 500).trim();
  const beginning = followed
    ? splitWords(followed.title)
    : chosen
      ? mergedWords(chosen.title, `${config.baseUrl}/issues/${chosen.id}`)
      : '';
  return render({
    desk,
    title: followed ? 'Split again' : 'Merge',
    here: 'issues',
    id: issue.id,
    heading: issue.title,
    refused:
      !followed && isClosed(issue.status)
        ? 'It is over, and everybody was told so; open it again first.'
        : '',
    followed: followed && { id: followed.id, title: followed.title },
    chosen: chosen && {
      id: chosen.id,
      title: chosen.title,
      closed: isClosed(chosen.status),
      refused: whyNotMerge(issue, chosen) ?? '',
    },
    people: { reports: told.total + told.withoutAddress, told: told.total - told.suppressed },
    listeners: told.listeners,
    q,
    found: chosen || followed ? [] : await toLines(db, await candidates(db, issue, q), at),
    message: given.message ?? beginning,
    error: given.error ?? '',
  });
}

/** What it may be the same as: the best matches for some words, or the newest that are open. */
async function candidates(db: Db, issue: Issue, q: string) {
  const ids = q === '' ? null : (await findIssues(db, q, { limit: mostFound + 1 })).map((one) => one.id);
  const rows = await db
    .selectFrom('issue')
    .select([...lineColumns])
    .where('id', '<>', issue.id)
    .where('merged_into', 'is', null)
    .where('kind', issue.kind === 'maintenance' ? '=' : '<>', 'maintenance')
    .$if(ids !== null, (query) => query.where('id', 'in', ids!.length > 0 ? ids! : ['']))
    .$if(ids === null, (query) => query.where('resolved_at', 'is', null))
    .orderBy('created_at', 'desc')
    .limit(mostFound)
    .execute();
  return ids === null ? rows : rows.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

async function readIssue(db: Db, id: string): Promise<Issue | null> {
  return (await db.selectFrom('issue').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}
