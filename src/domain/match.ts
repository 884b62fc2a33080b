import { cleanText } from './text.ts';

// How a person's own words are read and an issue is held against them. The weights are BM25's usual
// ones (k1 1.2, b 0.75; a word of the title counts as five of the text), not fitted to any data.

const letter = '0-9A-Za-z\u00c0-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefe\uff10-\uffdc';
const word = new RegExp(`[${letter}]+`, 'gu');
const sign = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/gu; // a word or syllable by itself
const nameLetter = '0-9A-Za-z\u00c0-\u1fff\u2c00-\u2dff';
const name = new RegExp(
  `[${nameLetter}]+(?:[-._/'’][${nameLetter}]+)+|[0-9A-Za-z]*[a-z0-9][A-Z][${nameLetter}]*`,
  'gu',
);

const longest = 1_000; // characters read
const mostWords = 40;

/** What people say to be polite is not what is wrong. */
const courtesies = new Set([
  'please',
  'pls',
  'thanks',
  'thank',
  'hello',
  'hi',
  'hey',
  'dear',
  'sorry',
  'regards',
]);

export interface Asked {
  /** The words, in order, each once. */
  words: string[];
  /** Names of several parts without their dots: `getUser`, `log-in`. */
  names: string[];
  /** Two neighbours written as one, and the first of them: `log in` → `login`, `log`. */
  pairs: Array<[joined: string, first: string]>;
}

