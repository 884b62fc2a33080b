import { sql } from 'kysely';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { textOf } from '../fixtures/text.ts';

const message = 'The export gives an empty file.';
const code = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}/;

async function open(t: Parameters<typeof openApp>[0], base: Parameters<typeof openApp>[1]) {
  const opened = await openApp(t, base, { TRUST_PROXY: 'loopback' });
  const post = async (
    url: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
    remoteAddress = '127.0.0.1',
  ) => {
    const response = await opened.app.inject({
      method: 'POST',
      url,
      remoteAddress,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams(fields).toString(),
    });
    return {
      status: response.statusCode,
      to: String(response.headers.location ?? ''),
      body: response.body,
    };
  };
  const read = async (url: string) => textOf((await opened.app.inject(url)).body);
  const reports = () => base.db.selectFrom('report').selectAll().orderBy('created_at').execute();
  return { ...opened, post, read, reports };
}

/** Every row of every table, as text. */
async function dumpOf(db: Db): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`.execute(db);
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(one)::text as row from ${sql.table(name)} as one`.execute(db);
    texts.push(...rows.map(({ row }) => `${name} ${row}`));
  }
  return texts.join('\n');
}

onBoth(t, 'of a report without an address nothing is kept but what it says', async (t, base) => {
  const { app, post, reports } = await open(t, base);
  const canary = 'canary7731';
  const headers = {
    'x-forwarded-for': '203.0.113.77, 127.0.0.1',
    forwarded: `for=203.0.113.77;by=${canary}`,
    'user-agent': `Browser/${canary}`,
    'accept-language': `xx-${canary}`,
    referer: `https://${canary}.example/`,
    origin: `https://${canary}.example`,
    cookie: `who=${canary}`,
    'x-request-id': canary,
    'x-real-ip': '203.0.113.77',
  };
  const { to } = await post('/report', { message, name: '', page_url: '' }, headers);
  await app.inject({ url: to, headers });
  await post('/come-back', { code: 'AAAA-AAAA-AA' }, headers);
  const dump = await dumpOf(base.db);
  t.match(dump, message, 'the dump does hold it');
  t.notMatch(dump, canary);
  t.notMatch(dump, '203.0.113');
  const [report] = await reports();
  const kept = Object.entries(report!).filter(([, value]) => value !== null && value !== false);
  t.same(
    kept.map(([name]) => name).sort(),
    ['code_hash', 'created_at', 'id', 'message', 'source', 'stands', 'state'].sort(),
  );
  const [shown] = code.exec(textOf((await app.inject(to)).body))!;
  t.notMatch(dump, shown, 'nor does the code stand in it');
  t.notMatch(dump, shown.replaceAll('-', ''));
});

