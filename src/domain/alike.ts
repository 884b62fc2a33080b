import { cleanLine, excerpt } from './text.ts';

// Whether two people tell us the same thing, from the stems of their words (search_stems in migrations/0002_search.sql).

/** Words that mean the same when something is broken; the first of each line stands for all. */
const sameWords = [
  'empti blank emptier',
  'slow slowli slower lag laggi sluggish',
  'crash freez frozen froze hang hung stuck',
  'twice doubl duplic dupe',
  'late delay',
  'wrong incorrect incorrectli mismatch',
  'miss disappear vanish lost gone',
  'declin refus reject',
  'login signin logon',
  'pay payment paid',
  'mail email inbox',
  'pictur photo imag pic',
  'phone mobil iphon android',
  'invoic bill',
];
const symptoms = new Set(['empti', 'slow', 'crash', 'twice', 'late', 'wrong', 'miss', 'declin']);

/** What everybody says, whatever is wrong. */
const generic = new Set(
  `work error problem issu bug page help click tri still noth happen broken broke break fail failur
  pleas thank thanx hello hi hey dear regard sorri get got give gave use need want sinc today yesterday tomorrow morn
  afternoon even tonight day hour week month minut second moment time now ago alway never everi ever anymor longer just also keep
  kept go goe went come came see seen say said show shown look like make made know think tell told ask fix urgent asap someth
  anyth everyth sudden suddenli last first next new old one two three onc app site websit web user custom button press tap
  someon anyon everyon nobodi whole noth thing way back put let take took would could can cant cannot wont doesn doesnt don
  dont didn didnt isn isnt aren arent wasn wasnt couldn couldnt won ve re ll im ive it us log sign set much mani lot realli
  realis notic tell seem actual anyway sever time start stop end guy team support monday tuesday wednesday thursday friday
  saturday sunday januari februari march april june juli august septemb octob novemb decemb
  der die das den dem des ein eine einen und oder ist nicht ich wir sie es mein meine kein keine bei beim mit auf im zu von
  le la les un une des et est pas je ne mon ma mes el los las una es mi en de que`.split(/\s+/),
);

const meaning = new Map(
  sameWords.flatMap((line) => {
    const [first, ...others] = line.split(' ');
    return others.map((other): [string, string] => [other, first!]);
  }),
);

const mostStems = 60;
const genericWeight = 0.2;
/** From this likeness on two reports are gathered. */
export const alikeFrom = 0.45;

/** Stems as they are compared and kept: words of one meaning as one, each once. */
export function readStems(stems: readonly string[]): string[] {
  return [...new Set(stems.map((stem) => meaning.get(stem) ?? stem))].slice(0, mostStems);
}

/** Those that tell one matter from another. */
export function tellingOf(stems: readonly string[]): string[] {
  return stems.filter((stem) => !isGeneric(stem));
}

/**
 * How much two people tell us the same thing, 0 to 1; 0 where too little tells. They share at least two words that tell
 * something, unless neither says more than one; an empty file and a slow one are two things.
 */
export function likeness(a: readonly string[], b: readonly string[]): number {
  const inB = new Set(b);
  const shared = a.filter((stem) => inB.has(stem));
  const tellingShared = tellingOf(shared).length;
  const [tellingA, tellingB] = [tellingOf(a).length, tellingOf(b).length];
  const areTiny = tellingA <= 1 && tellingB <= 1;
  if (tellingShared < (areTiny ? 1 : 2)) return 0;
  const cosine = weigh(shared) / Math.sqrt(weigh(a) * weigh(b));
  // All of a short report within a long one: the rest is her story.
  const within = tellingShared >= 3 ? (0.65 * tellingShared) / Math.min(tellingA, tellingB) : 0;
  return Math.max(cosine, within) * (contradict(a, b) ? 0.5 : 1);
}

/** The one of their sentences that says in the fewest words what most of them say, for a heading. */
export function headlineOf(messages: readonly string[]): string {
  const lines = messages.map((message) => excerpt(firstSentence(message), 120)).filter((line) => line !== '');
  const said = lines.map((line) => new Set(line.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
  const often = new Map<string, number>();
  for (const words of said) for (const word of words) often.set(word, (often.get(word) ?? 0) + 1);
  let [best, most] = ['', -1];
  for (const [index, line] of lines.entries()) {
    const words = [...said[index]!];
    const score = words.reduce((sum, word) => sum + often.get(word)!, 0) / (words.length || 1) ** 0.75;
    if (score > most || (score === most && line.length < best.length)) [best, most] = [line, score];
  }
  return best;
}

/** What she says, without the greeting before it. */
function firstSentence(message: string): string {
  const line = cleanLine(message).replace(
    /^(?:(?:hi|hello|hey|dear)\b[^,.!\n]{0,30}[,.!]\s*|(?:good (?:morning|afternoon|evening|day))[,.!]?\s*)+/i,
    '',
  );
  return /^(.{12,}?(?:\?|(?=[.!])))[.!]?(?:\s|$)/.exec(line)?.[1] ?? line;
}

function contradict(a: readonly string[], b: readonly string[]): boolean {
  const [hers, theirs] = [a, b].map((stems) => stems.filter((stem) => symptoms.has(stem)));
  return hers!.length > 0 && theirs!.length > 0 && !hers!.some((stem) => theirs!.includes(stem));
}

function weigh(stems: readonly string[]): number {
  return stems.reduce((sum, stem) => sum + (isGeneric(stem) ? genericWeight : 1) ** 2, 0);
}

function isGeneric(stem: string): boolean {
  return generic.has(stem) || /^(?:[a-z]|\d{1,2}|20[23]\d)$/.test(stem);
}
