import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { encode as encodeBase64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import { foldLines, hasLongerLines, isPlainText } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';
import { encode, wrap } from 'nodemailer/lib/qp';
import type { Letter } from './mailer.ts';
import { rememberOf } from './remember.ts';

/**
 * A letter as it goes over the wire: byte for byte what the library would stream, but with every line end whole, and
 * made at once. The library's own encoders are used; what is the same in many letters is encoded once. Nothing is
 * left to chance or to the clock: boundary, date and ids come from the letter.
 */
export function bytesOf(letter: Letter, from: { name: string; address: string }): Buffer {
  const { messageId, thread, replyTo, headers, date, subject } = letter;
  const boundary = `--_NmP-${createHash('sha256').update(messageId).digest('hex').slice(0, 16)}-Part_1`;
  const lines = [
    ...Object.entries(headers).map(([key, value]) => `${key}: ${value}`),
    addressLine('From', from),
    addressLine('To', { name: '', address: letter.to }),
    ...(replyTo ? [addressLine('Reply-To', { name: '', address: replyTo })] : []),
    ...(thread ? [`In-Reply-To: ${thread}`, `References: ${thread}`] : []),
    ...subjectLines(subject),
    `Message-ID: ${messageId}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    foldLines(`Content-Type: multipart/alternative; boundary="${boundary}"`, 76),
    '',
    `--${boundary}`,
    ...partOf('text/plain', letter.text),
    `--${boundary}`,
    ...partOf('text/html', letter.html),
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join('\n').replace(/\r\n|\r|\n/g, '\r\n'), 'latin1');
}

/** Gives all bytes at once, when it is asked for them and not before: that it was read says that the server said yes. */
export function oneChunk(bytes: Buffer): Readable {
  return new Readable({
    read() {
      this.push(bytes);
      this.push(null);
    },
  });
}

const headerWriter = new MimeNode();
const plainAddress = /^[a-z0-9._+-]{1,40}@[a-z0-9.-]{1,30}$/i;

function addressLine(
  key: 'From' | 'To' | 'Reply-To',
  { name, address }: { name: string; address: string },
): string {
  if (name === '' && plainAddress.test(address)) return `${key}: ${address}`;
  return encodedAddress(JSON.stringify([key, name, address]));
}

const encodedAddress = rememberOf(100, (said) => {
  const [key, name, address] = JSON.parse(said) as [string, string, string];
  return foldLines(`${key}: ${latin1(headerWriter.encodeHeaderValue(key, [{ name, address }]))}`, 76);
});

/** None, where there is nothing to be seen of it. */
const subjectLines = rememberOf(100, (subject) => {
  const value = latin1(headerWriter.encodeHeaderValue('Subject', subject));
  return value.trim() === '' ? [] : [foldLines(`Subject: ${value}`, 76)];
});

function partOf(type: 'text/plain' | 'text/html', text: string): string[] {
  const encoding = encodingOf(text);
  return [
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    encoded(text, encoding),
  ];
}

/** As the library chooses: quoted-printable where there are more Latin letters than others. */
function encodingOf(text: string): string {
  if (isPlainText(text) && !hasLongerLines(text, 76)) return '7bit';
  const letters = text.match(/[a-z]/gi)?.length ?? 0;
  const others = text.match(notLatin)?.length ?? 0;
  return others < letters ? 'quoted-printable' : 'base64';
}

const notLatin = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u0080-\uffff]/g;

function encoded(text: string, encoding: string): string {
  if (encoding === 'quoted-printable') return wrap(encode(text));
  return encoding === 'base64' ? wrapBase64(encodeBase64(text)) : latin1(text);
}

/** One character a byte. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
