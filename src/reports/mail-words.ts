import { cleanText } from '../domain/text.ts';
import type { IncomingMail } from '../read-mail.ts';
import { cutReply } from './cut-reply.ts';

const longest = 10_000; // characters

/** What a mail says, as a report: its subject first, unless its words hold it already. Never empty. */
export function wordsOf(mail: IncomingMail): string {
  const words = cutReply(mail.text, isAnswer(mail));
  const subject = mail.subject.replace(/^(?:(?:re|aw|sv|antw|fwd?|wg|tr)\s*:\s*)+/i, '').slice(0, 500);
  const holdsIt = subject === '' || words.toLowerCase().includes(subject.toLowerCase());
  const whole = [holdsIt ? '' : subject, words].filter(Boolean).join('\n\n');
  return withNotes(whole, mail) || 'A mail without words.';
}

/** What an answer adds; empty where it adds nothing. */
export function moreOf(mail: IncomingMail): string {
  return withNotes(cutReply(mail.text, true), mail);
}

function isAnswer({ answers, subject }: IncomingMail): boolean {
  return answers.length > 0 || /^(?:re|aw|sv|antw)\s*:/i.test(subject);
}

/** She sees these words on her own page: that is where she learns what we could not keep. */
function withNotes(words: string, { attachments }: IncomingMail): string {
  const isLong = words.length > longest;
  const files =
    attachments === 0
      ? ''
      : `[${attachments === 1 ? 'One attachment was' : `${attachments} attachments were`} not kept: we can take words only.]`;
  const cut = isLong ? '[The mail was longer than we can keep; the rest of it is not here.]' : '';
  return cleanText([isLong ? words.slice(0, longest) : words, cut, files].filter(Boolean).join('\n\n'));
}
