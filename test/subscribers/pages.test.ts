import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import type { Database } from '../../src/db.ts';
import { linksFor } from '../../src/links.ts';
import { wantedBySubscriber } from '../../src/notifications/wanted-by-subscribers.ts';
import { forgetUnconfirmed } from '../../src/subscribers/erase-subscription.ts';
import { onBoth } from '../fixtures/db.ts';
import { ago, fillSample, issueOf, reportOf, sampleConfig, sampleNow } from '../fixtures/sample.ts';
import { textOf } from '../fixtures/text.ts';

const links = linksFor(Buffer.alloc(32, 7));
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const day = 24 * 60;

async function appOf(t: Test, base: Database) {
  await fillSample(base.db);
  const clock = { now: sampleNow };
  const app = await buildApp({ config: sampleConfig, database: base, links, now: () => clock.now });
  t.teardown(() => app.close());
  const post = (url: string, payload = '', remoteAddress = '127.0.0.1') =>
    app.inject({ method: 'POST', url, headers: form, payload, remoteAddress });
  const row = (email: string) =>
    base.db.selectFrom('subscriber').selectAll().where('email_key', '=', email).executeTakeFirst();
  const own = async (email: string) => `/s/${links.token('subscriber', (await row(email))!.id)}`;
  return {
    app,
    clock,
    post,
    row,
    own,
    page: async (url: string) => textOf((await app.inject(url)).body),
    mails: () => base.db.selectFrom('delivery').selectAll().orderBy('created_at').execute(),
    acts: async (email: string) => {
      const steps = await base.db
        .selectFrom('consent')
        .innerJoin('subscriber', 'subscriber.id', 'consent.subscriber_id')
        .select(['act', 'consent.source', 'detail'])
        .where('email_key', '=', email)
        .orderBy('seq')
        .execute();
      return steps;
    },
    /** Asks and says yes. */
    subscribe: async (email: string, more = '') => {
      await post('/subscribe', `email=${encodeURIComponent(email)}${more}`);
      await post(`${await own(email)}/confirm`);
      return own(email);
    },
  };
}

/** Everything of hers that a page could change. */
async function everything({ db }: Database): Promise<string> {
  const tables = [
    'subscriber',
    'subscriber_component',
    'subscriber_issue',
    'consent',
    'delivery',
    'report',
    'quota',
  ];
  const found = [];
  for (const name of tables) {
    const { rows } = await sql<{ line: string }>`
      select coalesce(string_agg(t::text, E'\n' order by t::text), '') as line from ${sql.table(name)} as t`.execute(
      db,
    );
    found.push(rows[0]!.line);
  }
  return found.join('\n');
}

onBoth(
  t,
  'she asks, says yes, chooses, rests, leaves and comes back, and each step is proved',
  async (t, base) => {
    const { post, row, own, page, mails, acts } = await appOf(t, base);
    const asked = await post(
      '/subscribe',
      'email=Eva%40mail.example&components[]=part00000004&components=part00000005&incidents_only=on',
      '192.0.2.7',
    );
    t.equal(asked.statusCode, 200);
    t.match(asked.body, 'Look into your mailbox');
    t.match(await row('eva@mail.example'), { state: 'unconfirmed', hears: 'components', confirmed_at: null });
    const [mail, ...others] = await mails();
    t.match(mail, {
      template: 'confirm',
      address: 'Eva@mail.example',
      subscriber_id: (await row('eva@mail.example'))!.id,
    });
    t.same(others, []);
    const her = await own('eva@mail.example');
    t.match(
      await page(her),
      'Incidents about Payments and Mail to readers, but no known bugs and no planned work.',
    );
    t.match((await post(`${her}/confirm`)).headers.location, `${her}?said=confirmed`);
    t.match(await row('eva@mail.example'), { state: 'active', confirmed_at: sampleNow });

    const body = 'hears=components&components[]=part00000001&issues[]=export000001&issues[]=nosuch000001';
    t.equal((await post(`${her}/choices`, body)).statusCode, 303);
    t.match(
      await page(`${her}?said=saved`),
      /Saved\. .*Everything about Editor: .*This one, until it is over: The export gives/,
    );
    await post(`${her}/choices`, body);
    for (const step of [
      'pause',
      'pause',
      'resume',
      'resume',
      'unsubscribe',
      'unsubscribe',
      'resume',
      'choices',
    ]) {
      await post(`${her}/${step}`, 'hears=everything');
    }
    t.match(
      await row('eva@mail.example'),
      { state: 'left', hears: 'components' },
      'nothing but a new yes undoes leaving',
    );
    await post(`${her}/confirm`);
    t.match(
      await row('eva@mail.example'),
      { state: 'left' },
      'not even an old page with the first yes on it',
    );
    t.match(await page(her), 'We write to you no more');
    await post(`${her}/come-back`);
    const steps = await acts('eva@mail.example');
    t.same(
      steps.map((one) => `${one.act} ${one.source}`),
      [
        'asked form',
        'confirmed link',
        'changed link',
        'paused link',
        'resumed link',
        'left one-click',
        'confirmed link',
      ],
    );
    t.match(steps[0]!.detail, {
      network: /^consent:[\w-]{22}$/,
      choices: {
        hears: 'components',
        incidents_only: true,
        components: ['part00000004', 'part00000005'],
        issues: [],
      },
    });
    t.notMatch(JSON.stringify(steps), /192\.0\.2/, 'the network stands there as a keyed hash');
  },
);

