import t from 'tap';
import type { Db } from '../../src/db.ts';
import { whyAutomatic } from '../../src/domain/automatic.ts';
import { readMail } from '../../src/read-mail.ts';
import { cutReply } from '../../src/reports/cut-reply.ts';
import { wordsOf } from '../../src/reports/mail-words.ts';
import { openApp, token } from '../fixtures/app.ts';
import { freshUrl, onBoth } from '../fixtures/db.ts';
import { anIssue } from '../fixtures/outbox.ts';
import { adminToken, candor, dataDir, root } from '../fixtures/process.ts';
import { textOf } from '../fixtures/text.ts';

let count = 0;

/** A mail as a person's mail program writes it. */
function mail(headers: Record<string, string> = {}, body = 'The export gives an empty file.'): string {
  const all = {
    'Return-Path': '<ana@example.com>',
    From: 'Ana Pop <ana@example.com>',
    To: 'help@paperboat.example',
    Subject: 'Export',
    'Message-ID': `<${++count}.${process.pid}@mail.example.com>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== '');
  return `${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body.replaceAll('\n', '\r\n')}\r\n`;
}

const reports = (db: Db) => db.selectFrom('report').selectAll().orderBy('created_at').orderBy('id').execute();
const receipts = (db: Db) =>
  db.selectFrom('delivery').selectAll().where('template', '=', 'receipt').execute();

async function open(t: Parameters<typeof openApp>[0], base: Parameters<typeof openApp>[1]) {
  const opened = await openApp(t, base);
  const send = async (payload: string | Buffer, type = 'message/rfc822') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    const answer = await opened.app.inject({
      method: 'POST',
      url: '/api/v1/inbound/report',
      headers,
      payload,
    });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { ...opened, send };
}

t.test('what a program wrote, and what a person did', async (t) => {
  const why = async (headers: Record<string, string>) => whyAutomatic((await readMail(mail(headers))).header);
  for (const headers of [
    { 'Auto-Submitted': 'auto-replied' },
    { 'Auto-Submitted': 'Auto-Generated; x=y' },
    { Precedence: 'bulk' },
    { Precedence: 'List' },
    { 'List-Id': '<news.example.com>' },
    { 'Return-Path': '<>' },
    { From: 'MAILER-DAEMON@mx.example.com (Mail Delivery System)' },
    { From: 'Mail <Mailer-Daemon@mx.example.com>' },
    { 'Content-Type': 'multipart/report; report-type=disposition-notification; boundary=x' },
    { 'X-Autoreply': 'yes' },
  ])
    t.ok(await why(headers), JSON.stringify(headers));
  for (const headers of [
    {},
    { 'Auto-Submitted': 'no' },
    { Precedence: 'first-class' },
    { 'Return-Path': '' },
  ])
    t.equal(await why(headers), null, JSON.stringify(headers));
});

t.test('an answer in HTML alone, without what it quotes at its end', async (t) => {
  const says = async (html: string, headers = {}) =>
    wordsOf(
      await readMail(
        mail({ Subject: 'Re: Still', 'Content-Type': 'text/html; charset=utf-8', ...headers }, html),
      ),
    );
  const quote =
    '<blockquote type="cite"><p>We know</p><blockquote>about it</blockquote><p>now</p></blockquote>';
  t.equal(await says(`<p>Still broken.</p>${quote}`), 'Still broken.');
  t.equal(await says(`<div>Still broken.</div>\n${quote}<br>\n</body></html>`), 'Still broken.');
  const between = await says(`<p>Still.</p>${quote}<p>No, it is not.</p>`);
  t.match(
    between,
    /^Still\.\s+> We know[\s\S]*> about it[\s\S]*> now\s+No, it is not\.$/,
    'her words follow',
  );
  t.match(await says(quote), /We know/, 'nothing else would be left');
  t.match(
    await says(`<p>Still.</p>${quote}`, { Subject: 'Look' }),
    /> We know/,
    'it answers nothing: she pasted it',
  );
});

t.test('what somebody wrote, without what she quotes and her signature', async (t) => {
  const wrote = 'On Sat, Nov 21, 2026 at 9:00 PM Paperboat <status@paperboat.example> wrote:';
  const table: [text: string, isAnswer: boolean, words: string][] = [
    [`Still broken.\n\n${wrote}\n\n> We know\n> about it\n`, true, 'Still broken.'],
    ['Still broken.\n\n-- \nAna Pop\nACME\n', true, 'Still broken.'],
    [
      'Immer noch.\n\nAm 21.11.2026 um 21:00 schrieb Paperboat <s@paperboat.example>:\n> Wir\n',
      true,
      'Immer noch.',
    ],
    ['Still.\n\nFrom: Paperboat <s@paperboat.example>\nSent: Saturday\nTo: Ana\n\nWe know\n', true, 'Still.'],
    ['> is it fixed?\nno\n> really?\nno\n', true, '> is it fixed?\nno\n> really?\nno'],
    [
      'Look:\n\nFrom: Cy <cy@example.com>\n\nIt is broken\n',
      false,
      'Look:\n\nFrom: Cy <cy@example.com>\n\nIt is broken',
    ],
    ['> all of it is quoted', true, '> all of it is quoted'],
    ['First this.\n---\nThen that.\n---\nAna', false, 'First this.\n---\nThen that.'],
    [
      `It fails.\n--\n${'These are my words. '.repeat(40)}`,
      false,
      `It fails.\n--\n${'These are my words. '.repeat(40)}`.trim(),
    ],
  ];
  for (const [text, isAnswer, words] of table) t.equal(cutReply(text, isAnswer), words);
  for (const costly of ['a onat'.repeat(8_000), 'Op schreef\n'.repeat(4_000), '\n'.repeat(40_000)])
    t.equal(cutReply(`words ${costly}`, true), `words ${costly}`.trim(), 'it ends, and nothing is lost');
});

onBoth(t, 'a mail to the support address becomes a report, once, with one receipt', async (t, base) => {
  const { send, app } = await open(t, base);
  const { db } = base;
  const raw = mail(
    { Subject: '=?utf-8?q?Re:_Export_f=C3=BCr_alle?=' },
    'Es kommt eine leere Datei.\n\n-- \nAna',
  );
  const first = await send(raw);
  t.match(first, { status: 200, body: { became: 'report', said: 'It waits in the inbox.' } });
  t.match((await send(raw)).body, { became: 'nothing', report_id: first.body.report_id }, 'the same mail');
  t.match(await reports(db), [
    {
      id: first.body.report_id,
      source: 'mail',
      state: 'new',
      email: 'ana@example.com',
      name: 'Ana Pop',
      message: 'Export für alle\n\nEs kommt eine leere Datei.',
    },
  ]);
  await send(mail({}, 'The Export is empty again.'));
  const messages = (await reports(db)).map(({ message }) => message);
  t.ok(messages.includes('The Export is empty again.'), 'the words hold the subject');
  t.match(await receipts(db), [{ address: 'ana@example.com', report_id: first.body.report_id }], 'one a day');
  t.equal((await receipts(db)).length, 1);
  const both = await Promise.all([1, 2, 3].map(() => send(mail({ 'Message-ID': '<same@example.com>' }))));
  t.same(both.map(({ body }) => body.became).sort(), ['nothing', 'nothing', 'report'], 'at once');
  const { links } = await import('../fixtures/app.ts');
  const own = await app.inject(`/r/${links.token('report', first.body.report_id)}`);
  t.match(textOf(own.payload), 'You told us, by mail.');
});

onBoth(
  t,
  'what cannot be kept is said, HTML becomes plain words, and a bad sender loses no words',
  async (t, base) => {
    const { send } = await open(t, base);
    const html =
      '<style>p{}</style><p>Hello<br>it is <b>broken</b></p><script>alert(1)</script><p>&lt;img&gt;</p>';
    const parts = [
      `Content-Type: text/html; charset=utf-8\r\n\r\n${html}`,
      'Content-Type: image/png\r\nContent-Disposition: attachment; filename="a.png"\r\n\r\nxxx',
      'Content-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\nxxx',
      'Content-Type: application/pgp-signature\r\n\r\nxxx',
    ];
    const body = `--b\r\n${parts.join('\r\n--b\r\n')}\r\n--b--`;
    await send(
      mail({ From: '"x@y" <bad address@@example>', 'Content-Type': 'multipart/mixed; boundary=b' }, body),
    );
    await send(mail({ Subject: '', From: 'Ben <ben@example.com>' }, 'y'.repeat(20_000)));
    await send(mail({ Subject: '', From: 'Cy <cy@example.com>' }, ''));
    const [first, second, third] = await reports(base.db).then((all) =>
      [null, 'ben@example.com', 'cy@example.com'].map(
        (email) => all.find((one) => one.email === email)?.message,
      ),
    );
    t.match(
      first,
      /^Export\n\nHello\nit is broken\n\n[\s\S]*<img>\n\n\[2 attachments were not kept: we can take words only\.\]$/,
    );
    t.notMatch(first, /alert|p\{\}/);
    t.match(second, /^y{10000}\n\n\[The mail was longer than we can keep; the rest of it is not here\.\]$/);
    t.equal(third, 'A mail without words.');
  },
);

onBoth(t, 'an answer to a mail of ours belongs to what that mail was about', async (t, { db, ...base }) => {
  const { send } = await open(t, { db, ...base });
  const { body } = await send(mail({ Subject: 'Broken' }, 'It is broken.'));
  const [receipt] = await receipts(db);
  const answer = { 'In-Reply-To': receipt!.message_id, Subject: 'Re: We have your report' };
  const raw = mail(
    answer,
    'Since Monday.\n\nOn Sat, Nov 21, 2026 at 9:00 PM P <s@p.example> wrote:\n\n> We have it',
  );
  t.match((await send(raw)).body, { became: 'words', report_id: body.report_id });
  t.match((await send(raw)).body, { became: 'nothing' }, 'the same mail');
  t.equal((await reports(db))[0]!.message, 'It is broken.\n\nSince Monday.');
  t.match(
    (await send(mail({ ...answer, From: 'eve@example.com' }, 'Mine too.'))).body,
    { became: 'report' },
    'not hers',
  );

  const issueId = await anIssue(db);
  const thread = { References: `<issue.${issueId}@status.example.com>`, From: 'dora@example.com' };
  t.match((await send(mail(thread, 'Me too.'))).body, { became: 'me_too' });
  const dora = (await reports(db)).find(({ email }) => email === 'dora@example.com');
  t.match(dora, { issue_id: issueId, state: 'linked', source: 'mail', message: 'Me too.' });
  const gone = { References: '<issue.000000000000@status.example.com>' };
  t.match((await send(mail(gone))).body, { became: 'report' }, 'an issue that never was');

  await db
    .updateTable('report')
    .set({ state: 'withdrawn', withdrawn_at: new Date(), email: null })
    .where('id', '=', body.report_id)
    .execute();
  t.match(
    (await send(mail(answer, 'Anew.'))).body,
    { became: 'report' },
    'a report that was taken back stays so',
  );
});

onBoth(t, 'what programs write becomes nothing, and sets off nothing', async (t, { db, ...base }) => {
  const { send } = await open(t, { db, ...base });
  await send(mail({ From: 'zoe@example.com' }));
  const [receipt] = await receipts(db);
  for (const headers of [
    { 'Auto-Submitted': 'auto-replied', 'In-Reply-To': receipt!.message_id },
    { Precedence: 'bulk' },
    { 'Return-Path': '<>' },
    { 'List-Id': '<x.example.com>' },
    { 'Message-ID': receipt!.message_id },
  ]) {
    const { status, body } = await send(mail({ From: 'bot@example.com', ...headers }));
    t.match([status, body.became, body.said], [200, 'nothing', /^Nothing was kept of this mail: .+\.$/]);
  }
  t.equal((await reports(db)).length, 1);
  t.equal((await receipts(db)).length, 1);
});

onBoth(
  t,
  'what is no mail, or built to be costly, is refused; one address cannot flood us',
  async (t, base) => {
    const { send, api } = await open(t, base);
    const nested = Array.from(
      { length: 60 },
      (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
    );
    const wide = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\n'.repeat(5_000)}`;
    const long = `X: ${'y'.repeat(300_000)}\r\n\r\n`;
    for (const raw of ['{}', '\u0000\u0001', 'no header at all\r\n\r\n', nested.join(''), wide, long]) {
      const { status, body } = await send(raw);
      t.match([status, body.errors?.[0]?.path], [400, 'message'], body.detail);
      t.match(body.detail, /^This is no mail we can read\. It /);
    }
    t.equal((await send('x', 'text/plain')).status, 415);
    t.equal((await api('POST', '/issues', mail(), { 'content-type': 'message/rfc822' })).status, 415);
    t.match(await api('POST', '/inbound/report', { message: mail() }), {
      status: 200,
      body: { became: 'report' },
    });
    const key = { 'idempotency-key': 'k', 'content-type': 'message/rfc822' };
    const raw = mail({ From: 'kim@example.com' });
    t.same(
      (await api('POST', '/inbound/report', raw, key)).body,
      (await api('POST', '/inbound/report', raw, key)).body,
    );
    const statuses: number[] = [];
    for (let i = 0; i < 32; i++)
      statuses.push((await send(mail({ From: 'flood@example.com' }, `${i}`))).status);
    t.same(statuses, [...Array(30).fill(200), 429, 429], 'and the mail server tries again later');
  },
);

