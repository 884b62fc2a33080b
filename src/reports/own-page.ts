import type { Db } from '../db.ts';
import { rollingOut } from '../domain/affected-words.ts';
import { isItMe, verdictWords } from '../domain/answers.ts';
import { type Mark, markOf, standingWords } from '../domain/labels.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { type Moment, moment, type Promised, promisedOrNull } from '../domain/moment.ts';
import type { ReportForm } from '../domain/report-form.ts';
import { NotFound } from '../errors.ts';
import { renderMarkdown } from '../markdown.ts';
import type { Page, Shell } from '../shell.ts';
import { findIssues } from '../status-page/find-issues.ts';
import type { Issue, Report } from '../tables.ts';
import { view } from '../views.ts';
import { type Pressed, type Way, waysOf } from '../ways-around.ts';
import { nothingHere } from './change-report.ts';
import { type Back, backOf } from './is-back.ts';
import { blankOffer, type OfferForm, type OfferLine, offersOf } from './offer-workaround.ts';
import { type OwnMails, ownMails } from './own-mails.ts';
import { type OwnReach, ownReach } from './own-reach.ts';
import { type Turn, turnsOf } from './turns.ts';
import type { WordForm } from './worked.ts';

interface Step {
  at: Moment;
  text: string;
  /** Safe HTML of what staff wrote. */
  html: string;
}

interface Known {
  href: string;
  title: string;
  mark: Mark;
  standing: string;
}

/** The link that leads to her page, and the short code that does where she has one. */
export interface OwnLink {
  id: string;
  token: string;
  code?: string;
}

interface OwnPage extends Page {
  action: string;
  lead: string;
  message: string | null;
  pageUrl: string | null;
  issue: (Known & { open: boolean; workaround: string }) | null;
  /** For whoever left no address. */
  code: string | null;
  link: string;
  ways: Way[];
  /** What she found herself, for the others; null where there is nothing to find a way around. */
  offer: (OfferForm & { lines: OfferLine[] }) | null;
  promise: Promised | null;
  steps: Step[];
  /** Known issues it may be about, while nobody has looked at it. */
  perhaps: Known[];
  withdrawn: boolean;
  address: string | null;
  form: ReportForm;
  /** Asked once it is over: does it work for you? */
  fix: (WordForm & { said: string }) | null;
  /** Whether it, or its fix, reaches her; null where it is the same for everybody. */
  reach: OwnReach | null;
  /** Her problem came back as a new issue. */
  back: Back | null;
  /** What we wrote to her about it. */
  mails: OwnMails;
  /** Staff asked her something. */
  more: WordForm | null;
}

const blank: WordForm = { comment: '', error: '' };

const render = view<OwnPage>('own.eta');

/** The reporter's own page: what I said, what you did with it, what happens next. Throws NotFound. */
export async function ownPage(
  db: Db,
  shell: Shell,
  of: OwnLink,
  form: ReportForm,
  now: Date,
  {
    fix: word = blank,
    more = blank,
    offer = blankOffer,
    pressed = {},
  }: { fix?: WordForm; more?: WordForm; offer?: OfferForm; pressed?: Pressed } = {},
): Promise<string> {
  const report = await db.selectFrom('report').selectAll().where('id', '=', of.id).executeTakeFirst();
  if (!report) throw new NotFound(nothingHere);
  const issue = report.issue_id === null ? null : await readIssue(db, report.issue_id);
  const isUnread = isNew(report) && issue === null;
  const reach = await ownReach(db, report, issue);
  return render({
    shell,
    title: 'What you told us',
    action: `/r/${of.token}`,
    lead: reach?.waits ? reach.says[0]! : leadOf(report, issue),
    reach,
    message: report.message,
    pageUrl: report.page_url,
    issue: issue && {
      ...toKnown(issue),
      open: !isClosed(issue.status),
      workaround: issue.workaround && !isClosed(issue.status) ? renderMarkdown(issue.workaround) : '',
    },
    code: report.code_hash === null ? null : (of.code ?? null),
    link: `${shell.baseUrl}/r/${of.token}`,
    ways: issue && !isClosed(issue.status) ? await waysOf(db, issue.id, `/r/${of.token}`, pressed) : [],
    offer: issue && report.state !== 'withdrawn' ? { ...offer, lines: await offersOf(db, report.id) } : null,
    promise: promisedOrNull(issue?.next_update_at ?? null, now),
    steps: stepsOf(report, issue, issue ? await turnsOf(db, issue) : []),
    perhaps:
      isUnread && report.message
        ? (await findIssues(db, report.message, { limit: 3, openOnly: true })).map(toKnown)
        : [],
    back: await backOf(db, report, issue),
    mails: await ownMails(db, report),
    withdrawn: report.state === 'withdrawn',
    address: report.email,
    form,
    more: report.verdict === 'need_more' && report.state !== 'withdrawn' ? more : null,
    fix:
      issue && isClosed(issue.status) && report.state !== 'withdrawn' && !reach?.waits
        ? {
            said: isAboutThisFix(report, issue) ? saidOf(report) : '',
            comment: word.comment || (isAboutThisFix(report, issue) ? (report.worked_comment ?? '') : ''),
            error: word.error,
          }
        : null,
  });
}