onBoth(
  t,
  'the answer is the same whoever has the address, and what a stranger types changes no one who hears',
  async (t, base) => {
    const { app, post, row, own, clock, subscribe, mails, acts } = await appOf(t, base);
    const active = await subscribe('active@mail.example', '&components[]=part00000001');
    const paused = await subscribe('paused@mail.example');
    await post(`${paused}/pause`);
    await post(`${await subscribe('left@mail.example')}/unsubscribe`);
    await post('/subscribe', 'email=asked%40mail.example&components[]=part00000001');
    await base.db
      .insertInto('suppression')
      .values({ address_key: 'dead@mail.example', reason: 'no such user', created_at: ago(9) })
      .execute();
    clock.now = new Date(sampleNow.getTime() + day * 60_000);
    const before = (await mails()).length;
    const answers = [];
    const people = ['new', 'active', 'paused', 'left', 'asked', 'dead'].map((name) => `${name}@mail.example`);
    for (const email of [...people, ...people.map((one) => one.toUpperCase())]) {
      answers.push(await post('/subscribe', `email=${encodeURIComponent(email)}&components[]=part00000004`));
    }
    t.same([...new Set(answers.map((one) => one.statusCode))], [200]);
    t.equal(new Set(answers.map((one) => one.body)).size, 1, 'byte for byte');
    t.same([...new Set(answers.map((one) => JSON.stringify({ ...one.headers, date: '' })))].length, 1);
    t.equal(
      (await mails()).length - before,
      people.length,
      'one mail an address, whatever the case of its letters',
    );
    t.match(await app.inject(active), { statusCode: 200, body: 'Everything about Editor' });
    t.match(await row('paused@mail.example'), { state: 'paused', hears: 'everything' });
    t.match(await row('left@mail.example'), { state: 'left', hears: 'everything' }, 'who left stays away');
    t.match(
      (await acts('left@mail.example')).at(-1),
      { act: 'asked', detail: { choices: { components: ['part00000004'] } } },
      'what was asked in her name is on record',
    );
    const toLeft = (await mails()).filter((one) => one.address === 'left@mail.example');
    const wanted = await Promise.all(toLeft.map((one) => wantedBySubscriber(base.db, one, clock.now)));
    t.match(
      wanted,
      [{ state: 'cancelled' }, { for: 'confirm', hears: false }],
      'she is asked, but not by the mail from before she left',
    );
    for (const email of ['asked@mail.example', 'dead@mail.example']) {
      t.match(await row(email), { state: 'unconfirmed', hears: 'components' }, email);
      t.match(textOf((await app.inject(await own(email))).body), 'Everything about Payments');
    }
    t.match((await acts('active@mail.example')).at(-1), { act: 'asked' }, 'that somebody asked is on record');
  },
);

