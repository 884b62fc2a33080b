import { createHash } from 'node:crypto';
import { encode as encodeBase64, wrap as wrapBase64 } from 'nodemailer/lib/base64';
import { encodeWord, foldLines, isPlainText } from 'nodemailer/lib/mime-funcs';
import MimeNode from 'nodemailer/lib/mime-node';
import { encode, wrap } from 'nodemailer/lib/qp';
import type { Letter } from './mailer.ts';
import { rememberOf } from './remember.ts';

/**
 * A letter as it goes over the wire: byte for byte what the library would stream of a text whose line ends are whole,
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
  return Buffer.from(lines.join('\r\n'), 'latin1');
}

/** As the library writes it between < and >: a domain in the alphabet of the wire. */
export function envelopeAddress(address: string): string {
  if (/^[a-z0-9._+=-]{1,200}@[a-z0-9.-]{1,255}$/i.test(address)) return address;
  return new MimeNode().setEnvelope({ to: [{ name: '', address }] }).getEnvelope().to[0] ?? '';
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

/** None, where there is nothing to be seen of it. What looks encoded already is encoded, or it would be read as another. */
const subjectLines = rememberOf(100, (subject) => {
  const value = subject.includes('=?')
    ? encodeWord(subject.replace(lineEnd, ' '), 'Q', 52)
    : latin1(headerWriter.encodeHeaderValue('Subject', subject));
  return value.trim() === '' ? [] : [foldLines(`Subject: ${value}`, 76)];
});

function partOf(type: 'text/plain' | 'text/html', text: string): string[] {
  const lines = text.split(lineEnd).map(lineOf);
  const encoding = encodingOf(lines);
  return [
    `Content-Type: ${type}; charset=utf-8`,
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    encoding === 'base64'
      ? wrapBase64(encodeBase64(text.replace(lineEnd, '\r\n')))
      : lines.map((line) => line[encoding]).join('\r\n'),
  ];
}

const lineEnd = /\r\n|\r|\n/g;

interface Line {
  '7bit': string;
  'quoted-printable': string;
  isPlain: boolean;
  letters: number;
  others: number;
}

/** Most lines of a mail to many are the same in each, so they are encoded once. */
function lineOf(line: string): Line {
  return line.length > 1_000 ? encodedLine(line) : encodedOnce(line);
}

function encodedLine(line: string): Line {
  return {
    '7bit': line,
    'quoted-printable': wrap(encode(`${line}\r\n`)).slice(0, -2),
    isPlain: isPlainText(line) && line.length <= 76,
    letters: line.replace(notLetters, '').length,
    others: isPlainText(line) ? 0 : line.replace(notOthers, '').length,
  };
}

const encodedOnce = rememberOf(1_000, encodedLine);

const notLetters = /[^a-z]+/gi;
const notOthers = /[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u0080-\uffff]+/g;

/** As the library chooses: quoted-printable where there are more Latin letters than others. */
function encodingOf(lines: Line[]): '7bit' | 'quoted-printable' | 'base64' {
  let [isPlain, letters, others] = [true, 0, 0];
  for (const line of lines) {
    isPlain &&= line.isPlain;
    letters += line.letters;
    others += line.others;
  }
  if (isPlain) return '7bit';
  return others < letters ? 'quoted-printable' : 'base64';
}

/** One character a byte. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
