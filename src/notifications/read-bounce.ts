import { readAddress } from '../address.ts';
import { codeOf, type Weight, weightOf } from '../domain/bounce.ts';
import { cleanLine } from '../domain/text.ts';
import type { Links } from '../links.ts';
import { type IncomingMail, idsIn, readFields } from '../read-mail.ts';
import { bounceTagsIn } from './verp.ts';

/** A mail server's report that a mail did not arrive, or not yet (RFC 3464). */
export interface Bounce {
  /** Mails of ours that it may be about: by the signed envelope sender, else by the Message-ID of what was returned. */
  tagged: string[];
  messageIds: string[];
  recipients: Recipient[];
}

export interface Recipient {
  /** The address as we had it, or as it was after a forwarding; in small letters. */
  addresses: string[];
  weight: Weight;
  status: string;
  /** What the server said, on one line, without addresses. */
  said: string;
}

const mostRecipients = 100;
const envelopeFields = [
  'to',
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'return-path',
  'original-envelope-id',
];

/** Reads a delivery report; null for any other mail: a person's, an automatic answer, a report in no known form. */
export function readBounce(mail: IncomingMail, links: Links): Bounce | null {
  if (!/^\s*multipart\/report\b/i.test(mail.header('content-type')[0] ?? '')) return null;
  const status = mail.parts.find(({ type }) => /^message\/(?:global-)?delivery-status$/.test(type));
  if (!status) return null;
  const [perMessage = [], ...perRecipient] = blocksOf(status.text);
  const returned = mail.parts.filter((part) => part !== status).flatMap(({ text }) => headersOf(text));
  const envelope = [
    ...envelopeFields.flatMap((name) => mail.header(name)),
    ...[...perMessage, ...returned]
      .filter(({ name }) => envelopeFields.includes(name) && name !== 'to')
      .map(({ value }) => value),
  ].join(' ');
  return {
    tagged: bounceTagsIn(links, envelope),
    messageIds: [
      ...valuesOf(returned, 'message-id').flatMap(idsIn),
      ...valuesOf(perMessage, 'original-envelope-id').flatMap(idsIn),
    ].slice(0, 10),
    recipients: perRecipient.slice(0, mostRecipients).map(recipientOf),
  };
}

type Field = { name: string; value: string };

/** Blank lines divide what is said of the whole mail from what is said of each recipient. */
function blocksOf(text: string): Field[][] {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n/)
    .map(readFields)
    .filter((block) => block.length > 0);
}

function headersOf(text: string): Field[] {
  return readFields(text.replace(/\r\n?/g, '\n').replace(/^\n+/, '').split(/\n\n/, 1)[0] ?? '');
}

function recipientOf(block: Field[]): Recipient {
  const [status = ''] = valuesOf(block, 'status');
  const [action = ''] = valuesOf(block, 'action');
  const [diagnostic = ''] = valuesOf(block, 'diagnostic-code');
  return {
    addresses: [...valuesOf(block, 'final-recipient'), ...valuesOf(block, 'original-recipient')].flatMap(
      addressIn,
    ),
    weight: weightOf({ action, status, diagnostic }),
    status: codeOf({ status, diagnostic }),
    said: plainWords(diagnostic),
  };
}

/** `rfc822; Ana@Example.com`, with or without angle brackets. */
function addressIn(value: string): string[] {
  const bare = value.replace(/^[^;]*;/, '').replace(/\([^()]*\)/g, '');
  const address = readAddress(bare.trim().replace(/^<|>$/g, ''));
  return address === null ? [] : [address.toLowerCase()];
}

function valuesOf(fields: readonly Field[], wanted: string): string[] {
  return fields.filter(({ name }) => name === wanted).map(({ value }) => value);
}

/** `smtp; 550 5.1.1 <ana@example.com>: no such user` → `550 5.1.1 (address): no such user` */
function plainWords(diagnostic: string): string {
  const words = diagnostic
    .slice(0, 2_000)
    .replace(/^[^;]{0,20};/, '')
    .replace(/<?[^\s<>@]+@[^\s<>]+>?/g, '(address)');
  return cleanLine(words).slice(0, 200);
}