onBoth(
  t,
  'a thousand forms for one victim, from a thousand networks and two replicas: one mail in 24 hours',
  async (t, base) => {
    const { app, clock, mails } = await appOf(t, base);
    const other = await buildApp({ config: sampleConfig, database: base, links, now: () => clock.now });
    t.teardown(() => other.close());
    const ask = (n: number) =>
      (n % 2 ? app : other).inject({
        method: 'POST',
        url: '/subscribe',
        headers: form,
        payload: 'email=victim%40mail.example',
        remoteAddress: `198.51.${n >> 8}.${n & 255}`,
      });
    // Two replicas only ever share a PostgreSQL; the embedded database has less to prove.
    const forms = base.engine === 'postgres' ? 1_000 : 100;
    for (let from = 0; from < forms; from += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(from + n)));
      if (!answers.every((one) => one.statusCode === 200)) t.fail('each is answered the same');
    }
    t.equal((await mails()).length, 1);
    clock.now = new Date(sampleNow.getTime() + (day - 1) * 60_000);
    await ask(1);
    t.equal((await mails()).length, 1, 'nor an hour before');
    clock.now = new Date(sampleNow.getTime() + day * 60_000);
    await ask(2);
    t.equal((await mails()).length, 2);
  },
);

onBoth(
  t,
  'one network, for IPv6 its /64, asks so often and no more, and nothing typed is lost',
  async (t, base) => {
    const { post, mails } = await appOf(t, base);
    const ask = (n: number, ip: string) =>
      post('/subscribe', `email=reader${n}%40mail.example&components[]=part00000004&incidents_only=on`, ip);
    const answers = [];
    for (let n = 0; n < 61; n++) answers.push(await ask(n, `2001:db8:1:2::${n.toString(16)}`));
    t.same([...new Set(answers.slice(0, 60).map((one) => one.statusCode))], [200]);
    const last = answers[60]!;
    t.match([last.statusCode, last.headers['retry-after']], [429, '3600']);
    t.match(last.body, 'value="reader60@mail.example"');
    t.match(last.body, /value="part00000004" checked/);
    t.match(last.body, /name="incidents_only" value="yes" checked/);
    t.equal((await ask(99, '2001:db8:1:3::1')).statusCode, 200, 'the network beside it may');
    t.equal((await mails()).length, 61);
  },
);

const bad: [what: string, body: string, words: string][] = [
  ['no address', 'email=', 'We cannot write to this address'],
  ['two addresses', 'email=a%40b.example&email=c%40d.example', 'We cannot write to this address'],
  ['a letter beyond ASCII', 'email=j%C3%B6rg%40mail.example', 'letters like “ö”. That is our limit'],
  ['a domain with such a letter', 'email=ana%40b%C3%BCcher.example', 'letters like “ü”. That is our limit'],
  ['no such word', 'email=a%40b.example&hears=all', 'Please choose what you want to hear of'],
  ['parts, and none', 'email=a%40b.example&hears=components', 'Please choose at least one part'],
  ['a part that is none', 'email=a%40b.example&components[]=evil%00', 'Please choose at least one part'],
  ['a part that is gone', 'email=a%40b.example&components[]=nosuch000001', 'is not there any more'],
  ['an issue that is gone', 'email=a%40b.example&issue=nosuch000001', 'is not there any more'],
];

onBoth(t, 'what we cannot take comes back filled in with what would help', async (t, base) => {
  const { app, post, mails, page } = await appOf(t, base);
  for (const [what, body, words] of bad) {
    const answer = await post('/subscribe', `${body}&incidents_only=on`);
    t.equal(answer.statusCode, 400, what);
    t.match(answer.body, words, what);
    t.match(answer.body, /name="incidents_only" value="yes" checked/, what);
    t.equal(answer.headers['cache-control'], 'no-store');
  }
  t.match((await post('/subscribe', 'email=%22%3Cscript%3E')).body, 'value="&quot;&lt;script&gt;"');
  t.same(await mails(), []);
  for (const [url, cache] of [
    ['/subscribe', /^public/],
    ['/subscribe?issue=publish00001', /^no-store$/],
    ['/subscribe?component=part00000002', /^no-store$/],
  ] as const)
    t.match((await app.inject(url)).headers['cache-control'], cache, url);
  const fromIssue = (await app.inject('/subscribe?issue=publish00001')).body;
  t.match(fromIssue, /value="issues" checked> Only this: The publish button does nothing/);
  t.match(
    (await app.inject('/subscribe?component=part00000002')).body,
    /value="part00000002" checked> Publishing/,
  );
  t.match(await page('/subscribe?issue=%00&component=x&issue=y'), 'Get updates by mail');
});

onBoth(t, 'an issue that was merged is followed where it is', async (t, base) => {
  const { subscribe, page } = await appOf(t, base);
  await base.db
    .insertInto('issue')
    .values(issueOf('merged000001', { title: 'The same', merged_into: 'publish00001' }))
    .execute();
  const her = await subscribe('eva@mail.example', '&issue=merged000001');
  t.match(await page(her), /hear of\? This one, until it is over: The publish button does nothing/);
});