t.test(
  'candor report hands a mail to the running server, or to PostgreSQL, and says when to try again',
  async (t) => {
    const run = async (command: string, env: Record<string, string>, raw: string) => {
      const script = `printf '%s' "$MAIL" | ${process.execPath} ${root}/dist/cli.js ${command}`;
      const ran = candor(t, { ...env, MAIL: raw }, { command: ['sh', '-c', script] });
      const { code } = await ran.ended;
      return { code, said: ran.printed().trim() };
    };
    const directory = await dataDir(t);
    const env = { DATA_DIR: directory, ADMIN_TOKEN: adminToken };
    t.match(await run('report', { ...env, PORT: '1' }, mail()), {
      code: 75,
      said: /does not answer.*Is it running\?/,
    });
    const server = candor(t, env);
    const { port } = new URL(await server.url);
    const there = { ...env, PORT: port };
    t.same(await run('report', there, mail()), { code: 0, said: 'It waits in the inbox.' });
    t.match(await run('report', there, 'no mail'), {
      code: 65,
      said: /the server says \(400\): This is no mail we can read\. It does not begin/,
    });
    t.match(await run('bounce', there, mail()), { code: 0, said: /no delivery report/ });
    t.match(await run('report', { ...there, ADMIN_TOKEN: 'candor_another-token-1' }, mail()), {
      code: 75,
      said: /401/,
    });

    const postgres = { DATABASE_URL: await freshUrl(t) };
    t.same(await run('report', postgres, mail()), { code: 0, said: 'It waits in the inbox.' });
    t.match(await run('bounce', postgres, mail()), { code: 0, said: /no delivery report/ });
    t.match(await run('report', { DATABASE_URL: 'postgres://x@127.0.0.1:1/x' }, mail()), {
      code: 75,
      said: /try again later/,
    });
  },
);
