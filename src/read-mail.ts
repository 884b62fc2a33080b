import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import { cleanLine, cleanText } from './domain/text.ts';

/** A mail as it came in. */
export interface IncomingMail {
  /** The values of a header by its name in small letters, in their order. */
  header(name: string): readonly string[];
  /** With the angle brackets; null for a mail without one. */
  messageId: string | null;
  /** Who wrote it, as she calls herself; nothing here is checked. */
  from: { name: string; address: string } | null;
  subject: string;
  /** Its words: the text part, or the HTML part as text. */
  text: string;
  /** What hung on it and is no signature. */
  attachments: number;
  /** The ids of the mails it answers, the nearest first. */
  answers: string[];
  /** The parts of a report of a mail server, as text, by their kind. */
  parts: { type: string; text: string }[];
}

/** Not a mail, or one that is built to be costly. */
export class UnreadableMail extends Error {}

const limits = { maxNestingDepth: 30, maxHeadersSize: 256 * 1024, maxRfc822NestingDepth: 3 };
const mostParts = 2_000;
const mostOfPart = 256 * 1024; // bytes; a delivery report and the headers it returns are far shorter

/** Reads a raw mail (RFC 5322 and MIME) of any charset. Throws UnreadableMail. The only door to postal-mime. */
export async function readMail(raw: Uint8Array | string): Promise<IncomingMail> {
  const bytes =
    typeof raw === 'string' ? Buffer.from(raw) : Buffer.from(raw.buffer, raw.byteOffset, raw.length);
  const whole = withoutEnvelopeLine(bytes);
  if (!looksLikeMail(whole)) throw new UnreadableMail('It does not begin with the headers of a mail.');
  if (countBoundaries(whole) > mostParts) throw new UnreadableMail(`It has more than ${mostParts} parts.`);
  let mail: Email;
  try {
    mail = await PostalMime.parse(whole, limits);
  } catch (error) {
    throw new UnreadableMail(`It cannot be read: ${(error as Error).message}`);
  }
  return {
    header: (name) => mail.headers.filter(({ key }) => key === name).map(({ value }) => value),
    messageId: idsIn(mail.messageId)[0] ?? null,
    from: mailboxOf(mail.from),
    subject: cleanLine(mail.subject ?? ''),
    text: cleanText(mail.text || (mail.html ? await textOfHtml(mail.html) : '')),
    attachments: mail.attachments.filter(isAttachment).length,
    answers: [...new Set([...idsIn(mail.inReplyTo), ...idsIn(mail.references).reverse()])].slice(0, 50),
    parts: mail.attachments.filter(({ mimeType }) => /^(?:message|text)\//.test(mimeType)).map(asPart),
  };
}

/** The headers of a returned mail or of a part of a report: names in small letters, folded lines made whole. */
export function readFields(text: string): { name: string; value: string }[] {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .flatMap((line) => {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
      return /^[\x21-\x7e]+$/.test(name) ? [{ name, value: line.slice(colon + 1).trim() }] : [];
    });
}

/** Message ids in a header, with their angle brackets. */
export function idsIn(value: string | undefined): string[] {
  return value?.match(/<[^<>\s]{1,500}>/g) ?? [];
}

/** Mail servers put `From ana@example.com Sat Nov 21 …` before a mail that they pipe; it is no header. */
function withoutEnvelopeLine(bytes: Buffer): Buffer {
  if (bytes.subarray(0, 5).toString('latin1') !== 'From ') return bytes;
  const end = bytes.indexOf(0x0a);
  return end < 0 ? bytes : bytes.subarray(end + 1);
}

function looksLikeMail(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 2_000).toString('latin1').replace(/^\s+/, '');
  return /^[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(start);
}

function countBoundaries(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf('\n--'); at >= 0 && count <= mostParts; at = bytes.indexOf('\n--', at + 3))
    count++;
  return count;
}

const mostHtml = 2 * 1024 * 1024; // characters

// Signs that nobody writes, for where a quote begins and ends in text made of HTML.
const quoteBegins = '\uE0F1';
const quoteEnds = '\uE0F2';

/** The parser makes text of HTML where a mail has both: so it is given one that has. Quotes get their > before them. */
async function textOfHtml(html: string): Promise<string> {
  const unseen = html
    .slice(0, mostHtml)
    .replace(/<(\/?)style\b/gi, '<$1script') // it drops scripts, but shows styles
    .replace(/[\uE0F1\uE0F2]/g, '')
    .replace(/<blockquote\b[^<>]{0,2000}>/gi, `<br>${quoteBegins}<br>`)
    .replace(/<\/blockquote\s{0,99}>/gi, `<br>${quoteEnds}<br>`);
  const lines = Buffer.from(unseen).toString('base64');
  const plain = '--part\nContent-Type: text/plain\n\n\n';
  const same = `--part\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${lines}\n`;
  const both = await PostalMime.parse(
    `Content-Type: multipart/mixed; boundary=part\n\n${plain}${same}--part--\n`,
  );
  return withQuotes(both.text ?? '');
}

function withQuotes(text: string): string {
  let depth = 0;
  const parts = text.split(/([\uE0F1\uE0F2])/).map((part) => {
    if (part === quoteBegins) depth++;
    else if (part === quoteEnds) depth = Math.max(0, depth - 1);
    else return depth > 0 ? part.trim().replace(/^(?=.)/gm, '> ') : part.trim();
    return '';
  });
  return parts.filter(Boolean).join('\n\n');
}

function mailboxOf(from: Address | undefined): IncomingMail['from'] {
  const one = from?.group ? from.group[0] : from;
  return one?.address ? { name: cleanLine(one.name), address: one.address } : null;
}

const smallPicture = 10 * 1024; // bytes: what mail programs put under every mail

function isAttachment({ mimeType, related, content }: Attachment): boolean {
  const isSignature = /^application\/(?:(?:x-)?pkcs7-signature|pgp-signature|ms-tnef)$/.test(mimeType);
  const isLogo = related === true && sizeOf(content) < smallPicture;
  return !isSignature && !isLogo;
}

function sizeOf(content: Attachment['content']): number {
  return typeof content === 'string' ? content.length : content.byteLength;
}

function asPart({ mimeType, content }: Attachment): IncomingMail['parts'][number] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer);
  return { type: mimeType, text: bytes.subarray(0, mostOfPart).toString('utf8') };
}