onBoth(t, 'her page says what is over, and where no mail reaches her', async (t, base) => {
  const { app, post, page, own, subscribe } = await appOf(t, base);
  const only = 'Only what I choose one by one, below';
  const her = await subscribe('eva@mail.example', '&issue=publish00001');
  t.match(await page(her), only);
  await post('/subscribe', 'email=zoe%40mail.example&issue=publish00001');
  const zoe = await own('zoe@mail.example');
  t.match(await page(zoe), 'say yes, and you will hear of this: This one, until it is over: The publish');
  await sql`
    update issue set status = case kind when 'maintenance' then 'completed' else 'resolved' end,
      resolution = case kind when 'maintenance' then null else 'fixed' end,
      resolved_at = ${sampleNow}, next_update_at = null where resolved_at is null`.execute(base.db);
  const over =
    /The publish button does nothing: it is over since 21 Nov 2026, 21:40 UTC, and nothing more comes of it/;
  t.match(await page(her), over);
  t.match((await app.inject(her)).body, '<a href="/issues/publish00001">The publish');
  t.match(
    await page(zoe),
    /What it was about is over by now\. .*The publish button does nothing: it is over/,
  );
  await post(`${her}/unsubscribe`);
  t.match(await page(her), over);
  await post(`${her}/come-back`);
  await post(`${her}/choices`, 'hears=everything');
  t.notMatch(await page(her), only, 'there is nothing below');
  await base.db
    .insertInto('suppression')
    .values({ address_key: 'eva@mail.example', reason: 'no such user', created_at: ago(9) })
    .execute();
  const { body } = await app.inject(her);
  t.match(body, '<h1>Our mail does not reach you</h1>');
  t.notMatch(body, 'You hear from us');
  t.match(textOf(body), /tell a person here, and we try anew\. To reach a person: /);
});

t.test('while the database is away the form comes back with all that was typed', async (t) => {
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const db = new Proxy(
    {},
    {
      get: () => () => {
        throw away;
      },
    },
  );
  const database = { db, engine: 'postgres' } as unknown as Database;
  const app = await buildApp({ config: sampleConfig, database, links, now: () => sampleNow });
  t.teardown(() => app.close());
  const payload = 'email=eva%40mail.example&components[]=part00000004&issue=publish00001&hears=components';
  const answer = await app.inject({ method: 'POST', url: '/subscribe', headers: form, payload });
  t.match([answer.statusCode, answer.headers['retry-after']], [503, '30']);
  for (const kept of [
    'value="eva@mail.example"',
    'value="part00000004"',
    'value="publish00001"',
    'name="hears" value="components"',
  ])
    t.match(answer.body, kept);
  t.equal((await app.inject('/subscribe')).statusCode, 200);
  t.equal((await app.inject({ method: 'POST', url: '/s/x/confirm' })).statusCode, 503);
});

