import type { Db } from '../db.ts';
import { type Answer, isItMe } from '../domain/answers.ts';
import { impactWords, kindWords, type Mark, markOf, peopleWords, standingWords } from '../domain/labels.ts';
import { isClosed } from '../domain/lifecycle.ts';
import {
  type Moment,
  moment,
  momentOrNull,
  type Promised,
  promisedOrNull,
  type Window,
  windowOf,
} from '../domain/moment.ts';
import { blankForm, type ReportForm } from '../domain/report-form.ts';
import { excerpt } from '../domain/text.ts';
import { durationWords } from '../domain/times.ts';
import { NotFound } from '../errors.ts';
import { renderMarkdown } from '../markdown.ts';
import { pathOf } from '../merged.ts';
import { countPeople } from '../people.ts';
import type { Page, Shell } from '../shell.ts';
import type { Issue } from '../tables.ts';
import { view } from '../views.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { type Part, partsOf } from './parts.ts';
import { type Entry, timelineOf } from './timeline.ts';

interface IssuePage extends Page {
  id: string;
  heading: string;
  kind: string;
  mark: Mark;
  standing: string;
  answer: Answer;
  parts: Part[];
  /** Safe HTML; empty where we know nothing to do. */
  workaround: string;
  /** Whether "what to do meanwhile" is still a question. */
  meanwhile: boolean;
  since: Moment;
  lasted: string;
  closed: Moment | null;
  window: Window | null;
  notBegun: boolean;
  people: string;
  outcome: Outcome;
  impact: string;
  promise: Promised | null;
  form: ReportForm;
  timeline: Entry[];
  /** Where it is followed, if it turned out to be the same as another one. */
  follow: { href: string; title: string; open: boolean } | null;
  /** Whether it is over, here and where it is followed. */
  over: boolean;
}

const render = view<IssuePage>('issue.eta');

/** The page of one issue, in the order in which she asks. Throws NotFound. */
export async function issuePage(db: Db, shell: Shell, id: string, now: Date): Promise<string> {
  const issue = await db.selectFrom('issue').selectAll().where('id', '=', id).executeTakeFirst();
  if (!issue) throw new NotFound('We know of no issue at this address.');
  const [people, outcome, parts, timeline, follow] = await Promise.all([
    countPeople(db, [id]),
    outcomeOf(db, issue),
    partsOf(db, id, issue.status),
    timelineOf(db, issue),
    issue.merged_into === null ? null : followOf(db, id),
  ]);
  const { started_at, resolved_at, next_update_at, scheduled_for, scheduled_until } = issue;
  const notBegun = issue.status === 'scheduled';
  const answer = isItMe(issue);
  return render({
    shell,
    title: issue.title,
    description: excerpt(`${standingWords(issue)}. ${answer.short} ${answer.more}`, 160),
    canonical: `/issues/${id}`,
    id,
    heading: issue.title,
    kind: kindWords[issue.kind],
    mark: markOf(issue),
    standing: standingWords(issue),
    answer,
    parts,
    workaround: issue.workaround ? renderMarkdown(issue.workaround) : '',
    meanwhile: isMeanwhileAsked(issue),
    since: moment(started_at),
    lasted: durationWords((resolved_at ?? now).getTime() - started_at.getTime()),
    closed: momentOrNull(resolved_at),
    window: scheduled_for && windowOf(scheduled_for, scheduled_until),
    notBegun,
    people: follow ? 'Whoever told us here is counted there' : peopleWords(people.get(id) ?? 0),
    outcome,
    impact: issue.impact === 'none' ? '' : impactWords[issue.impact],
    promise: promisedOrNull(next_update_at, now),
    form: blankForm(),
    timeline,
    follow,
    over: resolved_at !== null && !follow?.open,
  });
}

async function followOf(db: Db, id: string): Promise<IssuePage['follow']> {
  const end = (await pathOf(db, id)).at(-1)!;
  const { title, status } = await db
    .selectFrom('issue')
    .select(['title', 'status'])
    .where('id', '=', end)
    .executeTakeFirstOrThrow();
  return { href: `/issues/${end}`, title, open: !isClosed(status) };
}

/** Before planned work and after an end we only say what to do meanwhile if there is something to say. */
function isMeanwhileAsked(issue: Issue): boolean {
  if (issue.status === 'scheduled' || markOf(issue) === 'closed') return issue.workaround !== null;
  return !isClosed(issue.status);
}
