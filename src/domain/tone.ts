import { jargon } from './tone-jargon.ts';
import { blame, empty, hiding, leavesOpen, type Phrase, type Place } from './tone-phrases.ts';
import { lacksAWay, openPromises } from './tone-promise.ts';
import { type Heard, hear } from './tone-text.ts';

// What staff are about to say, read as the customer will read it. Advice only: nothing here may stop a text.

/** A public update of something open; the word that it is over; an answer to one person. */
export type ToneOccasion = 'update' | 'resolved' | 'answer';

export interface ToneContext {
  occasion: ToneOccasion;
  /** The form sets the time of the next update. */
  promised?: boolean;
  /** The form gives a workaround. */
  workaround?: boolean;
  kind?: 'bug' | 'incident' | 'maintenance';
}

export interface Finding {
  kind: 'blame' | 'empty' | 'hiding' | 'promise' | 'jargon' | 'meanwhile';
  /** Where the phrase stands in the text as given; 0 and 0 when it is about the whole text. */
  start: number;
  end: number;
  phrase: string;
  /** How it reads to a customer, in one sentence. */
  why: string;
  /** Words to say instead; what stands in [brackets] is to be filled in. */
  better: string;
}

// Of one phrase; nobody reads more.
const [mostFindings, mostPlaces] = [50, 500];
const phrases = [...blame, ...empty, ...hiding, ...jargon];

/** What to say otherwise, in the order of the text, what concerns all of it last. Any text is fine, none is refused. */
export function adviseOn(text: string, context: ToneContext): Finding[] {
  const heard = hear(text);
  const around = { isOpen: leavesOpen(heard.text), occasion: context.occasion };
  const found = [
    ...phrases.flatMap((phrase) => findings(phrase, heard, around)),
    ...openPromises(heard, context).filter((one) => !isDenied(heard, one)),
  ];
  const inOrder = found.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  const apart = inOrder.filter((one) => {
    if (one.start < end || heard.isQuoted(one.start, one.end)) return false;
    end = one.end;
    return true;
  });
  return [...apart.map((one) => inGiven(one, text, heard)), ...lacksAWay(heard, context)];
}

type Around = Pick<Place, 'isOpen' | 'occasion'>;

function findings(phrase: Phrase, heard: Heard, around: Around): Finding[] {
  const { kind, why, better } = phrase;
  const found: Finding[] = [];
  let places = 0;
  for (const match of heard.text.matchAll(phrase.says)) {
    if (found.length === mostFindings || places++ === mostPlaces) break;
    const [start, end] = [match.index, match.index + match[0].length];
    const one = { kind, start, end, phrase: match[0], why, better };
    const isHonest = () => phrase.unless?.(placeOf(one, heard, around)) ?? false;
    if (kind === 'jargon' || !(isDenied(heard, one) || isTakenBack(heard, one) || isHonest()))
      found.push(one);
  }
  return found;
}

function placeOf({ phrase, end }: Finding, heard: Heard, around: Around): Place {
  const sentence = heard.sentenceAt(end - 1);
  const after = heard.text.slice(end, Math.min(sentence.end, end + 60));
  return { phrase, sentence: sentence.text, after, ...around };
}

const denial =
  /(?:^|\s)(?:not|never|no|without|cannot|nor|neither|nobody|stop|instead of|rather than)\s|n't\s/;
const noDenial = /\b(?:if|when|unless|why not|forget|hesitate|not only|not sure|no longer)\b/;
const deniedAfter =
  /^(?: and cookies)?,? (?:will|would|does|did|is|was|has|can|could|should)(?: not|n't| never)\b|^(?: and cookies)? (?:won't|can't)\b/;

/** "You do not need to clear your cache", "clearing your cache does not help": the words are there, the thing is not. */
function isDenied(heard: Heard, { start, end, phrase }: Finding): boolean {
  const sentence = heard.sentenceAt(start);
  const before = heard.text.slice(Math.max(sentence.start, start - 80), start);
  const clause = before.split(/[,;:()]|\s-+\s|\b(?:but|so|then|because|as)\b/).at(-1)!;
  const near = clause.split(' ').slice(-7).join(' ');
  if (denial.test(near) && !noDenial.test(near)) return true;
  return /ing\b/.test(phrase) && deniedAfter.test(heard.text.slice(end, end + 40));
}

const said =
  /\b(?:told|asked|advised|suggested|said|wrote|answered|replied|called|blamed|telling|asking|saying)\b/;
const regret =
  /\b(?:wrong|mistake|mistaken|sorry|apologi[sz]e|should(?: not|n't)|shouldn't|unfair|not fair|(?:did|does)(?: not|n't) help|withdraw|take (?:that|it) back|untrue|not true)\b/;

/** "We told you to clear your cache; that was wrong." */
function isTakenBack(heard: Heard, { start }: Finding): boolean {
  const sentence = heard.sentenceAt(start);
  const before = heard.text.slice(Math.max(sentence.start, start - 80), start);
  return said.test(before) && regret.test(heard.text.slice(sentence.start, sentence.end + 120));
}

function inGiven(one: Finding, text: string, { from }: Heard): Finding {
  const [start, end] = [from[one.start]!, from[one.end - 1]! + 1];
  return { ...one, start, end, phrase: text.slice(start, end) };
}
