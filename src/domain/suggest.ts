import { cleanLine, excerpt } from './text.ts';

const greeting = /^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^,.!\n]{0,40}[,.!]\s*)+/i;
const address = /\S+@\S+\.\S+/g;
const longest = 100;

/**
 * A title to begin with, from what reporters wrote: the first sentence of the report that says it most briefly and
 * still says something. Addresses are left out; staff put it in their own words before it is public.
 */
export function suggestTitle(messages: readonly string[]): string {
  const said = messages.map(firstSentence).filter((one) => one.length >= 8);
  const telling = said.filter((one) => one.split(' ').length >= 3 && one.length <= longest);
  const [best = said[0] ?? ''] = telling.sort((a, b) => strangeness(a) - strangeness(b));
  const title = excerpt(best, longest);
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** How far a sentence is from a title: of a handy length, and of the thing instead of the person who says it. */
function strangeness(sentence: string): number {
  return Math.abs(sentence.length - 45) + (/\b(?:i|me|my|mine|we|us|our)\b/i.test(sentence) ? 1_000 : 0);
}

function firstSentence(message: string): string {
  const text = cleanLine(message.slice(0, 1_000)).replace(greeting, '').replace(address, '').trim();
  const [sentence = ''] = text.split(/(?<=[.!?])\s/);
  return cleanLine(sentence).replace(/[\s.!?…]+$/, '');
}
