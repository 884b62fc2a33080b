import { Script } from 'node:vm';
import EmailReplyParser, { type Fragment } from 'email-reply-parser';

const most = 50_000; // characters
const patienceMs = 250;
const longestSignature = 600; // characters: what is longer is words
const parse = new Script('parse()');

/**
 * The words of a mail without what it quotes at its end and without one short signature. Only an answer quotes: what
 * somebody forwards or pastes is what she wants to tell. The whole text where nothing would be left, or where the
 * library's patterns take too long with it, as they can with a text that is made for that.
 */
export function cutReply(text: string, isAnswer: boolean): string {
  const fragments = fragmentsOf(text.slice(0, most));
  let signature = false;
  for (let last = fragments.at(-1); last; last = fragments.at(-1)) {
    const isEmpty = last.isEmpty() || last.getContent().trim() === '';
    const isQuote = isAnswer && (last.isAnswer() || last.isQuoted());
    const isSignature: boolean =
      !signature && last.isSignature() && last.getContent().length <= longestSignature;
    if (!isEmpty && !isQuote && !isSignature) break;
    signature ||= isSignature && !isQuote;
    fragments.pop();
  }
  const words = fragments
    .map((one) => one.getContent())
    .join('\n')
    .trim();
  return words === '' ? text.trim() : words;
}

function fragmentsOf(text: string): Fragment[] {
  try {
    const context = { parse: () => new EmailReplyParser().read(text).getFragments() };
    return parse.runInNewContext(context, { timeout: patienceMs });
  } catch {
    return [];
  }
}
