import { isDeepStrictEqual } from 'node:util';
import { readComponents } from '../components-now.ts';
import { whomWords } from '../domain/affected-words.ts';
import { impactWords } from '../domain/labels.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { changeIssue } from '../issues/change-issue.ts';
import { type IssuePatch, issuePatch } from '../issues/schemas.ts';
import type { Issue } from '../tables.ts';
import { view } from '../views.ts';
import { linesOf, readLines, typedLines } from './affected-form.ts';
import { timeField, typedTime } from './fields.ts';
import { findIssue } from './find-issue.ts';
import type { DeskPage } from './frame.ts';
import { addErrors, type IssueForm, issueFormOf, noTime, type TypedIssue, typedIssue } from './issue-form.ts';
import { changedMeanwhile, lockUnchanged } from './post-update.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';

interface EditPage extends DeskPage {
  id: string;
  heading: string;
  revision: number;
  form: IssueForm;
  planned: boolean;
  closed: boolean;
  meanwhile: string;
  /** What stands there now where she typed something else; only when somebody was quicker. */
  stands: Record<string, string>;
}

const render = view<EditPage>('desk/edit-issue.eta');

/** Changing what an issue says of itself; what stood there before stays visible. */
export const editIssueRoutes: DeskRoute[] = [
  look('GET /admin/issues/:id/edit', async (visit) => {
    const issue = await findIssue(visit);
    return page(visit, issue, await standing(visit, issue));
  }),
  act('POST /admin/issues/:id/edit', async (visit, fields) => {
    const issue = await findIssue(visit);
    const typed = { ...typedIssue(fields), kind: issue.kind };
    const again = async (status: number, more: Again) => ({
      page: { html: await page(visit, issue, typed, more), status },
    });
    const read = readPatch(fields, typed, issue);
    if ('errors' in read) return again(400, read);
    const meanwhile = await changedMeanwhile(visit, issue, fields);
    if (meanwhile) return again(409, { meanwhile, stands: differing(issue, typed) });
    return visit.change(async (trx) => {
      await lockUnchanged(trx, issue);
      await changeIssue(trx, issue.id, read.patch, visit.at);
      return { to: `/admin/issues/${issue.id}?said=saved`, about: `issue:${issue.id}` };
    });
  }),
];

interface Again {
  errors?: Record<string, string>;
  meanwhile?: string;
  stands?: Record<string, string>;
}

async function page(
  { db, desk }: Visit,
  issue: Issue,
  typed: TypedIssue,
  { errors = {}, meanwhile = '', stands = {} }: Again = {},
): Promise<string> {
  return render({
    desk,
    title: 'Edit',
    here: 'issues',
    id: issue.id,
    heading: issue.title,
    revision: issue.revision,
    form: issueFormOf(typed, await readComponents(db), errors),
    planned: issue.kind === 'maintenance',
    closed: isClosed(issue.status),
    meanwhile,
    stands,
  });
}

/** The form as the issue stands. */
async function standing({ db }: Visit, issue: Issue): Promise<TypedIssue> {
  const touched = await db
    .selectFrom('issue_component')
    .select(['component_id', 'status'])
    .where('issue_id', '=', issue.id)
    .execute();
  return {
    title: issue.title,
    kind: issue.kind,
    impact: issue.impact,
    workaround: issue.workaround ?? '',
    startedAt: timeField(issue.started_at),
    promise: issue.next_update_at ? 'date' : 'none',
    promiseAt: timeField(issue.next_update_at),
    scheduledFor: timeField(issue.scheduled_for),
    scheduledUntil: timeField(issue.scheduled_until),
    clock: { auto_start: issue.auto_start, auto_complete: issue.auto_complete, remind: issue.remind },
    components: new Map(touched.map((one) => [one.component_id, one.status])),
    affected: linesOf(issue.affected),
    returnOf: '',
  };
}

function readPatch(
  fields: Fields,
  typed: TypedIssue,
  issue: Issue,
): { patch: IssuePatch } | { errors: Record<string, string> } {
  const errors: Record<string, string> = {};
  const hasLines = typedLines(fields, 'affected') !== undefined;
  const reach = hasLines ? readLines(typed.affected, 'affected', issue.affected) : { errors: {} };
  if ('errors' in reach) Object.assign(errors, reach.errors);
  const time = (name: string, before: Date | null): { [field: string]: string | null } => {
    if (fields[name] === undefined) return {};
    const at = typedTime(fields, name);
    if (at === undefined) errors[name] = noTime;
    // The field shows minutes: what was not touched keeps its seconds.
    return !at || timeField(before) === timeField(at) ? {} : { [name]: at.toISOString() };
  };
  const read = issuePatch.safeParse({
    title: typed.title,
    impact: typed.impact,
    workaround: typed.workaround || null,
    components: [...typed.components].map(([id, status]) => ({ id, status })),
    ...('conditions' in reach ? { affected: reach.conditions } : {}),
    ...time('started_at', issue.started_at),
    ...(issue.kind === 'maintenance'
      ? {
          ...time('scheduled_for', issue.scheduled_for),
          ...time('scheduled_until', issue.scheduled_until),
          ...typed.clock,
        }
      : {}),
  });
  if (!read.success) addErrors(errors, read.error.issues);
  return read.success && Object.keys(errors).length === 0 ? { patch: read.data } : { errors };
}

function differing(issue: Issue, typed: TypedIssue): Record<string, string> {
  const now = {
    title: issue.title,
    workaround: issue.workaround ?? 'nothing',
    impact: impactWords[issue.impact],
  };
  const mine = { title: typed.title, workaround: typed.workaround || 'nothing', impact: typed.impact };
  const fields = ['title', 'workaround'] as const;
  const stands: Record<string, string> = {};
  for (const field of fields) if (now[field] !== mine[field]) stands[field] = now[field];
  if (issue.impact !== mine.impact) stands.impact = now.impact;
  if (isDeepStrictEqual(linesOf(issue.affected), typed.affected)) return stands;
  return { ...stands, affected: issue.affected ? whomWords(issue.affected) : 'everybody' };
}