onBoth(
  t,
  'one click leaves: any body, no cookie, any origin, twice the same, and takes the report along',
  async (t, base) => {
    const { app, post, row, page, subscribe } = await appOf(t, base);
    const her = await subscribe('ana@mail.example');
    const leaveToken = links.token('leave', 'mine00000001');
    const report = () =>
      base.db.selectFrom('report').select('email').where('id', '=', 'mine00000001').executeTakeFirstOrThrow();
    const multipart =
      '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n';
    for (const [type, payload] of [
      ['application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
      ['multipart/form-data; boundary=b', multipart],
      ['text/plain', 'List-Unsubscribe=One-Click'],
      ['application/json', '{'],
      [null, ''],
    ]) {
      await post(`${her}/come-back`);
      t.equal((await row('ana@mail.example'))!.state, 'active');
      for (let twice = 0; twice < 2; twice++) {
        const answer = await app.inject({
          method: 'POST',
          url: `${her}/unsubscribe?r=forged`,
          headers: { origin: 'https://mail.example', ...(type ? { 'content-type': type } : {}) },
          payload: payload!,
        });
        t.match([answer.statusCode, answer.headers['set-cookie']], [200, undefined], String(type));
        t.equal((await row('ana@mail.example'))!.state, 'left');
      }
    }
    t.match(await report(), { email: 'ana@mail.example' }, 'her report is another matter');
    const both = `${her}/unsubscribe?r=${leaveToken}`;
    t.match((await app.inject(both)).body, `action="${both}"`, 'the button takes it along');
    const alsoReport = 'The mails about what you told us end too.';
    t.match(await page(both), alsoReport);
    t.notMatch(await page(`${her}/unsubscribe?r=forged`), alsoReport);
    t.match(await report(), { email: 'ana@mail.example' });
    t.match((await post(both)).body, 'for the news, and for the mails about what you told us');
    t.match(await report(), { email: null });
    await base.db
      .updateTable('report')
      .set({ email: 'ana@mail.example' })
      .where('id', '=', 'mine00000001')
      .execute();
    await post(`${her}/erase`);
    t.equal((await post(both)).statusCode, 200, 'also where only the report is left');
    t.match(await report(), { email: null });
  },
);

onBoth(t, 'a program that opens every link of ours, however often, changes nothing', async (t, base) => {
  const { app, own, post, subscribe } = await appOf(t, base);
  await post('/subscribe', 'email=asked%40mail.example');
  const pages = [await own('asked@mail.example'), await subscribe('eva@mail.example')];
  const before = await everything(base);
  const paths = [
    '',
    '/confirm',
    '/come-back',
    '/choices',
    '/pause',
    '/resume',
    '/unsubscribe',
    '/export',
    '/erase',
  ];
  for (let n = 0; n < 5; n++) {
    for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) {
      const answers = await Promise.all(
        pages.flatMap((page) => paths.map((path) => app.inject({ method, url: page + path }))),
      );
      if (answers.some((one) => one.statusCode >= 500)) t.fail(method);
    }
    await app.inject('/subscribe?email=zoe@mail.example&issue=publish00001');
  }
  t.equal(await everything(base), before);
  const shown = await app.inject(pages[1]!);
  t.match(shown.headers, {
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex',
    'referrer-policy': 'no-referrer',
  });
});

