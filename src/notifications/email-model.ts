import { type FixSaid, fixSaid } from '../domain/affected-words.ts';
import { isClosed, type Status } from '../domain/lifecycle.ts';
import { saysMore } from '../domain/merging.ts';
import type { Person } from '../domain/person.ts';
import { promiseInMail } from '../domain/promise.ts';
import { utcLong } from '../domain/times.ts';
import { endingFor } from '../domain/told.ts';
import type { Template } from '../domain/words.ts';
import { type Foot, footOf, type LedgerMark } from './foot.ts';
import type { Words } from './letter.ts';
import type { Matter, ReporterMatter, ToldBefore } from './matter.ts';

/** What every mail says about where it comes from. */
export interface Page extends Person {
  baseUrl: string;
  pageName: string;
  /** Where our ledger stands; in mails to customers alone. */
  ledger?: LedgerMark | null;
}

/** The addresses that are hers alone. */
export interface OwnLinks {
  report: string;
  /** Where she chooses what she hears of; empty unless she subscribes too. */
  manage: string;
  notMe: string;
  leave: string;
}

/** The second word to whom we had told that it is fixed for some: now for her, or for everybody. */
type Fix = Omit<FixSaid, 'for'> & { for: FixSaid['for'] | 'now_you' | 'now_everybody' };

/** What the templates of mails to reporters read. */
export interface ReporterModel extends Foot {
  page: string;
  links: OwnLinks & { newReport: string; issue: string | null };
  verdict: string | null;
  answer: string | null;
  answeredAt: string | null;
  /** She told us after the issue had been closed. */
  late: boolean;
  /** The last mail that she had of an earlier end: that it was over, or that it was opened again. */
  toldBefore: ToldBefore;
  /** What the problem was called where she told us; empty unless it was merged into this one since. */
  cameFrom: string;
  /** The title of the other issue of a split. */
  other: string;
  issue: {
    title: string;
    maintenance: boolean;
    closed: boolean;
    /** How it was closed: a resolution, or `completed`. */
    ending: string;
    closedAt: string | null;
    workaround: string | null;
    nextUpdateBy: string | null;
    /** That time was about to come, or had passed, when the mail was owed. */
    due: boolean;
    overdue: boolean;
    /** How the fix stands for her; null unless it ended so. */
    fix: Fix | null;
  } | null;
  update: { status: string; message: string } | null;
}

/** Shapes a matter for its template. */
export function reporterModel(
  page: Page,
  own: OwnLinks,
  template: Template,
  matter: ReporterMatter,
  owedAt: Date,
  words: Words,
): ReporterModel {
  const { issue, update } = matter;
  const time = (at: Date | null) => at && utcLong(at);
  const isShown = update && (!maySayOfAMerge(template) || saysMore(update.message));
  return {
    page: words.line(page.pageName),
    ...footOf(page, words),
    links: {
      ...ownIn(own, words),
      newReport: `${page.baseUrl}/report`,
      issue: issue && `${page.baseUrl}/issues/${issue.id}`,
    },
    verdict: matter.verdict,
    answer: matter.answer && words.block(matter.answer),
    answeredAt: time(matter.answeredAt),
    late: Boolean(issue?.resolvedAt && matter.reportedAt > issue.resolvedAt),
    toldBefore: matter.toldBefore,
    cameFrom: matter.cameFrom === null ? '' : words.line(matter.cameFrom),
    other: matter.other === null ? '' : words.line(matter.other),
    issue: issue && {
      title: words.line(issue.title),
      maintenance: issue.kind === 'maintenance',
      closed: isClosed(issue.status),
      ending: endingFor(issue),
      closedAt: time(issue.resolvedAt),
      workaround: issue.workaround && words.block(issue.workaround),
      nextUpdateBy: time(issue.nextUpdateAt),
      due: promiseInMail(issue.nextUpdateAt, owedAt) === 'due',
      overdue: promiseInMail(issue.nextUpdateAt, owedAt) === 'overdue',
      fix: endingFor(issue) === 'fixed' ? fixOf(matter, words) : null,
    },
    update: isShown ? { status: statusSentences[update.status], message: words.block(update.message) } : null,
  };
}

function ownIn({ report, manage, notMe, leave }: OwnLinks, words: Words): OwnLinks {
  return {
    report: words.link(report),
    manage: words.link(manage),
    notMe: words.link(notMe),
    leave: words.link(leave),
  };
}

/** What she told us that she uses decides, and is not in it: whoever typed her address may have typed that too. */
function fixOf({ issue, uses, wentOn, toldSome }: ReporterMatter, words: Words): Fix {
  const said = fixSaid(issue!.fixedFor, uses, wentOn);
  const second = issue!.fixedFor === null ? 'now_everybody' : 'now_you';
  return { for: toldSome ? second : said.for, whom: said.whom && words.line(said.whom) };
}

/** Whether a mail about the end of an issue tells her that it is fixed for some, and not that it is fixed for her. */
export function saysForSome(template: Template, matter: Matter): boolean {
  if (matter.for !== 'reporter' || (template !== 'resolved' && template !== 'right')) return false;
  if (!matter.issue || endingFor(matter.issue) !== 'fixed' || matter.toldSome) return false;
  const { for: stands } = fixSaid(matter.issue.fixedFor, matter.uses, matter.wentOn);
  return stands === 'perhaps' || stands === 'waits';
}

/** With such a mail an update may go that staff did not write. */
function maySayOfAMerge(template: Template): boolean {
  return template === 'merged' || template === 'split' || template === 'linked';
}

/** How an issue stands, as a sentence of a mail. */
export const statusSentences: Record<Status, string> = {
  investigating: 'We are looking for the cause.',
  identified: 'We know the cause and are working on it.',
  monitoring: 'A fix is in place, and we are watching whether it holds.',
  resolved: 'It is closed.',
  scheduled: 'It is planned and has not begun yet.',
  in_progress: 'It is under way.',
  verifying: 'The work is done, and we are checking it.',
  completed: 'It is completed.',
};
