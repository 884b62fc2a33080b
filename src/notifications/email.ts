import { utcLong } from '../domain/times.ts';
import type { StaffLinkPurpose, Template } from '../domain/words.ts';
import type { Links } from '../links.ts';
import type { Letter } from '../mailer.ts';
import type { Delivery } from '../tables.ts';
import { view } from '../views.ts';
import { writeHookPaused } from './channels/paused-letter.ts';
import { type OwnLinks, type Page, type ReporterModel, reporterModel } from './email-model.ts';
import { type Foot, footOf, type LedgerMark } from './foot.ts';
import { splitSource, type Words, type Written, writeLetter } from './letter.ts';
import type { InvitationMatter, Matter, RehearsalMatter, ReporterMatter } from './matter.ts';
import { subscriberLinks, writeConfirm, writeNews } from './news-email.ts';
import { writeNudge } from './nudge-letter.ts';

export type { Page } from './email-model.ts';

/**
 * Writes the mail about a matter; throws when its template does. The same delivery gives the same bytes each
 * time as long as what it is about did not change.
 */
export function writeEmail(
  where: Page,
  links: Links,
  delivery: Delivery & { ledger_hash?: string | null },
  matter: Matter,
): Letter {
  const page = { ...where, ledger: isForStaff(matter) ? null : markOf(delivery) };
  const envelope = {
    messageId: delivery.message_id,
    date: delivery.reached_at ?? delivery.created_at,
    to: delivery.address,
    replyTo: page.supportEmail,
    thread: null,
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
  switch (matter.for) {
    case 'invitation':
      return { ...writeInvitation(page, links, matter), ...envelope };
    case 'nudge':
      return { ...writeNudge(page, matter, delivery.created_at), ...envelope };
    case 'rehearsal':
      return { ...writeRehearsal(page, matter, delivery.created_at), ...envelope };
    case 'hook_paused':
      return { ...writeHookPaused(page, links, matter), ...envelope };
    case 'confirm': {
      const own = subscriberLinks(page, links, matter.subscriberId);
      return {
        ...writeConfirm(page, own, matter),
        ...envelope,
        headers: oneClick(envelope.headers, own.leave),
      };
    }
    case 'subscriber': {
      const own = subscriberLinks(page, links, matter.subscriberId);
      return {
        ...writeNews(page, own, delivery, matter),
        ...envelope,
        thread: threadOf(delivery, matter.issue.id),
        headers: oneClick(envelope.headers, own.leave),
      };
    }
    case 'reporter': {
      const own = { ...ownLinks(page, links, matter.reportId), ...bothLinks(page, links, matter) };
      return {
        ...writeToReporter(page, own, delivery.template, matter, delivery.created_at),
        ...envelope,
        thread: matter.issue && threadOf(delivery, matter.issue.id),
        headers: oneClick(envelope.headers, own.leave),
      };
    }
  }
}

function isForStaff(matter: Matter): boolean {
  if (matter.for === 'hook_paused') return matter.subscriberId === null;
  return ['invitation', 'nudge', 'rehearsal'].includes(matter.for);
}

function markOf({ ledger_seq, ledger_hash }: Parameters<typeof writeEmail>[2]): LedgerMark | null {
  return ledger_seq && ledger_hash ? { seq: Number(ledger_seq), hash: ledger_hash } : null;
}

/** All mails about one issue are one conversation. */
function threadOf({ message_id }: Delivery, issueId: string): string {
  return `<issue.${issueId}@${message_id.replace(/^.*@|>$/g, '')}>`;
}

function oneClick(headers: Record<string, string>, leave: string): Record<string, string> {
  return {
    ...headers,
    'List-Unsubscribe': `<${leave}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}

/** One mail about her report and for her subscription: whoever leaves by it leaves both. */
function bothLinks(page: Page, links: Links, { subscriberId, reportId }: ReporterMatter): Partial<OwnLinks> {
  if (subscriberId === null) return {};
  const { manage, leave } = subscriberLinks(page, links, subscriberId);
  return { manage, leave: `${leave}?r=${links.token('leave', reportId)}` };
}

/** Writes what a reporter reads, with the links that are hers. */
export function writeToReporter(
  page: Page,
  own: OwnLinks,
  template: Template,
  matter: ReporterMatter,
  owedAt: Date,
): Written {
  return writeLetter((words) => sourceOf(page, own, template, matter, owedAt, words));
}

/** The addresses that are a reporter's own. */
export function ownLinks({ baseUrl }: Page, links: Links, reportId: string): OwnLinks {
  const leave = `${baseUrl}/r/${links.token('leave', reportId)}`;
  return {
    report: `${baseUrl}/r/${links.token('report', reportId)}`,
    manage: '',
    notMe: `${leave}/not-me`,
    leave: `${leave}/unsubscribe`,
  };
}

const sources = new Map<Template, (model: ReporterModel) => string>();

function sourceOf(
  ...[page, own, template, matter, owedAt, words]: [...Parameters<typeof writeToReporter>, Words]
) {
  const source = sources.get(template) ?? view<ReporterModel>(`emails/${template}`);
  sources.set(template, source);
  return source(reporterModel(page, own, template, matter, owedAt, words));
}

interface RehearsalModel {
  subject: string;
  body: string;
}
const rehearsal = view<RehearsalModel>('emails/rehearsal');

/** The very mail, under a word that it is a draft; its links open nobody's report. */
function writeRehearsal(page: Page, { mail }: RehearsalMatter, owedAt: Date): Written {
  const known = `${page.baseUrl}/issues/${mail.issue.id}`;
  const nobodys = { report: known, manage: '', notMe: known, leave: known };
  return writeLetter((words) =>
    rehearsal(splitSource(sourceOf(page, nobodys, 'resolved', mail, owedAt, words))),
  );
}

interface InvitationModel extends Foot {
  page: string;
  purpose: StaffLinkPurpose;
  invitedBy: string;
  link: string;
  expires: string;
}
const invited = view<InvitationModel>('emails/invited');

function writeInvitation(page: Page, links: Links, matter: InvitationMatter): Written {
  const { purpose, invitedBy, linkId, expiresAt } = matter;
  return writeLetter((words) =>
    invited({
      page: words.line(page.pageName),
      ...footOf(page, words),
      purpose,
      invitedBy: invitedBy ? words.line(invitedBy) : '',
      link: `${page.baseUrl}/admin/join/${links.token('staff', linkId)}`,
      expires: utcLong(expiresAt),
    }),
  );
}
