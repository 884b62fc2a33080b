import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, oneof, record, string } from 'fast-check';
import nodemailer from 'nodemailer';

import PostalMime from 'postal-mime';
import t from 'tap';
import { bytesOf } from '../src/mail-bytes.ts';
import { type Letter, openMailer } from '../src/mailer.ts';
import { smtpServer } from './fixtures/smtp.ts';

t.test('without a mail server every mail is one file, also when it is written twice', async (t) => {
  const folder = t.testdir();
  const mailer = openMailer({
    smtpUrl: null,
    dataDir: folder,
    from: { name: 'Status', address: 'status@localhost' },
  });
  const letter = {
    messageId: '<0b5f-1@status.example.org>',
    date: new Date('2026-11-21T19:00:00Z'),
    to: 'a@example.com',
    replyTo: null,
    subject: 'Grüße',
    text: 'Hello.\n',
    html: '<p>Hello.</p>',
    headers: {},
    thread: null,
  };
  await mailer.send(letter);
  const files = () => readdirSync(join(folder, 'mail'));
  t.same(files(), ['0b5f-1.eml']);
  const bytes = readFileSync(join(folder, 'mail', files()[0]!));
  await mailer.send(letter);
  t.same(files(), ['0b5f-1.eml']);
  t.same(readFileSync(join(folder, 'mail', files()[0]!)), bytes);
  const mail = await PostalMime.parse(bytes);
  t.match(mail, { subject: 'Grüße', messageId: letter.messageId, text: /^Hello\.\s*$/ });
  t.match(mailer.where, /no mail leaves this machine.*mail\.$/);
  t.notMatch(
    openMailer({ smtpUrl: 'smtp://u:secret@h:25', dataDir: folder, from: { name: '', address: 'a@b.c' } })
      .where,
    'secret',
  );
});

const nasty = constantFrom(
  '\r\n.\r\n',
  '\rBcc: victim@example.org\n',
  '\n\nFrom: us',
  '.',
  '..\r',
  '=3D',
  '=\r\n',
  ' \t',
  '\u0000',
  '\ud83e\udd8a',
  '\ud83e',
  'é',
  'e\u0301',
  '\ufeff',
  '--_NmP-',
  '<b>&',
  'x'.repeat(1_100),
  'Größe '.repeat(30),
  '字'.repeat(200),
);
const hostile = array(oneof(nasty, string({ unit: 'binary' }), string()), { maxLength: 12 }).map((all) =>
  all.join(''),
);

const whole = (text: string) => text.replace(/\r\n|\r|\n/g, '\r\n');

t.test('a mail is, byte for byte, what the library streams', async (t) => {
  const stream = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const address = constantFrom(
    'person@exämple.org',
    'a@b.co',
    "o'neil@mail.example.org",
    `${'long'.repeat(15)}@${'host'.repeat(12)}.example`,
  );
  const given = record({
    subject: hostile.map((text) => text.replaceAll('=?', '= ?')), // of those see below
    text: hostile,
    html: hostile,
    name: hostile,
    to: address,
    replyTo: oneof(address, constantFrom(null)),
    thread: constantFrom(null, '<issue-1@status.example.org>'),
  });
  const same = async (all: {
    subject: string;
    text: string;
    html: string;
    name: string;
    to: string;
    replyTo: string | null;
    thread: string | null;
  }) => {
    const from = { name: all.name, address: 'status@example.org' };
    const letter: Letter = {
      ...all,
      text: `${all.text}\n`, // as ours end; the library breaks a last line that ends in a blank elsewhere
      html: `${all.html}\n`,
      messageId: '<1@example.org>',
      date: new Date(0),
      headers: { 'Auto-Submitted': 'auto-generated', 'List-Unsubscribe': '<https://x.example/a>' },
    };
    const { message } = await stream.sendMail({
      from,
      to: { name: '', address: letter.to },
      messageId: letter.messageId,
      date: letter.date,
      subject: letter.subject,
      text: whole(letter.text),
      html: whole(letter.html),
      baseBoundary: createHash('sha256').update(letter.messageId).digest('hex').slice(0, 16),
      xMailer: false,
      headers: Object.entries(letter.headers).map(([key, value]) => ({
        key,
        value: { prepared: true, value },
      })),
      ...(letter.replyTo && { replyTo: { name: '', address: letter.replyTo } }),
      ...(letter.thread && { inReplyTo: letter.thread, references: letter.thread }),
    });
    const [theirs, ours] = [(message as Buffer).toString('latin1'), bytesOf(letter, from).toString('latin1')];
    return theirs.trimEnd() === ours.trimEnd();
  };
  await assert(asyncProperty(given, same), { numRuns: 500 });
  const long = 'Zeile für Zeile, 🦊 und Wörter. '.repeat(2_100);
  const rest = { name: '', to: 'a@b.co', replyTo: null, thread: null };
  t.ok(await same({ ...rest, subject: long, text: long, html: long.replaceAll('. ', '.\n') }), '64 KiB');
});

t.test('what arrives says what was said, and nothing in it becomes a header or a second mail', async (t) => {
  const smtp = await smtpServer(t);
  const from = { name: 'Status', address: 'status@example.org' };
  const mailer = openMailer({ smtpUrl: smtp.url, dataDir: '', from });
  t.teardown(() => mailer.close());
  const said = [
    'One line.\r\n.\r\nQUIT\r\n',
    '\n..two\n.\nBcc: victim@example.org\n',
    'ä '.repeat(500),
    'trailing \t\nend ',
  ];
  for (const [n, text] of said.entries()) {
    const letter: Letter = {
      messageId: `<${n}@example.org>`,
      date: new Date(0),
      to: `p${n}@example.com`,
      replyTo: null,
      subject: `Fixed:\r\nBcc: victim@example.org\r\n\r\n${text.slice(0, 40)}`,
      text,
      html: `<p>${text}</p>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      thread: '<issue.1@example.org>',
    };
    await mailer.send(letter);
    const [arrived] = smtp.received.slice(-1);
    const mail = await PostalMime.parse(arrived!.raw);
    const plain = (words = '') => words.replace(/\r\n|\r/g, '\n').trimEnd();
    t.equal(plain(mail.text), plain(text));
    t.match(plain(mail.html), plain(`<p>${text}</p>`));
    t.same(arrived!.to, [letter.to]);
    t.notOk(mail.headers.some(({ key }) => key === 'bcc'));
    t.ok(
      arrived!.raw.split('\n').every((line) => line.length <= 200),
      'short lines',
    );
  }
  t.equal(smtp.received.length, said.length);
});

t.test('a subject that looks encoded says what it said', async (t) => {
  const from = { name: 'Status', address: 'status@example.org' };
  for (const subject of [
    'Fixed: =?utf-8?Q?evil?= title',
    `=?utf-8?B?${'x'.repeat(200)}?=`,
    'Grüße =?',
    '=?',
  ]) {
    const letter: Letter = {
      messageId: '<1@example.org>',
      date: new Date(0),
      to: 'a@b.co',
      replyTo: null,
      subject,
      text: 'Hello.\n',
      html: '<p>Hello.</p>\n',
      headers: {},
      thread: null,
    };
    const bytes = bytesOf(letter, from);
    t.equal((await PostalMime.parse(bytes)).subject, subject);
    t.ok(
      bytes
        .toString('latin1')
        .split('\r\n')
        .every((line) => line.length <= 998),
    );
  }
});
