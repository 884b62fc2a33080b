import { type Piece, readMarkdown } from '../../markdown.ts';

/** How a chat writes what our Markdown says. */
export interface Markup {
  /** Plain text, so that nothing in it means anything there. */
  text(text: string): string;
  bold(inner: string): string;
  italic(inner: string): string;
  strike(inner: string): string;
  code(text: string): string;
  block(text: string): string;
  link(label: string, href: string): string;
  bullet: string;
  /** Between two lines of one paragraph. */
  newLine: string;
}

/** What staff wrote in a chat's own markup, at most `max` characters, cut at a word with “…” where it is longer. */
export function inMarkup(markdown: string, markup: Markup, max: number): string {
  const pieces = readMarkdown(markdown);
  const all = blocks(pieces, markup);
  if (all.length <= max) return all;
  for (let room = max; room > 0; room = Math.floor(room * 0.8)) {
    const part = blocks(cut(pieces, { left: room }), markup).trimEnd();
    if (part.length + 2 <= max) return /…\W*$/.test(part) ? part : `${part} …`;
  }
  return '…';
}

/** Text alone, cut the same way. */
export function textInMarkup(text: string, markup: Pick<Markup, 'text'>, max: number): string {
  let written = markup.text(text);
  for (let room = max; written.length > max && room > 0; room = Math.floor(room * 0.8))
    written = markup.text(shorten(text, room));
  return written;
}

function blocks(pieces: Piece[], markup: Markup): string {
  return pieces
    .map((piece) => block(piece, markup))
    .filter((one) => one !== '')
    .join('\n\n');
}

function block(piece: Piece, markup: Markup): string {
  const { type, children } = piece;
  switch (type) {
    case 'paragraph':
      return line(children, markup);
    case 'heading':
      return markup.bold(line(children, markup));
    case 'bullet_list':
    case 'ordered_list':
      return children.map((item, n) => listed(item, sign(piece, n, markup), markup)).join('\n');
    case 'blockquote':
      return blocks(children, markup).replace(/^/gm, '> ');
    case 'fence':
    case 'code_block':
      return markup.block(piece.text.replace(/\n$/, ''));
    case 'hr':
      return '———';
    case 'table':
      return children
        .flatMap((part) => part.children)
        .map((row) => row.children.map((cell) => line(cell.children, markup)).join(' | '))
        .join(markup.newLine);
    default:
      return line([piece], markup);
  }
}

function sign({ type, start }: Piece, n: number, markup: Markup): string {
  return type === 'ordered_list' ? `${start + n}.` : markup.bullet;
}

function listed(item: Piece, sign: string, markup: Markup): string {
  const inside = item.children.map((one) => block(one, markup)).join('\n');
  return `${sign} ${inside.replace(/\n(?!$)/g, '\n    ')}`;
}

function line(pieces: Piece[], markup: Markup): string {
  return pieces.map((piece) => stretch(piece, markup)).join('');
}

function stretch(piece: Piece, markup: Markup): string {
  const inner = () => line(piece.children, markup);
  switch (piece.type) {
    case 'softbreak':
    case 'hardbreak':
      return markup.newLine;
    case 'strong':
      return around(inner(), markup.bold);
    case 'em':
      return around(inner(), markup.italic);
    case 's':
      return around(inner(), markup.strike);
    case 'code_inline':
      return markup.code(piece.text);
    case 'link':
      return markup.link(inner(), piece.href);
    default:
      return piece.children.length > 0 ? inner() : markup.text(piece.text);
  }
}

function around(inner: string, put: (inner: string) => string): string {
  return inner.trim() === '' ? inner : put(inner);
}

/** A stretch shorter than this is left out as a whole rather than torn. */
const whole = 60;

/** What fits of the pieces, in so many characters of their text. */
function cut(pieces: Piece[], room: { left: number }): Piece[] {
  const kept: Piece[] = [];
  for (const piece of pieces) {
    const isTooMuch = piece.text.length > room.left;
    if (isTooMuch && piece.text.length < whole) room.left = 0;
    if (room.left <= 0) break;
    const text = isTooMuch ? shorten(piece.text, room.left) : piece.text;
    room.left -= piece.text.length;
    const children = cut(piece.children, room);
    if (piece.children.length === 0 || children.length > 0) kept.push({ ...piece, text, children });
  }
  return kept;
}

function shorten(text: string, max: number): string {
  const start = text.slice(0, Math.max(0, max - 1)).replace(/[\ud800-\udbff]$/, '');
  const space = start.search(/\s\S*$/);
  return `${(space > max / 2 ? start.slice(0, space) : start).trimEnd()}…`;
}