onBoth(t, 'the code leads back, however it was copied; a wrong one leads nowhere', async (t, base) => {
  const { post, read, reports, app } = await open(t, base);
  const { to } = await post('/report', { message });
  const own = await read(to);
  t.match(own, /How do I come back\?.*Please write it down/);
  t.match(own, `https://status.example.com${to}`);
  const [shown] = code.exec(own)!;
  const copies = [shown, shown.toLowerCase(), ` ${shown.replaceAll('-', ' ')} `, shown.replaceAll('-', '')];
  copies.push(shown.replaceAll('0', 'o').replaceAll('1', 'l'));
  for (const copy of copies) t.match(await post('/come-back', { code: copy }), { status: 303, to }, copy);

  const wrong = shown.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  const answers = [];
  for (const typed of [wrong, 'hello', '', shown.slice(0, -1), `${shown}A`]) {
    const { status, body } = await post('/come-back', { code: typed });
    t.equal(status, 404, typed);
    answers.push(body.replace(/value="[^"]*"/, ''));
  }
  t.equal(new Set(answers).size, 1, 'all wrong ones are answered alike');
  t.match((await app.inject('/come-back')).statusCode, 200);
  t.match((await app.inject('/r/nothing')).body, /href="\/come-back"/);
  for (const page of ['/report', '/search']) t.match((await app.inject(page)).body, /href="\/come-back"/);

  const { to: second } = await post('/report', { message: 'Another one', email: 'ana@example.com' });
  t.notMatch(await read(second), code, 'whoever left an address has her link in a mail');
  await post(`${second}/address`, { email: '' });
  const [hers] = code.exec(await read(second))!;
  t.not(hers, shown);
  t.match(await post('/come-back', { code: hers }), { to: second });
  t.equal(new Set((await reports()).map((report) => report.code_hash)).size, 2);
});

onBoth(t, 'codes cannot be guessed: wrong ones are counted, right ones are not', async (t, base) => {
  const { post, read, clock } = await open(t, base);
  const { to } = await post('/report', { message });
  const [right] = code.exec(await read(to))!;
  const from = (remoteAddress: string, typed: string) =>
    post('/come-back', { code: typed }, {}, remoteAddress).then(({ status }) => status);
  for (let n = 0; n < 12; n++) t.equal(await from('198.51.100.1', right), 303);
  for (let n = 0; n < 10; n++) t.equal(await from('198.51.100.1', `AAAA-AAAA-A${n}`), 404);
  t.equal(await from('198.51.100.1', right), 429, 'not even the right one, or one could go on guessing');
  t.equal(await from('198.51.100.2', right), 303, 'others come in all the same');
  clock.now = new Date(clock.now.getTime() + 10 * 60_000);
  t.equal(await from('198.51.100.1', right), 303);
  for (let n = 0; n < 1_100; n++) await from(`203.0.${n >> 8}.${n & 255}`, 'AAAA-AAAA-AA');
  t.equal(await from('198.51.100.3', right), 303, 'what many others try keeps nobody out');
});

onBoth(
  t,
  'before anything private is kept she is asked, and her choice is for these very words',
  async (t, base) => {
    const { post, reports } = await open(t, base);
    const secret = 'I paid with 4111 1111 1111 1111, pin 1234 & <i>got</i> nothing.';
    const fields = { message: secret, email: 'eva@example.com', name: 'Eva', page_url: '', version: '4.2' };
    const asked = await post('/report', fields);
    t.equal(asked.status, 200);
    t.equal((await reports()).length, 0, 'nothing is kept yet');
    t.match(asked.body, '<mark>4111 1111 1111 1111</mark>');
    t.match(textOf(asked.body), /This looks like a card number\. This looks like a secret number\./);
    t.match(asked.body, /&lt;i&gt;got&lt;\/i&gt;/);
    t.match(asked.body, /name="email" value="eva@example.com"[\s\S]*name="version" value="4.2"/);
    const [, seen] = /name="seen" value="([0-9a-f]+)"/.exec(asked.body)!;

    const changed = { ...fields, message: `${secret} IBAN DE89370400440532013000`, seen: seen! };
    const again = await post('/report', { ...changed, secrets: 'keep' });
    t.equal(again.status, 200, 'what she changed is looked at again');
    t.match(again.body, /You changed your words, so we looked again[\s\S]*a bank account number/);
    t.equal((await post('/report', { ...changed, secrets: 'out' })).status, 200);
    t.equal(
      (await post('/report', { ...fields, secrets: 'keep' })).status,
      200,
      'nor does it hold without having seen',
    );
    t.equal((await reports()).length, 0);

    t.equal((await post('/report', { ...fields, seen: seen!, secrets: 'out' })).status, 303);
    t.equal((await post('/report', { ...fields, seen: seen!, secrets: 'keep' })).status, 303);
    const mine = { ...fields, message: 'I paid and got nothing.', seen: seen!, secrets: 'mine' };
    t.equal((await post('/report', mine)).status, 303, 'what she mended herself goes through at once');
    t.same((await reports()).map((report) => report.message).sort(), [
      'I paid and got nothing.',
      secret,
      'I paid with [a card number, taken out], pin [a secret number, taken out] & <i>got</i> nothing.',
    ]);
    t.match((await reports())[0], { email: 'eva@example.com', name: 'Eva' }, 'her own address is no finding');
  },
);

onBoth(t, 'every form of hers asks; programs and mails are not asked', async (t, base) => {
  const { post, api, reports, clock } = await open(t, base);
  const { body: issue } = await api('POST', '/issues', {
    kind: 'bug',
    title: 'Broken',
    message: 'We see it.',
  });
  const private_ = 'my password is Tr0ub4dor&3';
  const { to: own } = await post(`/issues/${issue.id}/me-too`, {});
  const forms: [url: string, fields: Record<string, string>][] = [
    [`/issues/${issue.id}/me-too`, { message: private_ }],
    [`${own}/more`, { message: private_ }],
    [`${own}/worked`, { comment: private_, worked: 'no' }],
    [`${own}/workaround`, { offer: private_, credit: 'Ana' }],
  ];
  clock.now = new Date(clock.now.getTime() + 1_000);
  await api('POST', `/issues/${issue.id}/updates`, { status: 'resolved', message: 'It works again.' });
  for (const [url, fields] of forms) {
    const asked = await post(url, fields);
    t.equal(asked.status, 200, url);
    t.match(asked.body, `action="${url}"`);
    const [, seen] = /name="seen" value="([0-9a-f]+)"/.exec(asked.body)!;
    t.equal((await post(url, { ...fields, seen: seen!, secrets: 'out' })).status, 303, url);
  }
  const out = 'my password is [a password, taken out]';
  const [hers, second] = await reports();
  t.match(hers, { message: out, worked: false, worked_comment: out });
  t.match(second, { message: out });
  t.match(await base.db.selectFrom('workaround').selectAll().execute(), [{ offered: out, credit: 'Ana' }]);

  const url = 'https://ana:geheim@shop.example/basket?session=a1b2c3d4e5f6#x';
  const asked = await post('/report', { message, page_url: url });
  t.equal(asked.status, 200, 'and the address of the page is looked at too');
  const [, seen] = /name="seen" value="([0-9a-f]+)"/.exec(asked.body)!;
  await post('/report', { message, page_url: url, seen: seen!, secrets: 'out' });
  t.equal((await reports()).find((one) => one.message === message)?.page_url, 'https://shop.example/basket');

  const { body: added } = await api('POST', `/issues/${issue.id}/reports`, {
    email: 'ben@example.com',
    message: private_,
  });
  t.match(added, { added: 1 });
});
