import type { Db } from '../db.ts';
import type { Traits } from '../domain/affected.ts';
import { rollingOut } from '../domain/affected-words.ts';
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
import { type Returns, returnsOf } from '../returns.ts';
import type { Page, Shell } from '../shell.ts';
import type { Issue } from '../tables.ts';
import { view } from '../views.ts';
import { type Pressed, type Way, waysOf } from '../ways-around.ts';
import { type Me, meOf } from './is-it-me.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type Part, partsOf } from './parts.ts';
import { type Entry, timelineOf } from './timeline.ts';

interface IssuePage extends Page {
  id: string;
  heading: string;
  kind: string;
  mark: Mark;
  standing: string;
  answer: Answer;
  /** Where it does not reach everybody: whom, and the questions that tell her. */
  me: Me | null;
  parts: Part[];
  /** Safe HTML; empty where we know nothing to do. */
  workaround: string;
  /** What customers found, best first. */
  ways: Way[];
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
  /** What it is the return of, and what came back of it. */
  returns: Returns;
  /** Whether it is over, here and where it is followed. */
  over: boolean;
  /** It was opened by mistake: nothing was broken that could be so still. */
  mistake: boolean;
}

const render = view<IssuePage>('issue.eta');

/** The page of one issue, in the order in which she asks; with an answer, where she gave some. Throws NotFound. */
export async function issuePage(
  db: Db,
  shell: Shell,
  id: string,
  now: Date,
  answers: Traits | null = null,
  pressed: Pressed = {},
): Promise<string> {
  const issue = await db.selectFrom('issue').selectAll().where('id', '=', id).executeTakeFirst();
  if (!issue) throw new NotFound('We know of no issue at this address.');
  const [returns, people, ways, outcome, parts, timeline, follow] = await Promise.all([
    returnsOf(db, issue),
    countPeople(db, [id]),
    waysOf(db, id, `/issues/${id}`, pressed),
    outcomeOf(db, issue, shell.doubt),
    partsOf(db, id, issue.status),
    timelineOf(db, issue),
    issue.merged_into === null ? null : followOf(db, id),
  ]);
  const { started_at, resolved_at, next_update_at, scheduled_for, scheduled_until } = issue;
  const notBegun = issue.status === 'scheduled';
  const doubted = outcome.doubt !== '' && issue.fixed_for === null;
  const answer = doubted ? { short: outcome.doubt, more: '' } : (rollingOut(issue) ?? isItMe(issue));
  const standing = doubted ? 'Fixed, but not for everyone' : standingWords(issue);
  const me = meOf(issue, answers);
  return render({
    shell,
    title: issue.title,
    description: excerpt(`${standing}. ${answer.short} ${me?.whom ?? ''} ${answer.more}`, 160),
    canonical: `/issues/${id}`,
    id,
    heading: issue.title,
    kind: kindWords[issue.kind],
    mark: doubted ? 'known' : markOf(issue),
    standing,
    answer,
    me,
    parts,
    workaround: issue.workaround ? renderMarkdown(issue.workaround) : '',
    ways: isOver(issue) ? [] : ways,
    meanwhile: isMeanwhileAsked(issue, ways),
    since: moment(started_at),
    lasted: durationWords((resolved_at ?? now).getTime() - started_at.getTime()),
    closed: momentOrNull(resolved_at),
    window: scheduled_for && windowOf(scheduled_for, scheduled_until),
    notBegun,
    people: follow ? 'Whoever told us here is counted there' : peopleWords(people.get(id) ?? 0),
    outcome,
    impact: issue.impact === 'none' ? '' : impactWords[issue.impact],
    promise: promisedOrNull(next_update_at, now),
    form: blankForm('', answers),
    timeline,
    follow,
    returns,
    over: resolved_at !== null && !follow?.open,
    mistake: issue.resolution === 'retracted',
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

/** Mended, and nobody needs a way around it any more. */
function isOver(issue: Issue): boolean {
  return markOf(issue) === 'fixed' && issue.fixed_for === null;
}

/** Before planned work and after an end we only say what to do meanwhile if there is something to say. */
function isMeanwhileAsked(issue: Issue, ways: Way[]): boolean {
  const isKnown = issue.workaround !== null || ways.length > 0;
  if (issue.status === 'scheduled' || (isClosed(issue.status) && !isOver(issue))) return isKnown;
  return !isClosed(issue.status);
}
