import t, { type Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import type { Database } from '../../src/db.ts';
import { linksFor } from '../../src/links.ts';
import { onBoth } from '../fixtures/db.ts';
import { fillSample, sampleConfig, sampleNow } from '../fixtures/sample.ts';

const links = linksFor(Buffer.alloc(32, 7));
const open = '/issues/export000001/me-too';
const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function appOf(t: Test, database: Database) {
  await fillSample(database.db);
  const app = await buildApp({ config: sampleConfig, database, links, now: () => sampleNow });
  t.teardown(() => app.close());
  const post = (url: string, fields: Record<string, string>, remoteAddress = '127.0.0.1') =>
    app.inject({
      method: 'POST',
      url,
      remoteAddress,
      headers: form,
      payload: new URLSearchParams(fields).toString(),
    });
  const count = async () =>
    Number(
      (
        await database.db
          .selectFrom('report')
          .select((eb) => eb.fn.countAll().as('n'))
          .executeTakeFirstOrThrow()
      ).n,
    );
  return { app, post, count };
}

onBoth(t, 'a report leads to a page of her own, with her words on it', async (t, base) => {
  const { app, post } = await appOf(t, base);
  const sent = await post('/report', {
    message: 'My <b>cover</b> is gone\r\nsince noon',
    email: 'Eva@mail.example',
    name: 'Eva',
    page_url: 'lettera.example/write',
  });
  t.equal(sent.statusCode, 303);
  t.match(sent.headers.location, /^\/r\/[A-Za-z0-9_-]{22,}$/);
  t.equal(sent.headers['cache-control'], 'no-store');
  const own = await app.inject(sent.headers.location as string);
  t.equal(own.statusCode, 200);
  t.match(own.headers, {
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex',
    'referrer-policy': 'no-referrer',
  });
  t.match(own.body, 'My &lt;b&gt;cover&lt;/b&gt; is gone\nsince noon');
  t.match(own.body, 'Eva@mail.example');
  t.match(own.body, 'https://lettera.example/write');
});

onBoth(t, 'me too with nothing filled in is enough', async (t, base) => {
  const { app, post } = await appOf(t, base);
  const sent = await app.inject({ method: 'POST', url: open });
  t.equal(sent.statusCode, 303);
  t.match(
    (await app.inject(sent.headers.location as string)).body,
    /We know about this, and it is not your fault/,
  );
  t.equal((await post('/issues/nosuch000001/me-too', {})).statusCode, 404);
  t.equal((await post('/issues/..%2f..%2fetc/me-too', {})).statusCode, 404);
  t.equal((await app.inject(open)).headers.location, '/issues/export000001#me-too');
});

const long = 'x'.repeat(5001);
const bad: [what: string, url: string, fields: string, field: string, words: RegExp][] = [
  ['no words', '/report', 'email=a%40b.example', 'message', /in a few words/],
  ['only spaces', '/report', 'message=+%0A+', 'message', /in a few words/],
  ['only invisible marks', '/report', 'message=%E2%80%8B%E2%80%8B', 'message', /in a few words/],
  ['too many words', '/report', `message=${long}`, 'message', /5,001 characters/],
  ['words twice', '/report', 'message=a&message=b', 'message', /only take this as text/],
  ['no address', '/report', 'message=a&email=nobody', 'email', /cannot write to this address/],
  ['two addresses', '/report', 'message=a&email=a%40b.example%2Cc%40d.example', 'email', /cannot write/],
  [
    'a line break in it',
    '/report',
    'message=a&email=a%40b.example%0D%0ABcc%3Ax%40y.example',
    'email',
    /cannot write/,
  ],
  ['an address twice', '/report', 'message=a&email=a%40b.example&email=c%40d.example', 'email', /only take/],
  ['a long name', '/report', `message=a&name=${'n'.repeat(101)}`, 'name', /101 characters/],
  [
    'a script for a page',
    '/report',
    'message=a&page_url=javascript%3Aalert(1)',
    'page_url',
    /do not recognise/,
  ],
  [
    'a long page',
    '/report',
    `message=a&page_url=https%3A%2F%2Fa.example%2F${'p'.repeat(2000)}`,
    'page_url',
    /2,0\d\d char/,
  ],
  ['me too, no address', open, 'email=-x%40b.example', 'email', /cannot write/],
  ['me too, too many words', open, `message=${long}`, 'message', /5,001 characters/],
  ['me too, words twice', open, 'message=a&message=b', 'message', /only take/],
];

onBoth(t, 'what we cannot take comes back filled in, with the reason beside the field', async (t, base) => {
  const { app, count } = await appOf(t, base);
  const before = await count();
  for (const [what, url, payload, field, words] of bad) {
    const answer = await app.inject({ method: 'POST', url, headers: form, payload });
    t.equal(answer.statusCode, 400, what);
    const beside = new RegExp(`id="${field}-error">([^<]*)<`).exec(answer.body)?.[1] ?? '';
    t.match(beside, words, what);
    const input = new RegExp(`<(?:input|textarea) id="${field}"[^>]*>`).exec(answer.body)?.[0] ?? '';
    t.match(input, `aria-describedby="${field}-error`, what);
    t.match(input, 'aria-invalid="true"', what);
    t.match(input, 'autofocus', what);
    t.match(answer.body, `href="#${field}"`, 'the summary leads to the field');
  }
  t.equal(await count(), before, 'nothing was kept');
});

onBoth(t, 'no word is lost when a form is refused', async (t, base) => {
  const { post } = await appOf(t, base);
  const words = 'First "line" <script>alert(1)</script>\n\n  third & last';
  const answer = await post('/report', { message: words, email: 'nobody', name: "O'Hara", page_url: 'a b' });
  t.equal(answer.statusCode, 400);
  const escaped = words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  t.match(answer.body, `>\n${escaped}</textarea>`);
  t.match(answer.body, 'value="nobody"');
  t.match(answer.body, 'value="O&#39;Hara"');
  t.match(answer.body, 'value="a b"');
  t.equal(answer.body.match(/autofocus/g)?.length, 1, 'the first wrong field is where she lands');
});

onBoth(t, 'odd bodies are refused or forgiven, never a fault of ours', async (t, base) => {
  const { app } = await appOf(t, base);
  for (const [type, payload] of [
    ['application/json', '[]'],
    ['application/json', 'null'],
    ['application/json', '{"message":{"a":1}}'],
    ['application/json', '{"message":["a"]}'],
    ['application/json', '{"__proto__":{"message":"a"}}'],
    ['application/json', '{'],
    ['application/x-www-form-urlencoded', 'message[]=a&message[b]=c'],
    ['application/x-www-form-urlencoded', ''],
    ['text/plain', 'message=a'],
    ['multipart/form-data; boundary=x', '--x--'],
  ] as const) {
    for (const url of ['/report', '/r/nothing/address']) {
      const answer = await app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });
      t.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${url} ${type} ${payload}`);
    }
  }
});

onBoth(t, 'too many reports from one network: wait, with the form filled in', async (t, base) => {
  const { post, count } = await appOf(t, base);
  const bucket = links.bucket('reports', '192.0.2.1');
  await base.db.insertInto('quota').values({ bucket, started_at: sampleNow, count: 300 }).execute();
  const before = await count();
  for (const url of ['/report', open]) {
    const answer = await post(url, { message: 'These very words', email: 'eva@mail.example' }, '192.0.2.1');
    t.equal(answer.statusCode, 429);
    t.equal(answer.headers['retry-after'], '600');
    t.match(answer.body, 'These very words</textarea>');
    t.match(answer.body, 'value="eva@mail.example"');
  }
  t.equal(await count(), before);
  t.equal((await post('/report', { message: 'x' }, '192.0.2.2')).statusCode, 303, 'another network may');
  t.equal((await post('/report', { message: 'x' })).statusCode, 303, 'and so may this machine');
});

onBoth(t, 'a receipt that a limit holds back never holds back the report', async (t, base) => {
  const { post, count } = await appOf(t, base);
  const before = await count();
  for (let n = 0; n < 25; n++) {
    const sent = await post(
      '/report',
      { message: 'x', email: `victim${n % 2}@mail.example` },
      `192.0.2.${n}`,
    );
    t.equal(sent.statusCode, 303);
  }
  t.equal(await count(), before + 25);
  const mails = await base.db.selectFrom('delivery').select('address').execute();
  t.equal(mails.length, 2, 'one an address');
});

t.test('while the database is away the form comes back with her words in it', async (t) => {
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const database = {
    db: new Proxy(
      {},
      {
        get: () => () => {
          throw away;
        },
      },
    ),
    engine: 'postgres',
  } as unknown as Database;
  const app = await buildApp({ config: sampleConfig, database, links, now: () => sampleNow });
  t.teardown(() => app.close());
  for (const url of ['/report', open]) {
    const answer = await app.inject({
      method: 'POST',
      url,
      headers: form,
      payload: 'message=These+very+words',
    });
    t.equal(answer.statusCode, 503);
    t.equal(answer.headers['retry-after'], '30');
    t.match(answer.body, 'send it again in half a minute');
    t.match(answer.body, 'These very words</textarea>');
  }
});
