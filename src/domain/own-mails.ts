import type { DeliveryState, Template } from './words.ts';

/** What of a mail to her decides how her own page tells it. */
export interface Mailed {
  template: Template;
  state: DeliveryState;
  /** Why it ended other than sent, as the notifier wrote it down. */
  reason: string | null;
  attempts: number;
  /** Somebody hands it over at this moment, or no try of it has ended yet. */
  trying: boolean;
  maybe_delivered: number;
  waits_for_fix: boolean;
  /** All sending rests just now, by the mail server's doing or by ours. */
  resting: boolean;
  /** It went to an address that she has changed since. */
  elsewhere: boolean;
  /** No mail server is set up: mails are written to files. */
  toFiles: boolean;
}

/** What a mail told her, as a heading of her own page. */
export const toldHer: Partial<Record<Template, string>> = {
  receipt: 'That we have your report',
  linked: 'That we know about it',
  answered: 'Our answer',
  right: 'That you were right',
  update: 'An update',
  resolved: 'That it is over',
  reopened: 'That it is open again',
  returned: 'That it came back',
  merged: 'That it is the same as another one',
  split: 'That it is not the same after all',
};

/** What became of it, in a sentence; `untilTime`: the time at which it ended, or is tried next, belongs behind it. */
export function becameOf(mail: Mailed): { text: string; withTime: boolean } {
  const { text, withTime } = outcome(mail);
  return { text: mail.elsewhere ? `${text} (to the address you gave before)` : text, withTime };
}

function outcome(mail: Mailed): { text: string; withTime: boolean } {
  switch (mail.state) {
    case 'sent':
      return {
        text: mail.toFiles
          ? 'No mail server is set up: it was written to a file on this server'
          : 'The mail server took it',
        withTime: true,
      };
    case 'failed':
      return { text: failedWords(mail), withTime: true };
    case 'suppressed':
      return {
        text: 'Not sent: your mail server had said that this address does not exist, or it wants no mail from us',
        withTime: false,
      };
    case 'cancelled':
      return { text: cancelledWords(mail.reason ?? ''), withTime: false };
    default:
      return waitingWords(mail);
  }
}

function failedWords({ reason, maybe_delivered }: Mailed): string {
  if (reason?.startsWith('came back'))
    return 'The mail server took it, and it came back: your mailbox did not take it';
  if (maybe_delivered > 0)
    return 'It may have arrived: the connection was lost at the very end, and we gave up';
  return 'It did not get through: the mail server refused it';
}

function waitingWords({ attempts, trying, maybe_delivered, waits_for_fix, resting }: Mailed) {
  if (waits_for_fix) return { text: 'It waits until the fix has reached you', withTime: false };
  if (resting)
    return { text: 'It waits: our mail does not go out just now, and we are on it', withTime: false };
  if (maybe_delivered > 0)
    return {
      text: 'It may have arrived: the connection was lost at the very end. We try again',
      withTime: true,
    };
  if (trying) return { text: 'It is being sent', withTime: false };
  if (attempts > 0) return { text: 'The mail server did not take it yet. We try again', withTime: true };
  return { text: 'It waits to be sent', withTime: false };
}

/** Spam reads as what waits: its sender sees no sign of it. */
function cancelledWords(reason: string): string {
  const [, words] = whyNot.find(([sign]) => sign.test(reason)) ?? [];
  return words ?? 'Not sent: it was not needed any more';
}

const whyNot: readonly (readonly [RegExp, string])[] = [
  [/spam/, 'It waits to be sent'],
  [/withdrew/, 'Not sent: you took back what you told us'],
  [/removed the address/, 'Not sent: you removed your address'],
  [/changed the address/, 'Not sent: you changed your address'],
  [/erased/, 'Not sent: you had us erase what we knew of you'],
  [/open(?:ed)? again|reopened/, 'Not sent: it turned out not to be over'],
  [/took the step back/, 'Not sent: it was a mistake of ours, and we took it back'],
  [/answer/, 'Not sent: another answer took its place'],
  [/step replaced/, 'Not sent: other news took its place'],
];
