import { whomWords } from '../domain/affected-words.ts';
import { impactWords } from '../domain/labels.ts';
import type { Status } from '../domain/lifecycle.ts';
import { promiseInMail } from '../domain/promise.ts';
import { nearWords, utcLong } from '../domain/times.ts';
import { endingFor } from '../domain/told.ts';
import type { Links } from '../links.ts';
import type { Delivery } from '../tables.ts';
import { view } from '../views.ts';
import { type Page, statusSentences } from './email-model.ts';
import { type Foot, footOf } from './foot.ts';
import { type Words, type Written, writeLetter } from './letter.ts';
import type { ConfirmMatter, SubscriberMatter, ToldBefore } from './matter.ts';

/** The addresses that are a subscriber's own. */
export interface SubscriberLinks {
  manage: string;
  leave: string;
}

/** What every mail to a subscriber says of itself. */
interface Frame extends Foot {
  page: string;
  links: SubscriberLinks;
}

interface NewsModel extends Frame {
  /** What happened: opened, update, begun, resolved, reminder. */
  news: string;
  links: SubscriberLinks & { issue: string; followed: string };
  issue: {
    title: string;
    kind: 'bug' | 'incident' | 'maintenance';
    /** How serious; empty where there is nothing to say. */
    impact: string;
    ending: string;
    workaround: string | null;
    nextUpdateBy: string | null;
    /** That time was about to come when the mail was owed. */
    due: boolean;
    /** Whom the fix has reached so far; empty: everybody. */
    fixedFor: string;
    from: string | null;
    until: string | null;
  };
  parts: string;
  followed: string;
  /** Of a reminder: how near it is, in round words. */
  near: string;
  toldBefore: ToldBefore;
  update: { status: string; message: string } | null;
}

interface ConfirmModel extends Frame {
  hears: boolean;
  listed: boolean;
}

const news = view<NewsModel>('emails/news');
const confirm = view<ConfirmModel>('emails/confirm');

export function subscriberLinks({ baseUrl }: Page, links: Links, subscriberId: string): SubscriberLinks {
  const manage = `${baseUrl}/s/${links.token('subscriber', subscriberId)}`;
  return { manage, leave: `${manage}/unsubscribe` };
}

/** Writes what a subscriber reads of an issue. */
export function writeNews(
  page: Page,
  own: SubscriberLinks,
  { template, created_at }: Pick<Delivery, 'template' | 'created_at'>,
  matter: SubscriberMatter,
): Written {
  const { issue, parts, followedAt, toldBefore, update } = matter;
  const time = (at: Date | null) => at && utcLong(at);
  return writeLetter((words) => {
    const frame = frameOf(page, own, words);
    return news({
      ...frame,
      news: newsOf(template, update?.status),
      links: {
        ...frame.links,
        issue: `${page.baseUrl}/issues/${issue.id}`,
        followed: followedAt ? `${page.baseUrl}/issues/${followedAt.id}` : '',
      },
      issue: {
        title: words.line(issue.title),
        kind: issue.kind,
        impact: issue.impact === 'none' ? '' : impactWords[issue.impact],
        ending: endingFor(issue),
        workaround: issue.workaround && words.block(issue.workaround),
        nextUpdateBy: time(issue.nextUpdateAt),
        due: promiseInMail(issue.nextUpdateAt, created_at) === 'due',
        fixedFor: issue.fixedFor ? words.line(whomWords(issue.fixedFor)) : '',
        from: time(issue.scheduledFor),
        until: time(issue.scheduledUntil),
      },
      parts: parts.map((part) => words.line(part)).join(', '),
      followed: followedAt ? words.line(followedAt.title) : '',
      toldBefore,
      near: issue.scheduledFor ? nearWords(issue.scheduledFor.getTime() - created_at.getTime()) : '',
      update: update && { status: statusSentences[update.status], message: words.block(update.message) },
    });
  });
}

/** A mail about her own report that goes on for her subscription alone is news like any other. */
function newsOf(template: Delivery['template'], status: Status | undefined): string {
  if (template === 'returned') return 'opened';
  return template === 'update' && status === 'in_progress' ? 'begun' : template;
}

/** Writes the question whether the owner of an address wants to hear. Nothing that a visitor typed is in it. */
export function writeConfirm(page: Page, own: SubscriberLinks, { hears, listed }: ConfirmMatter): Written {
  return writeLetter((words) => confirm({ ...frameOf(page, own, words), hears, listed }));
}

function frameOf(page: Page, own: SubscriberLinks, words: Words): Frame {
  return { page: words.line(page.pageName), ...footOf(page, words), links: ownIn(own, words) };
}

function ownIn({ manage, leave }: SubscriberLinks, words: Words): SubscriberLinks {
  return { manage: words.link(manage), leave: words.link(leave) };
}
