// A text as it is heard: without marks, in small letters, cut into sentences; every character still
// knows where it stood, so that a finding can point into the text as it was written.

export interface Sentence {
  start: number;
  end: number;
  text: string;
}

export interface Heard {
  text: string;
  /** Where each character of `text` stood in the text as given. */
  from: number[];
  sentences: Sentence[];
  sentenceAt(index: number): Sentence;
  /** Whether the place is inside quotation marks: somebody else's words. */
  isQuoted(start: number, end: number): boolean;
}

const alike: Record<string, string> = {
  '‘': "'",
  '’': "'",
  ʼ: "'",
  '`': '',
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '‐': '-',
  '‑': '-',
  '–': '-',
  '—': '-',
  '…': '.',
  '*': '',
  '~': '',
  '\\': '',
  '\u00ad': '',
  '\u200b': '',
  '\u200c': '',
  '\u200d': '',
  '\u2060': '',
  '\ufeff': '',
};
const longest = 500; // characters of a sentence; what runs on is cut, so that reading stays quick
const blank = /\s/;
const wordly = /[0-9a-z]/i;
const listed = /[ \t]{0,8}(?:(?:[-*+•]|\d{1,3}[.)]|#{1,6})[ \t]{1,8})/y;
const citing = /[ \t]{0,3}>/y;

/** Reads a text for its words. Lines that cite (`> …`), addresses of links and Markdown marks are left out. */
export function hear(given: string): Heard {
  const kept: string[] = [];
  const from: number[] = [];
  const keep = (sign: string, at: number) => {
    const last = kept.at(-1);
    if (sign === '\n' && last === ' ') kept[kept.length - 1] = '\n';
    else if ((sign !== ' ' && sign !== '\n') || (last !== ' ' && last !== '\n' && last !== undefined)) {
      kept.push(sign);
      from.push(at);
    }
  };
  let isLineStart = true;
  let close = -1; // where the address of a link may end
  for (let i = 0; i < given.length; i++) {
    if (isLineStart) {
      isLineStart = false;
      citing.lastIndex = listed.lastIndex = i;
      if (citing.test(given)) {
        keep('\n', i);
        const end = given.indexOf('\n', i);
        i = end < 0 ? given.length : end;
        isLineStart = true;
        continue;
      }
      if (listed.test(given)) {
        keep('\n', i);
        i = listed.lastIndex - 1;
        continue;
      }
    }
    const sign = given[i]!;
    if (sign >= 'a' && sign <= 'z' && sign !== 'h') {
      kept.push(sign);
      from.push(i);
    } else if (sign === '\n') {
      isLineStart = true;
      keep(/^[ \t\r]{0,8}\n/.test(given.slice(i + 1, i + 12)) ? '\n' : ' ', i);
    } else if (sign === ']' && given[i + 1] === '(') {
      if (close < i) close = given.indexOf(')', i);
      if (close < 0) close = given.length;
      if (close - i < 500 && close < given.length && !blank.test(given.slice(i, close))) i = close;
    } else if (sign === 'h' && (given.startsWith('http://', i) || given.startsWith('https://', i))) {
      keep('@', i);
      while (i + 1 < given.length && !/[\s)>\]]/.test(given[i + 1]!)) i++;
    } else if (sign === '_' && !(wordly.test(given[i - 1] ?? '') && wordly.test(given[i + 1] ?? ''))) {
      // emphasis, not a name_with_lines
    } else {
      const plain = blank.test(sign) ? ' ' : (alike[sign] ?? sign.toLowerCase());
      if (plain.length === 1) keep(plain, i);
      else if (plain.length > 1) keep(sign, i);
    }
  }
  const text = kept.join('');
  const sentences = cut(text);
  const quotes = quotesOf(text);
  const inQuotes = (index: number) => quotes[lastBefore(quotes, index)];
  return {
    text,
    from,
    sentences,
    sentenceAt: (index) => sentences[Math.max(0, lastBefore(sentences, index))]!,
    isQuoted: (start, end) => start >= 0 && (inQuotes(start)?.end ?? -1) >= end,
  };
}

function cut(text: string): Sentence[] {
  const found: Sentence[] = [];
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    const isTooLong = i - start >= longest && text[i] === ' ';
    if (i < text.length && !isTooLong && !endsSentence(text, i)) continue;
    const end = Math.min(text.length, i + 1);
    if (end > start || found.length === 0) found.push({ start, end, text: text.slice(start, end) });
    start = end;
  }
  return found;
}

function endsSentence(text: string, i: number): boolean {
  const sign = text[i]!;
  if (sign === '\n') return true;
  if (sign !== '.' && sign !== '!' && sign !== '?') return false;
  if (!/[\s"')]/.test(text[i + 1] ?? ' ')) return false;
  // "a.m.", "e.g." and a lone letter do not end it.
  return sign !== '.' || !/(?:^|[\s.(])[a-z]$/.test(text.slice(Math.max(0, i - 2), i));
}

/** Pairs of quotation marks within a paragraph; one that holds the whole text cites nobody. */
function quotesOf(text: string): Array<{ start: number; end: number }> {
  const found: Array<{ start: number; end: number }> = [];
  const pairs = /"[^"\n]{1,300}"|(?<![\w'])'(?=[a-z])[^\n"']{1,200}(?:'\w[^\n"']{0,60}){0,3}'(?!\w)/g;
  for (const pair of text.matchAll(pairs)) {
    if (pair[0].length < text.length * 0.8) {
      found.push({ start: pair.index, end: pair.index + pair[0].length });
    }
  }
  return found;
}

/** The index of the last one that starts at or before a place; -1 when there is none. */
function lastBefore(sorted: Array<{ start: number }>, place: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.start <= place) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}
