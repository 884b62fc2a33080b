import { isClosed } from '../domain/lifecycle.ts';
import { type Moment, moment, momentOrNull } from '../domain/moment.ts';
import { type DeliveryState, deliveryStates, type Template } from '../domain/words.ts';
import { sendAgain } from '../notifications/again.ts';
import {
  countMails,
  countWaitingForFix,
  type Failures,
  failuresOf,
  type MailLine,
  mailsOf,
} from '../notifications/mailing.ts';
import { minutesLeft, pauseOf, progressOf } from '../notifications/progress.ts';
import type { Issue } from '../tables.ts';
import { view } from '../views.ts';
import { findIssue } from './find-issue.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';

export { draftRoutes } from './mail-draft.ts';

interface MailPage extends DeskPage, Counted {
  id: string;
  heading: string;
  about: string;
  lists: { href: string; state: DeliveryState; label: string; count: number; current: boolean }[];
  listName: string;
  rows: Row[];
  newer: string | null;
  older: string | null;
  firstQueued: Moment | null;
  failures: Failures;
  again: number;
  /** What to do while nothing goes out; empty while all is well. */
  advice: string;
  /** No mail server is set. */
  toFiles: boolean;
}

interface Row {
  address: string;
  what: string;
  why: string;
  at: Moment | null;
  next: Moment | null;
  attempts: number;
  perhaps: boolean;
}

/** How far the mails are. */
interface Counted {
  counts: Record<DeliveryState, number>;
  total: number;
  /** Of these, how many nothing more will happen to. */
  ended: number;
  text: string;
  /** Some of it is about to change by itself. */
  moving: boolean;
  lastSent: Moment | null;
}

const render = view<MailPage>('desk/mail.eta');
const perPage = 50;

/** What became of the mails about an issue, and the failed ones once more. */
export const mailRoutes: DeskRoute[] = [
  look('GET /admin/issues/:id/mail', async (visit) => page(visit, await findIssue(visit))),
  look('GET /admin/issues/:id/mail.json', async (visit) => {
    const { counts, total, ended, text, moving, lastSent } = await countedOf(
      visit,
      (await findIssue(visit)).id,
    );
    return {
      body: JSON.stringify({ ...counts, total, ended, text, moving, last_sent: lastSent }),
      type: 'application/json',
    };
  }),
  act('POST /admin/issues/:id/mail', async (visit) => {
    const { id } = await findIssue(visit);
    return visit.change(async (trx) => {
      const { again, left, dropped } = await sendAgain(trx, id, visit.at);
      const said = again > 0 ? '?said=again' : '?state=failed';
      return {
        to: `/admin/issues/${id}/mail${said}`,
        about: `issue:${id}`,
        detail: { again, left, dropped },
      };
    });
  }),
];

async function page(visit: Visit, issue: Issue): Promise<string> {
  const { db, desk, config, query } = visit;
  const counted = await countedOf(visit, issue.id);
  const state = deliveryStates.find((one) => one === query.state) ?? worstOf(counted.counts);
  const number = Math.min(Math.max(Math.trunc(Number(query.page)) || 1, 1), 10_000);
  const offset = (number - 1) * perPage;
  const lines = await mailsOf(db, issue.id, state, { limit: perPage + 1, offset });
  const failures = await failuresOf(db, issue.id);
  const { first_queued_at } = await progressOf(db, issue.id);
  const here = `/admin/issues/${issue.id}/mail?state=${state}&page=`;
  return render({
    desk,
    title: 'Who was told',
    here: 'issues',
    id: issue.id,
    heading: issue.title,
    about: isClosed(issue.status)
      ? 'The mails that it is over'
      : 'The mails of the newest update that mailed people',
    ...counted,
    lists: shownStates.map((one) => ({
      href: `/admin/issues/${issue.id}/mail?state=${one}`,
      state: one,
      label: stateWords[one],
      count: counted.counts[one],
      current: one === state,
    })),
    listName: stateWords[state],
    rows: lines.slice(0, perPage).map(rowOf),
    newer: number > 1 ? `${here}${number - 1}` : null,
    older: lines.length > perPage ? `${here}${number + 1}` : null,
    firstQueued: first_queued_at === null ? null : moment(new Date(first_queued_at)),
    failures,
    again: failures.failed - failures.unreachable,
    advice: desk.held
      ? whileHeld
      : desk.alarm === ''
        ? ''
        : (await pauseOf(db))
          ? whilePaused
          : whileNobodySends,
    toFiles: config.smtpUrl === null,
  });
}

