import type { Mark } from '../domain/labels.ts';
import { cleanLine, escapeHtml, excerpt } from '../domain/text.ts';

const height = 26;
const pad = 9;

/** Each with white on it at 6 to 1 or better, and its sign drawn in white. */
const colours: Record<Mark, string> = {
  broken: '#a8320f',
  known: '#7a4d00',
  planned: '#3d4a9e',
  working: '#3d4a9e',
  fixed: '#1f6a45',
  closed: '#52605d',
};

/** The signs of views/partials/mark.eta, cut out in the badge's own colour. */
function signOf(mark: Mark, colour: string): string {
  const cut = (d: string) => `<path d="${d}" stroke="${colour}" stroke-width="2" stroke-linecap="round"/>`;
  switch (mark) {
    case 'broken':
      return `<path d="M10 1.8 19 17.6H1Z" fill="#fff"/>${cut('M10 7.4v4.4m0 2.5v.1')}`;
    case 'known':
      return `<circle cx="10" cy="10" r="8.6" fill="#fff"/>${cut('M10 5.6v5.2m0 3.2v.1')}`;
    case 'planned':
    case 'working':
      return `<rect x="1.6" y="1.6" width="16.8" height="16.8" rx="3" fill="#fff"/>${cut('M6 10h.1M10 10h.1M14 10h.1')}`;
    default:
      return '<path d="m3.2 10.8 4.4 4.4 9.2-10.4" fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/>';
  }
}

/** A small picture that says how something stands: its name, a sign and words; colour only underlines them. */
export function badge(name: string, mark: Mark, words: string): string {
  const left = excerpt(cleanLine(name), 32);
  const said = `${left}: ${words}`;
  const wide = { name: width(left), words: width(words) };
  const split = pad + wide.name + pad;
  const total = split + pad + 20 + wide.words + pad;
  const colour = colours[mark];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${total}" height="${height}" viewBox="0 0 ${total} ${height}" role="img" aria-label="${escapeHtml(said)}">
<title>${escapeHtml(said)}</title>
<rect width="${total}" height="${height}" rx="5" fill="${colour}"/>
<path d="M5 0H${split}V${height}H5a5 5 0 0 1-5-5V5a5 5 0 0 1 5-5Z" fill="#26302e"/>
<rect x=".5" y=".5" width="${total - 1}" height="${height - 1}" rx="4.5" fill="none" stroke="#fff" stroke-opacity=".45"/>
<g transform="translate(${split + pad - 1} 6) scale(.7)" fill="none">${signOf(mark, colour)}</g>
<g fill="#fff" font-family="system-ui,-apple-system,Segoe UI,Roboto,Noto Sans,Liberation Sans,Arial,sans-serif" font-size="13">
<text x="${pad}" y="17.5" textLength="${wide.name}" lengthAdjust="spacingAndGlyphs">${escapeHtml(left)}</text>
<text x="${split + pad + 19}" y="17.5" font-weight="600" textLength="${wide.words}" lengthAdjust="spacingAndGlyphs">${escapeHtml(words)}</text>
</g>
</svg>
`;
}

/** About how wide a text is at 13 pixels; whatever the reader's font, it is fitted to this. */
function width(text: string): number {
  let sum = 0;
  for (const sign of text) {
    if (/[iljIt.,:;'|!()[\] f r]/.test(sign)) sum += 4.3;
    else if (/[mwMW@%]/.test(sign)) sum += 11;
    else if (/[A-Z]/.test(sign)) sum += 8.6;
    else if (sign > '\u2e7f') sum += 13;
    else sum += 7.3;
  }
  return Math.ceil(sum);
}
