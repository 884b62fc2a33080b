import { isItMe } from './answers.ts';
import type { Standing } from './labels.ts';
import { isClosed } from './lifecycle.ts';
import { promiseState } from './promise.ts';
import { utcLong } from './times.ts';

/** What a reply to a ticket says of a known issue. */
export interface ReplyFacts extends Standing {
  title: string;
  workaround: string | null;
  nextUpdateAt: Date | null;
  resolvedAt: Date | null;
  /** Its public page. */
  url: string;
  /** Her address is noted, so that she is told when it is over. */
  followed: boolean;
}

/** What we may tell a customer about an issue now, in plain text, to be copied into a ticket. */
export function replyAbout(issue: ReplyFacts, now: Date): string {
  return paragraphs(isClosed(issue.status) ? ended(issue) : goingOn(issue, now));
}

/** The same where we know of nothing that fits; `followed`: she left an address. */
export function replyOfNew(followed: boolean): string {
  return paragraphs([
    'Thank you for telling us. We do not know this one yet, and that does not mean that it is you.',
    'I have passed it on in your own words, and a person will look at it.',
    followed
      ? 'We write to you as soon as we know what it is. You do not have to do anything until then.'
      : 'If you tell me your mail address, we write to you as soon as we know what it is.',
  ]);
}

function goingOn(issue: ReplyFacts, now: Date): string[] {
  const { short, more } = isItMe(issue);
  const isPlanned = issue.status === 'scheduled';
  return [
    isPlanned
      ? `Thank you for telling us. There is work that we have planned: “${issue.title}”.`
      : `Thank you for telling us. We know about this: “${issue.title}”. It is not your fault.`,
    [isPlanned ? short : '', more].filter(Boolean).join(' '),
    issue.workaround
      ? `What you can do meanwhile: ${issue.workaround}`
      : isPlanned
        ? ''
        : 'We know of no way around it yet. If we find one, it will stand on the page below.',
    promised(issue.nextUpdateAt, now),
    `All we know stands here:\n${issue.url}`,
    issue.followed
      ? 'Your address is noted: we write to you once it is over.'
      : 'If you tell me your mail address, we write to you once it is over.',
  ];
}

function ended(issue: ReplyFacts): string[] {
  const isFixed = issue.kind !== 'maintenance' && (issue.resolution ?? 'fixed') === 'fixed';
  const { short, more } = isItMe(issue);
  const since = issue.resolvedAt ? utcLong(issue.resolvedAt) : 'a while ago';
  return [
    isFixed
      ? `Thank you for telling us. This was a problem on our side: “${issue.title}”. It is fixed since ${since}.`
      : `Thank you for telling us. We looked into this: “${issue.title}”. ${short}`,
    isFixed ? '' : more,
    `What we found stands here:\n${issue.url}`,
    'If it goes wrong for you now, that counts. Please write to me what you see, and a person will look at it again.',
  ];
}

function promised(nextUpdateAt: Date | null, now: Date): string {
  const state = promiseState(nextUpdateAt, now);
  if (state === 'none') return '';
  const by = utcLong(nextUpdateAt!);
  if (state === 'overdue')
    return `We had promised to say more by ${by} and have not done so yet. I am sorry.`;
  return `We say more by ${by}, even if there is nothing new.`;
}

function paragraphs(texts: string[]): string {
  return ['Hello,', ...texts.filter(Boolean)].join('\n\n');
}