async function countedOf({ db }: Visit, id: string): Promise<Counted> {
  const counts = await countMails(db, id);
  const total = Object.values(counts).reduce((sum, one) => sum + one);
  const progress = await progressOf(db, id);
  const { last_sent_at } = progress;
  const forFix = await countWaitingForFix(db, id);
  const moving = counts.queued > forFix;
  const minutes = moving ? minutesLeft(progress, counts.queued - forFix) : null;
  return {
    counts,
    total,
    ended: total - counts.queued,
    text: textOf(counts, total, forFix) + paceWords(minutes),
    moving,
    lastSent: last_sent_at === null ? null : moment(new Date(last_sent_at)),
  };
}

function textOf(counts: Record<DeliveryState, number>, total: number, forFix: number): string {
  if (total === 0) return 'No mail is owed about this.';
  const shown = { ...counts, queued: counts.queued - forFix };
  const others = (['queued', 'failed', 'suppressed', 'cancelled'] as const)
    .filter((state) => shown[state] > 0)
    .map((state) => `${shown[state]} ${countedWords[state]}`);
  if (forFix > 0) others.push(`${forFix} waiting until the fix reaches them`);
  return `${[`${counts.sent} of ${total} sent`, ...others].join(', ')}.`;
}

function paceWords(minutes: number | null): string {
  if (minutes === null) return '';
  return ` At this pace about ${minutes === 1 ? 'a minute' : `${minutes} minutes`} more.`;
}

const countedWords = {
  queued: 'waiting',
  failed: 'failed',
  suppressed: 'not sent, since their address wants or takes no mail',
  cancelled: 'not needed any more',
};

/** What most needs a look stands first. */
const shownStates = ['failed', 'queued', 'suppressed', 'cancelled', 'sent'] as const;
const stateWords: Record<DeliveryState, string> = {
  failed: 'Failed',
  queued: 'Waiting',
  suppressed: 'No mail to this address',
  cancelled: 'Not needed any more',
  sent: 'Sent',
};

function worstOf(counts: Record<DeliveryState, number>): DeliveryState {
  return shownStates.find((state) => counts[state] > 0) ?? 'sent';
}

function rowOf(line: MailLine): Row {
  const waits = line.state === 'queued';
  return {
    address: line.address,
    what: templateWords[line.template],
    why: line.waits_for_fix && waits ? waitsForFix : ((waits ? line.last_error : line.reason) ?? ''),
    at: momentOrNull(line.ended_at),
    next: waits && !line.waits_for_fix ? moment(line.due_at) : null,
    attempts: line.attempts,
    perhaps: line.maybe_delivered > 0,
  };
}

const templateWords: Record<Template, string> = {
  resolved: 'that it is over',
  update: 'an update',
  receipt: 'that we have her report',
  linked: 'that we know about it',
  answered: 'our answer',
  merged: 'that it is the same as another one',
  split: 'that it is not the same after all',
  invited: 'an invitation',
  rehearsal: 'a draft',
  opened: 'that it is open',
  reminder: 'that planned work is near',
  confirm: 'the question whether she wants to hear',
  component: 'how a component stands',
  hook_test: 'a test',
  hook_paused: 'that a webhook is paused',
  nudge: 'that a promise is near',
  right: 'that she was right',
  reopened: 'that it is open again',
  returned: 'that it came back',
};

const waitsForFix = 'By what they told us the fix has not reached them yet. It goes out when it has.';
const whilePaused =
  'What the mail server said stands above. Show it to whoever runs this server: the mail server refuses us or does not answer, so its address and login (SMTP_URL) or our sender (MAIL_FROM) need a look. You need not do anything here afterwards: one mail is tried four times a minute, and when it is taken all others follow.';
const whileHeld =
  'A backup was brought back, and mails that stand here as waiting may have gone out after it was made. An owner lets all mail go with the button above, once somebody has looked: mails that did go out before come again under the same Message-ID, so that most mail programs show them once.';
const whileNobodySends =
  'Mails wait and nobody sends them. Ask whoever runs this server whether a process with NOTIFIER on is running; its log says more. You need not do anything here afterwards: what waits goes out by itself.';
