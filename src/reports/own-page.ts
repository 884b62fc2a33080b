import type { Db } from '../db.ts';
import { verdictWords } from '../domain/answers.ts';
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
import {
  doubtedFix,
  isAboutThisFix,
  isNew,
  leadOf,
  readTooEarly,
  type TooEarly,
  takenBackWords,
} from './own-lead.ts';
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
  /** The same of whoever wrote nothing. */
  told: string;
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
  /** Whether we have read it: above these. */
  unread: string;
  withdrawn: boolean;
  /** Where she tells us once more, should she have taken it back. */
  anew: string;
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
  const turns = issue ? await turnsOf(db, issue) : [];
  const [reach, back, early] = await Promise.all([
    ownReach(db, report, issue),
    backOf(db, report, issue),
    readTooEarly(db, report),
  ]);
  return render({
    shell,
    title: 'What you told us',
    action: `/r/${of.token}`,
    lead: reach?.waits
      ? reach.says[0]!
      : leadOf(report, issue, { back, early, doubted: await doubtedFix(db, issue, shell.doubt) }),
    reach,
    message: report.message,
    told: `That ${meTooWords(report, turns)}.`,
    pageUrl: report.page_url,
    issue: issue && {
      ...toKnown(issue),
      open: !isClosed(issue.status),
      workaround: issue.workaround && !isClosed(issue.status) ? renderMarkdown(issue.workaround) : '',
    },
    code: report.code_hash === null ? null : (of.code ?? null),
    link: `${shell.baseUrl}/r/${of.token}`,
    ways:
      issue && !isClosed(issue.status)
        ? await waysOf(db, issue.id, `/r/${of.token}`, pressed, report.id)
        : [],
    offer: issue && report.state !== 'withdrawn' ? { ...offer, lines: await offersOf(db, report.id) } : null,
    promise: promisedOrNull(issue?.next_update_at ?? null, now),
    steps: stepsOf(report, issue, { turns, early }),
    perhaps:
      isUnread && report.message
        ? (await findIssues(db, report.message, { limit: 3, openOnly: true })).map(toKnown)
        : [],
    unread: early ? 'We will look at it again.' : 'Nobody has read it yet.',
    back,
    mails: await ownMails(db, report, { now, toFiles: shell.mailsToFiles }),
    withdrawn: report.state === 'withdrawn',
    anew: issue ? `/issues/${issue.id}#me-too` : '/report',
    address: report.email,
    form,
    more: report.verdict === 'need_more' && report.state !== 'withdrawn' ? more : null,
    fix:
      issue && isClosed(issue.status) && report.state !== 'withdrawn' && !reach?.waits && !back?.said
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

/** What she said who wrote nothing. */
function meTooWords(report: Report, turns: Turn[]): string {
  const wasOver = turns.findLast(({ time }) => time <= report.created_at)?.over;
  return wasOver ? 'it is still broken for you' : 'it happens to you too';
}

function stepsOf(
  report: Report,
  issue: Issue | null,
  { turns, early }: { turns: Turn[]; early: TooEarly | null },
): Step[] {
  const isMeToo = report.source === 'me_too' && issue !== null;
  const steps: { time: Date; text: string; html?: string }[] = [
    {
      time: report.created_at,
      text: isMeToo ? `You told us that ${meTooWords(report, turns)}.` : firstStep(report),
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
      text: `${verdictWords[report.verdict]}${takenBackWords(report)}`,
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
  if (early) steps.push(early);
  if (report.worked_at) {
    const next = report.worked ? '' : ' A person will look at it again.';
    steps.push({ time: report.worked_at, text: saidOf(report) + next });
  }
  if (report.withdrawn_at) steps.push({ time: report.withdrawn_at, text: 'You took it back.' });
  return steps
    .sort((a, b) => a.time.getTime() - b.time.getTime())
    .map(({ time, text, html = '' }) => ({ at: moment(time), text, html }));
}

function saidOf({ worked }: Report): string {
  if (worked === null) return '';
  return worked ? 'You told us that it works for you.' : 'You told us that it does not work for you.';
}

function firstStep({ source }: Report): string {
  if (source === 'mail') return 'You told us, by mail.';
  return source === 'form' || source === 'me_too' ? 'You told us.' : 'Our support noted that it reaches you.';
}
