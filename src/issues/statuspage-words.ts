import { cleanText } from '../domain/text.ts';

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
const inlineTags =
  /<\/?(?:p|div|ul|ol|li|b|strong|i|em|u|s|small|span|var|code|pre|blockquote|h[1-6]|font|a|time)(?:\s[^<>]*)?>/gi;

/**
 * What staff wrote on Statuspage, as our Markdown: its HTML becomes lines, list items and links, entities
 * become characters. A `<` that opens no tag stays as it is.
 */
export function wordsOf(body: string): string {
  const text = body
    .replace(/\r\n?/g, '\n')
    .replace(/\n?<br\s*\/?>\n?/gi, '\n')
    .replace(/<a\s[^<>]*?href=(["'])(.*?)\1[^<>]*>(.*?)<\/a>/gis, (_, _quote, to, label) =>
      label.trim() === to || label.trim() === '' ? to : `[${label}](${to})`,
    )
    .replace(/<li(?:\s[^<>]*)?>/gi, '\n- ')
    .replace(/<\/(?:p|div|ul|ol|h[1-6]|blockquote)>/gi, '\n\n')
    .replace(inlineTags, '')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,6}));/gi, (whole, decimal, hex, name) =>
      name ? (named[name.toLowerCase()] ?? whole) : character(Number(decimal ?? `0x${hex}`), whole),
    )
    .replace(/\n{3,}/g, '\n\n');
  return cleanText(text) || '(An update without words.)';
}

function character(code: number, whole: string): string {
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}
