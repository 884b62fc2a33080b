import { isClosed, type Status } from '../domain/lifecycle.ts';
import { promiseState } from '../domain/promise.ts';
import { utcLong } from '../domain/times.ts';
import { type Template, templates } from '../domain/words.ts';
import type { Links } from '../links.ts';
import type { Letter } from '../mailer.ts';
import type { Delivery } from '../tables.ts';
import { view } from '../views.ts';
import { type Words, writeLetter } from './letter.ts';
import type { Matter } from './still-wanted.ts';

/** What every mail says about where it comes from. */
export interface Page {
  baseUrl: string;
  pageName: string;
  supportUrl: string | null;
  supportEmail: string | null;
}

/**
 * Writes the mail about a matter; throws when its template does. The same delivery gives the same bytes each
 * time as long as what it is about did not change.
 */
export function writeEmail(page: Page, links: Links, delivery: Delivery, matter: Matter): Letter {
  const report = `${page.baseUrl}/r/${links.token('report', matter.reportId)}`;
  const leave = `${page.baseUrl}/r/${links.token('leave', matter.reportId)}`;
  const written = writeLetter((words) =>
    views[delivery.template](modelOf(page, { report, leave }, matter, delivery.created_at, words)),
  );
  const host = delivery.message_id.replace(/^.*@|>$/g, '');
  return {
    ...written,
    messageId: delivery.message_id,
    date: delivery.created_at,
    to: delivery.address,
    replyTo: page.supportEmail,
    thread: matter.issue && `<issue.${matter.issue.id}@${host}>`,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'List-Unsubscribe': `<${leave}/unsubscribe>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  };
}

/** What the templates in views/emails read. */
interface Model {
  page: string;
  supportUrl: string | null;
  supportEmail: string | null;
  links: { report: string; notMe: string; leave: string; newReport: string; issue: string | null };
  verdict: string | null;
  answer: string | null;
  /** She told us after the issue had been closed. */
  late: boolean;
  issue: {
    title: string;
    maintenance: boolean;
    closed: boolean;
    /** How it was closed: a resolution, or `completed`. */
    ending: string;
    closedAt: string | null;
    workaround: string | null;
    nextUpdateBy: string | null;
    /** That time had passed when the mail was owed. */
    overdue: boolean;
  } | null;
  update: { status: string; message: string } | null;
}

const views = Object.fromEntries(templates.map((name) => [name, view<Model>(`emails/${name}`)])) as Record<
  Template,
  (model: Model) => string
>;

function modelOf(
  page: Page,
  own: { report: string; leave: string },
  { issue, update, ...matter }: Matter,
  owedAt: Date,
  words: Words,
): Model {
  const time = (at: Date | null) => at && utcLong(at);
  return {
    page: words.line(page.pageName),
    supportUrl: page.supportUrl,
    supportEmail: page.supportEmail,
    links: {
      report: own.report,
      notMe: `${own.leave}/not-me`,
      leave: `${own.leave}/unsubscribe`,
      newReport: `${page.baseUrl}/report`,
      issue: issue && `${page.baseUrl}/issues/${issue.id}`,
    },
    verdict: matter.verdict,
    answer: matter.answer && words.block(matter.answer),
    late: Boolean(issue?.resolvedAt && matter.reportedAt > issue.resolvedAt),
    issue: issue && {
      title: words.line(issue.title),
      maintenance: issue.kind === 'maintenance',
      closed: isClosed(issue.status),
      ending: issue.kind === 'maintenance' ? 'completed' : (issue.resolution ?? 'fixed'),
      closedAt: time(issue.resolvedAt),
      workaround: issue.workaround && words.block(issue.workaround),
      nextUpdateBy: time(issue.nextUpdateAt),
      overdue: promiseState(issue.nextUpdateAt, owedAt) === 'overdue',
    },
    update: update && { status: sentences[update.status], message: words.block(update.message) },
  };
}

const sentences: Record<Status, string> = {
  investigating: 'We are looking for the cause.',
  identified: 'We know the cause and are working on it.',
  monitoring: 'A fix is in place, and we are watching whether it holds.',
  resolved: 'It is closed.',
  scheduled: 'It is planned and has not begun yet.',
  in_progress: 'It is under way.',
  verifying: 'The work is done, and we are checking it.',
  completed: 'It is completed.',
};