async function readIssue(db: Db, id: string): Promise<Issue> {
  return db.selectFrom('issue').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

function toKnown(issue: Pick<Issue, 'id' | 'title' | 'kind' | 'status'> & Partial<Issue>): Known {
  const standing = {
    kind: issue.kind,
    status: issue.status,
    resolution: issue.resolution ?? null,
    fixed_for: issue.fixed_for,
  };
  return {
    href: `/issues/${issue.id}`,
    title: issue.title,
    mark: markOf(standing),
    standing: standingWords(standing),
  };
}

/** Whoever sends spam reads the same as whoever waits for us to read it. */
function isNew({ state }: Report): boolean {
  return state === 'new' || state === 'spam';
}

function leadOf(report: Report, issue: Issue | null): string {
  if (report.state === 'withdrawn') return 'You took this back. We will not write to you about it.';
  if (wasRight(report) && issue && !isClosed(issue.status))
    return 'You were right. We told you otherwise, and we are sorry.';
  if (report.state === 'answered') return 'We looked at what you told us. Our answer is below.';
  if (issue && !isClosed(issue.status)) return 'Thank you. We know about this, and it is not your fault.';
  if (report.worked === false && isNew(report) && issue && isAboutThisFix(report, issue))
    return 'Thank you. A person will look at it again.';
  if (report.state === 'linked' && issue) return (rollingOut(issue) ?? isItMe(issue)).short;
  return issue
    ? 'Thank you. We thought this was over. A person will read what you told us.'
    : 'Thank you. We have your words, and a person will read them.';
}

function stepsOf(report: Report, issue: Issue | null, turns: Turn[]): Step[] {
  const isMeToo = report.source === 'me_too' && issue !== null;
  const steps: { time: Date; text: string; html?: string }[] = [
    {
      time: report.created_at,
      text: isMeToo ? 'You told us that it happens to you too.' : firstStep(report),
    },
  ];
  if (report.linked_at && issue && report.linked_at > report.created_at) {
    steps.push({
      time: report.linked_at,
      text: 'We put it together with a problem we know of.',
    });
  }
  if (report.answered_at && report.verdict) {
    steps.push({
      time: report.answered_at,
      text: verdictWords[report.verdict],
      html: renderMarkdown(report.answer ?? ''),
    });
  }
  if (report.was_right_at) {
    steps.push({
      time: report.was_right_at,
      text: 'You were right, and our answer was wrong. We are sorry.',
    });
  }
  steps.push(...turns);
  if (report.worked_at) {
    const next = report.worked ? '' : ' A person will look at it again.';
    steps.push({ time: report.worked_at, text: saidOf(report) + next });
  }
  if (report.withdrawn_at) steps.push({ time: report.withdrawn_at, text: 'You took it back.' });
  return steps
    .sort((a, b) => a.time.getTime() - b.time.getTime())
    .map(({ time, text, html = '' }) => ({ at: moment(time), text, html }));
}

/** We had told her otherwise, and have not said so again since. */
function wasRight({ state, was_right_at, answered_at }: Report): boolean {
  return state === 'linked' && was_right_at !== null && answered_at !== null && was_right_at >= answered_at;
}

/** A word said before a reopening was about the fix before. */
function isAboutThisFix({ worked_at }: Report, { resolved_at }: Issue): boolean {
  return worked_at !== null && resolved_at !== null && worked_at >= resolved_at;
}

function saidOf({ worked }: Report): string {
  if (worked === null) return '';
  return worked ? 'You told us that it works for you.' : 'You told us that it does not work for you.';
}

function firstStep({ source }: Report): string {
  if (source === 'mail') return 'You told us, by mail.';
  return source === 'form' || source === 'me_too' ? 'You told us.' : 'Our support noted that it reaches you.';
}
