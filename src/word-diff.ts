import { diffArrays } from 'diff';

/** A stretch of a text that was changed. All but the removed, one after the other, are the text as it is. */
export interface Piece {
  text: string;
  kind: 'same' | 'added' | 'removed';
}

/** Beyond so many words taken out and put in, or with so little kept, it is another text and no longer a changed one. */
const most = 400;
const leastKept = 0.25;

/**
 * How one text became the other, word by word. White space alone counts only where nothing else differs. A text that
 * was written anew is one piece removed and one added, so that nobody has to read both at once; so the work is bounded.
 */
export function wordDiff(was: string, is: string): Piece[] {
  if (was === is) return pieceOf('same', is);
  const pieces = diff(wordsOf(was), wordsOf(is), (a, b) => a === b || a.trimEnd() === b.trimEnd());
  if (!pieces || kept(pieces) < leastKept * Math.min(length(was), length(is))) return anew(was, is);
  if (pieces.some(({ kind }) => kind !== 'same')) return pieces;
  return diff(spacesApart(was), spacesApart(is), (a, b) => a === b) ?? anew(was, is);
}

/** The same with long stretches that stayed as they were cut down to what stands around the changes. */
export function inShort(pieces: readonly Piece[], around = 200): Piece[] {
  return pieces.map((piece, n) => {
    if (piece.kind !== 'same') return piece;
    const head = n === 0 ? 0 : around;
    const tail = n === pieces.length - 1 ? 0 : around;
    if (piece.text.length <= head + tail + around) return piece;
    const begin = piece.text.slice(0, head).replace(/\s\S*$|[\ud800-\udbff]$/, '');
    const end = tail === 0 ? '' : piece.text.slice(-tail).replace(/^\S*\s|^[\udc00-\udfff]/, '');
    return { kind: 'same', text: [begin, '…', end].filter(Boolean).join(' ') };
  });
}

// Scripts that put no space between words: there each sign counts as one.
const signs =
  '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}]';
const letters = `(?:(?!${signs})[\\p{L}\\p{M}\\p{N}_])+`;
/** A word (don’t, 14:00, 1,500 and status.example.com are one) or a sign, with the white space behind it. */
const word = new RegExp(`(?:${signs}\\p{M}*|${letters}(?:['’.,:]${letters})*|\\S|^)\\s*`, 'gu');

function wordsOf(text: string): string[] {
  return (text.match(word) ?? []).filter(Boolean);
}

function spacesApart(text: string): string[] {
  return text.match(/\n|[^\S\n]+|\S+/g) ?? [];
}

function diff(was: string[], is: string[], same: (a: string, b: string) => boolean): Piece[] | undefined {
  return diffArrays(was, is, { comparator: same, maxEditLength: most })?.map(({ value, added, removed }) => ({
    text: value.join(''),
    kind: added ? 'added' : removed ? 'removed' : 'same',
  }));
}

function anew(was: string, is: string): Piece[] {
  return [...pieceOf('removed', was), ...pieceOf('added', is)];
}

function pieceOf(kind: Piece['kind'], text: string): Piece[] {
  return text === '' ? [] : [{ text, kind }];
}

function kept(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { kind, text }) => sum + (kind === 'same' ? length(text) : 0), 0);
}

function length(text: string): number {
  return text.replace(/\s+/g, '').length;
}