/** Splits a text into words, names and neighbours, as search_stems in migrations/0002_search.sql does. */
export function readWords(text: string): Asked {
  const clean = cleanText(text.slice(0, longest));
  const spaced = clean.replace(sign, ' $& ').replace(/([a-z0-9])([A-Z])/g, '$1 $2');
  const flat = (spaced.toLowerCase().match(word) ?? []).filter(
    (one) => one.length <= 40 && !courtesies.has(one),
  );
  const names = (clean.match(name) ?? []).map((one) => one.replace(/[-._/'’]/g, '').toLowerCase());
  const words = [...new Set(flat)].slice(0, mostWords);
  const pairs = flat
    .slice(1, mostWords)
    .map((second, i): [string, string] => [flat[i]! + second, flat[i]!])
    .filter(([joined]) => /^[^0-9]{3,24}$/.test(joined));
  return { words, names: [...new Set(names.filter((one) => one.length <= 40))].slice(0, 10), pairs };
}

/** A stem that may stand for a word asked for: 1 is the word itself. */
export interface Reading {
  stem: string;
  weight: number;
  documents: number;
}

/** One thing asked for, with all the ways it may be written. */
export interface Term {
  word: string;
  readings: Reading[];
}

/** What is known of all issues together: how many, and how many stems one has on average. */
export interface Lexicon {
  total: number;
  title: number;
  body: number;
}

/** How telling a term is: the rarer, the more. One that nobody wrote counts half, since it may be noise. */
export function idf(term: Term, total: number): number {
  const documents = Math.max(0, ...term.readings.map((one) => one.documents));
  const rarity = Math.log(1 + (total - Math.min(documents, total) + 0.5) / (documents + 0.5));
  return documents > 0 ? rarity : rarity / 2;
}

/** The stems in the lexicon that a word may have been meant to be, best first: a slip of the finger, or half a word. */
export function mend(word: string, near: Array<{ word: string; documents: number }>): Reading[] {
  return near
    .map(({ word: stem, documents }) => ({ stem, documents, weight: likeness(word, stem) }))
    .filter((one) => one.weight > 0)
    .sort((a, b) => b.weight - a.weight || b.documents - a.documents)
    .slice(0, 4);
}

/** 0 to 1: how surely `typed` was meant to be `stem`. */
export function likeness(typed: string, stem: string): number {
  if (typed === stem) return 1;
  if (stem.startsWith(typed)) return typed.length < 3 ? 0 : 0.5 + (0.4 * typed.length) / stem.length;
  const length = Math.min(typed.length, stem.length);
  const slips = distance(typed, stem);
  if (length < 4 || slips > (length < 8 ? 1 : 2)) return 0;
  return 1 - slips / length - (typed[0] === stem[0] ? 0 : 0.1);
}

/** Letters to change, add or leave out; two swapped neighbours count a little less than one. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2]! + 0.8);
      }
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/**
 * What to ask the index, most telling first: terms that few issues hold alone, common ones only together,
 * so that each question has few answers and all of them together little work.
 */
export function probes(terms: Term[], total: number, few = 150, most = 12): Term[][] {
  const count = (term: Term) => term.readings.reduce((sum, one) => sum + one.documents, 0);
  const known = terms.filter((term) => count(term) > 0).sort((a, b) => count(a) - count(b));
  const chosen: Term[][] = [];
  let work = 6_000; // entries of the index that may be read
  let level = known.map((term, i) => ({ terms: [term], last: i, expected: count(term) }));
  while (level.length > 0 && chosen.length < most && work > 0) {
    const next: typeof level = [];
    for (const one of level.sort((a, b) => a.expected - b.expected)) {
      const isLast = one.last === known.length - 1;
      if (one.expected <= few || one.terms.length === 4 || (isLast && one.terms.length > 1)) {
        if (chosen.length === most || work <= 0) break;
        chosen.push(one.terms);
        work -= count(one.terms[0]!);
      } else {
        for (let i = one.last + 1; i < known.length; i++) {
          // Words that belong together meet more often than chance has it.
          const expected = one.expected * (count(known[i]!) / total) ** 0.7;
          next.push({ terms: [...one.terms, known[i]!], last: i, expected });
        }
      }
    }
    level = next.slice(0, 200);
  }
  // No issue may hold two of them: some of those that hold one.
  const alone = known
    .slice(0, 2)
    .filter((term) => !chosen.some((one) => one.length === 1 && one[0] === term));
  return [...chosen, ...alone.map((term) => [term])];
}

/** An issue's stems as the database keeps them: those of the title stand there again with a `~`. */
export interface Candidate {
  title: string;
  stems: readonly string[];
}

export interface Match {
  /** 0 to 1; 1 is surely this one. */
  score: number;
  why: string[];
}

/** Holds each candidate against what was asked; the answers stand in the order of the candidates. */
export function rank(text: string, terms: Term[], candidates: Candidate[], lexicon: Lexicon): Match[] {
  const weights = terms.map((term) => idf(term, lexicon.total));
  const all = [...weights]
    .sort((a, b) => b - a)
    .slice(0, 6)
    .reduce((sum, one) => sum + one, 0);
  const wanted = new Set(terms.flatMap(({ readings }) => readings.flatMap(({ stem }) => [stem, `~${stem}`])));
  const asked = trigrams(text.slice(0, longest));
  return candidates.map(({ title, stems }) => {
    const has = new Set(stems.filter((stem) => wanted.has(stem)));
    const ofTitle = stems.filter((stem) => stem.startsWith('~')).length;
    const inTitle = 5 / (0.5 + (0.5 * ofTitle) / lexicon.title);
    const inBody = 1 / (0.25 + (0.75 * (stems.length - ofTitle)) / lexicon.body);
    let sum = 0;
    const why: string[] = [];
    terms.forEach((term, n) => {
      let best = 0;
      for (const { stem, weight } of term.readings) {
        const often = has.has(`~${stem}`) ? inTitle : has.has(stem) ? inBody : 0;
        best = Math.max(best, (weight * often) / (often + 1.2));
      }
      if (best > 0) why.push(term.word);
      sum += weights[n]! * best;
    });
    return { score: (sum / all + 0.2 * overlap(asked, trigrams(title))) / 1.05, why };
  });
}

/** Its trigrams, each as a number, which is quicker; two of other scripts may share one, and nobody would see that. */
function trigrams(text: string): Set<number> {
  const found = new Set<number>();
  for (const one of text.toLowerCase().match(word) ?? []) {
    let [before, last] = [blank, blank];
    for (let i = 0; i <= one.length; i++) {
      const next = i < one.length ? one.charCodeAt(i) : blank;
      found.add(((before << 14) ^ (last << 7) ^ next) & 0x3fffffff);
      [before, last] = [last, next];
    }
  }
  return found;
}

const blank = 32;

/** The cosine of two sets. */
function overlap(a: Set<number>, b: Set<number>): number {
  let both = 0;
  for (const one of b) if (a.has(one)) both++;
  return both / Math.sqrt(Math.max(1, a.size) * Math.max(1, b.size));
}