onBoth(t, 'links that are forged, cut, for something else or dead all get one answer', async (t, base) => {
  const { app, own, post, subscribe, clock, acts, row } = await appOf(t, base);
  const erased = await subscribe('gone@mail.example');
  await post(`${erased}/erase`);
  await post('/subscribe', 'email=never%40mail.example');
  const forgotten = await own('never@mail.example');
  await post(`${await subscribe('was@mail.example')}/unsubscribe`);
  const good = await subscribe('eva@mail.example');
  clock.now = new Date(sampleNow.getTime() + (day + 1) * 60_000);
  await post('/subscribe', 'email=was%40mail.example');
  await forgetUnconfirmed(base.db, new Date(sampleNow.getTime() + 7 * day * 60_000));
  t.equal((await app.inject(forgotten)).statusCode, 200, 'not before the seventh day is over');
  for (let twice = 0; twice < 2; twice++)
    await forgetUnconfirmed(base.db, new Date(sampleNow.getTime() + 9 * day * 60_000));
  t.equal((await row('was@mail.example'))!.state, 'left', 'the proof of who left stays');
  t.equal((await acts('was@mail.example')).filter((one) => one.act === 'left').length, 1);
  t.notMatch(await everything(base), /never@mail|gone@mail/, 'no address of theirs is kept');
  const id = links.read('subscriber', good.slice(3))!;
  const bad = [
    erased,
    forgotten,
    good.slice(0, -1),
    `${good}x`,
    `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`,
    `/s/${links.token('leave', id)}`,
    `/s/${links.token('report', 'mine00000001')}`,
    `/s/${linksFor(Buffer.alloc(32, 8)).token('subscriber', id)}`,
    `/s/${id}`,
    '/s/%00',
    `/s/${'a'.repeat(199)}`,
  ];
  const wanted = (await app.inject('/s/unknown')).body;
  const before = await everything(base);
  for (const page of bad) {
    for (const path of ['', '/unsubscribe', '/export', '/erase']) {
      const answer = await app.inject(page + path);
      t.match([answer.statusCode, answer.body === wanted], [404, true], page + path);
      t.match(answer.headers, { 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
    }
    for (const path of [
      '/confirm',
      '/come-back',
      '/choices',
      '/pause',
      '/resume',
      '/unsubscribe',
      '/erase',
    ]) {
      const answer = await post(page + path, 'hears=everything');
      t.match([answer.statusCode, answer.body === wanted], [404, true], page + path);
    }
  }
  t.equal(await everything(base), before);
});

onBoth(
  t,
  'she sees what was sent, takes it with her, and erases it; what she told us stays',
  async (t, base) => {
    const { app, post, page, subscribe, row, mails } = await appOf(t, base);
    const her = await subscribe('ana@mail.example', '&components[]=part00000002');
    const { id } = (await row('ana@mail.example'))!;
    const mail = { address: 'ana@mail.example', due_at: ago(1), subscriber_id: id };
    await base.db
      .insertInto('delivery')
      .values([
        {
          ...mail,
          event: 'e1',
          created_at: ago(2),
          template: 'opened',
          issue_id: 'publish00001',
          message_id: '<1@x>',
          state: 'sent',
          ended_at: ago(0),
        },
        {
          ...mail,
          event: 'e2',
          created_at: ago(1),
          template: 'update',
          issue_id: 'publish00001',
          message_id: '<2@x>',
          report_id: 'mine00000001',
        },
      ])
      .execute();
    const text = await page(her);
    t.match(
      text,
      /Broken: The publish button does nothing Written 21 Nov 2026, 21:38 UTC, put into a file \(no mail server is set up\) 21 Nov 2026, 21:40 UTC/,
    );
    t.match(text, 'Update: The publish button does nothing Written 21 Nov 2026, 21:39 UTC, waits to be sent');
    const file = await app.inject(`${her}/export`);
    t.match(file.headers, {
      'content-disposition': /attachment/,
      'content-type': /json/,
      'cache-control': 'no-store',
    });
    t.match(file.json(), {
      subscription: { email: 'ana@mail.example', state: 'active', components: ['part00000002'] },
      consent: [{ act: 'asked', source: 'form' }, { act: 'confirmed' }],
      mails: [
        { template: 'confirm' },
        { template: 'update' },
        { template: 'opened', issue: 'The publish button does nothing' },
      ],
    });
    t.match(await page(`${her}/erase`), 'Erase what we keep about you?');
    t.match((await post(`${her}/erase`)).body, 'It is erased');
    t.equal(await row('ana@mail.example'), undefined);
    const addresses = new Map((await mails()).map((one) => [one.event.split(':')[0], one.address]));
    t.match(addresses.get('confirm'), /^erased-/);
    t.match(addresses.get('e1'), /^erased-/);
    t.equal(addresses.get('e2'), 'ana@mail.example', 'the mail about her report is the report’s');
    const alone = await subscribe('solo@mail.example');
    await base.db
      .insertInto('report')
      .values(reportOf('solo00000001', { email: null }))
      .execute();
    await post(`${alone}/erase`);
    t.notMatch(await everything(base), /solo@mail/, 'whoever told us of nothing is gone altogether');
  },
);

onBoth(t, '200 hostile addresses: refused, or kept as they are', async (t, base) => {
  const { post, mails } = await appOf(t, base);
  const local = [
    'a',
    'a.b',
    'a+b',
    '-a',
    '"a b"',
    '"a"',
    'a b',
    'a\r\nBcc:x',
    'a\n',
    'a,b@x.example',
    'g:a',
    '<a>',
    'a(c)',
    'ä',
    'a\u200b',
    'a..b',
    '.a',
    'a\0',
    'x'.repeat(64),
    'x'.repeat(65),
  ];
  const domain = [
    'mail.example',
    'MAIL.example',
    'mail.example\r\nBcc: x@y.example',
    'mail.example,c@d.example',
    'mail.example;',
    '[127.0.0.1]',
    'bücher.example',
    'xn--bcher-kva.example',
    'localhost',
    `${'d'.repeat(180)}.${'e'.repeat(60)}.example`,
  ];
  const tried = local.flatMap((one) => domain.map((two) => `${one}@${two}`));
  t.equal(tried.length, 200);
  const taken = new Set<string>();
  for (const email of tried) {
    const { statusCode } = await post('/subscribe', new URLSearchParams({ email }).toString());
    if (statusCode === 200) taken.add(email);
    else if (statusCode !== 400) t.fail(`${JSON.stringify(email)} answers ${statusCode}`);
  }
  const kept = (await mails()).map((one) => one.address.toLowerCase());
  t.same(new Set(kept), new Set([...taken].map((one) => one.toLowerCase())));
  t.ok(kept.length >= 5 && kept.every((one) => /^[a-z0-9.+]+@[a-z0-9.-]+$/.test(one)), kept.join());
});
