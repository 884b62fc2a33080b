import t, { type Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import type { Database } from '../../src/db.ts';
import { linksFor } from '../../src/links.ts';
import { linkReports } from '../../src/reports/link-report.ts';
import { takeBack } from '../../src/reports/take-back.ts';
import { onBoth } from '../fixtures/db.ts';
import { anIssue } from '../fixtures/outbox.ts';
import { ago, fillSample, reportOf, sampleConfig, sampleNow } from '../fixtures/sample.ts';

const links = linksFor(Buffer.alloc(32, 7));
const own = (id: string) => `/r/${links.token('report', id)}`;
const mine = own('mine00000001');
const form = { 'content-type': 'application/x-www-form-urlencoded' };

async function appOf(t: Test, database: Database) {
  await fillSample(database.db);
  const app = await buildApp({ config: sampleConfig, database, links, now: () => sampleNow });
  t.teardown(() => app.close());
  const page = async (url: string) => textOf((await app.inject(url)).body);
  const post = (url: string, payload = '') => app.inject({ method: 'POST', url, headers: form, payload });
  const emailOf = async (id: string) =>
    (await database.db.selectFrom('report').select('email').where('id', '=', id).executeTakeFirstOrThrow())
      .email;
  return { app, page, post, emailOf };
}

const textOf = (html: string) =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&#39;', "'");

onBoth(t, 'her page says what she said, what we did with it, and what happens next', async (t, base) => {
  const { page } = await appOf(t, base);
  const linked = await page(mine);
  for (const words of [
    'We know about this, and it is not your fault',
    'I tried three times, in two browsers.',
    'You told us that it happens to you too.',
    'The publish button does nothing',
    'We found the cause',
    'Publishing from your phone works',
    'Next update by 21 Nov 2026, 22:30 UTC',
    'Yes, to ana@mail.example',
    'help@lettera.example',
  ]) {
    t.match(linked, words);
  }
  const answered = await page(own('answered0001'));
  t.match(answered, 'This is how we built it. That does not mean it has to stay so');
  t.match(answered, 'Covers are cut to 16:9');
  const fresh = await page(own('fresh0000001'));
  t.match(fresh, 'a person will read them');
  t.match(fresh, 'Is it one of these?');
  t.match(fresh, 'The export gives an empty file');
  const over = await page(own('told00000003'));
  t.match(over, 'It is fixed. It was not your fault.');
  const still = base.db.updateTable('report').set({ message: null, created_at: ago(0) });
  await still.where('id', '=', 'told00000003').execute();
  t.match(
    await page(own('told00000003')),
    /That it is still broken for you\..*You told us that it is still broken/,
  );
});

onBoth(t, 'words of hers are shown as she wrote them and do nothing', async (t, base) => {
  const { app } = await appOf(t, base);
  const canary = `<img src=x onerror=alert(1)>"'\`[a](javascript:alert(1))`;
  await base.db
    .insertInto('report')
    .values(reportOf('canary000001', { message: canary, page_url: `https://a.example/?${canary}` }))
    .execute();
  const { body } = await app.inject(own('canary000001'));
  t.match(body, '&lt;img src=x onerror=alert(1)&gt;&quot;&#39;`[a](javascript:alert(1))');
  t.notMatch(body, '<img');
  t.notMatch(body, /href="(javascript|https:\/\/a\.example)/);
});

onBoth(t, 'she changes and removes her address', async (t, base) => {
  const { app, page, post, emailOf } = await appOf(t, base);
  const changed = await post(`${mine}/address`, 'email=neu%40mail.example');
  t.match([changed.statusCode, changed.headers.location], [303, mine]);
  t.equal(await emailOf('mine00000001'), 'neu@mail.example');
  const refused = await post(`${mine}/address`, 'email=neu');
  t.equal(refused.statusCode, 400);
  t.match(refused.body, /id="email-error"/);
  t.match(refused.body, 'value="neu"');
  t.equal(await emailOf('mine00000001'), 'neu@mail.example', 'and nothing changed');
  t.equal((await post(`${mine}/address`, 'email=')).statusCode, 303);
  t.equal(await emailOf('mine00000001'), null);
  t.match(await page(mine), 'we have no address of yours');
  t.equal((await app.inject({ method: 'GET', url: `${mine}/address` })).statusCode, 404);
});

onBoth(t, 'she takes it back, and the page stays', async (t, base) => {
  const { app, page, post, emailOf } = await appOf(t, base);
  t.match(await page('/issues/publish00001'), '14 people told us');
  for (let twice = 0; twice < 2; twice++) {
    t.match((await post(`${mine}/withdraw`)).headers.location, mine);
  }
  t.equal(await emailOf('mine00000001'), null);
  const after = await page(mine);
  t.match(after, 'You took this back');
  t.match(after, 'I tried three times');
  t.notMatch(after, 'Take it back');
  t.match((await app.inject(mine)).body, '<a href="/issues/publish00001#me-too">Tell us anew</a>');
  t.match(await page('/issues/publish00001'), '13 people told us');
  t.equal((await post(`${mine}/address`, 'email=neu%40mail.example')).statusCode, 409);
});

onBoth(
  t,
  'the link in a mail leaves the whole issue, the link of a report only that report',
  async (t, base) => {
    const { app, emailOf } = await appOf(t, base);
    const { issue_id } = await base.db
      .selectFrom('report')
      .select('issue_id')
      .where('id', '=', 'mine00000001')
      .executeTakeFirstOrThrow();
    const both = () =>
      base.db
        .updateTable('report')
        .set({ email: 'ana@mail.example', issue_id, state: 'linked' })
        .where('id', 'in', ['mine00000001', 'fresh0000001'])
        .execute();
    await both();
    await app.inject({ method: 'POST', url: `${mine}/unsubscribe` });
    t.equal(await emailOf('mine00000001'), null);
    t.equal(
      await emailOf('fresh0000001'),
      'ana@mail.example',
      'whoever typed her address takes her off nothing else',
    );
    await both();
    const fromMail = `/r/${links.token('leave', 'mine00000001')}`;
    t.equal((await app.inject(fromMail)).statusCode, 404, 'it opens no report');
    t.match((await app.inject(`${fromMail}/unsubscribe`)).body, mine);
    await app.inject({ method: 'POST', url: `${fromMail}/unsubscribe` });
    t.equal(await emailOf('mine00000001'), null);
    t.equal(await emailOf('fresh0000001'), null);
  },
);

onBoth(t, 'one click leaves: any body, no cookie, any origin, twice the same', async (t, base) => {
  const { app, emailOf } = await appOf(t, base);
  const multipart =
    '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n';
  const bodies: [type: string | null, payload: string][] = [
    ['application/x-www-form-urlencoded', 'List-Unsubscribe=One-Click'],
    ['multipart/form-data; boundary=b', multipart],
    ['text/plain', 'List-Unsubscribe=One-Click'],
    ['application/json', '{'],
    [null, ''],
  ];
  for (const why of ['unsubscribe', 'not-me']) {
    for (const [type, payload] of bodies) {
      await base.db
        .updateTable('report')
        .set({ email: 'ana@mail.example' })
        .where('id', '=', 'mine00000001')
        .execute();
      for (let twice = 0; twice < 2; twice++) {
        const answer = await app.inject({
          method: 'POST',
          url: `${mine}/${why}`,
          headers: { origin: 'https://mail.example', ...(type ? { 'content-type': type } : {}) },
          payload,
        });
        t.equal(answer.statusCode, 200, `${why} ${type}`);
        t.match(answer.body, 'Your address is removed');
        t.equal(answer.headers['set-cookie'], undefined);
        t.equal(await emailOf('mine00000001'), null);
      }
    }
  }
});

onBoth(t, 'looking changes nothing, however often', async (t, base) => {
  const { app } = await appOf(t, base);
  const all = () => base.db.selectFrom('report').selectAll().orderBy('id').execute();
  const before = await all();
  for (let n = 0; n < 5; n++) {
    for (const method of ['GET', 'HEAD', 'OPTIONS'] as const) {
      for (const path of ['', '/not-me', '/unsubscribe', '/withdraw', '/address', '/worked']) {
        const { statusCode } = await app.inject({ method, url: mine + path });
        t.ok(statusCode < 500);
        if (method === 'GET' && ['/not-me', '/unsubscribe'].includes(path)) t.equal(statusCode, 200);
      }
    }
  }
  t.same(await all(), before);
});

onBoth(t, 'tokens that are forged, cut, or for something else all get the same answer', async (t, base) => {
  const { app, post } = await appOf(t, base);
  const good = links.token('report', 'mine00000001');
  const bad = [
    good.slice(0, -1),
    `${good}x`,
    `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`,
    good.toUpperCase(),
    links.token('subscriber', 'mine00000001'),
    links.token('report', 'nosuch000001'),
    linksFor(Buffer.alloc(32, 8)).token('report', 'mine00000001'),
    'mine00000001',
    'x',
    '%00',
    '%F0%9F%92%A5',
    'a'.repeat(199),
  ];
  const wanted = (await app.inject('/r/unknown')).body;
  for (const token of bad) {
    for (const path of ['', '/not-me', '/unsubscribe']) {
      const answer = await app.inject(`/r/${token}${path}`);
      t.equal(answer.statusCode, 404, token + path);
      t.equal(answer.body, wanted);
      t.match(answer.headers, { 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
    }
    for (const path of ['/address', '/not-me', '/unsubscribe', '/withdraw']) {
      const answer = await post(`/r/${token}${path}`, 'email=evil%40mail.example');
      t.equal(answer.statusCode, 404, token + path);
      t.equal(answer.body, wanted);
    }
  }
  const { n } = await base.db
    .selectFrom('report')
    .select((eb) => eb.fn.countAll().as('n'))
    .where('email', '=', 'evil@mail.example')
    .executeTakeFirstOrThrow();
  t.equal(Number(n), 0);
});

onBoth(t, 'a late me too says that a person will read it', async (t, base) => {
  const { page, post } = await appOf(t, base);
  const sent = await post('/issues/fixed0000001/me-too', 'message=Still+twice&email=eva%40mail.example');
  t.match(
    await page(sent.headers.location as string),
    'We thought this was over. A person will read what you told us.',
  );
  const report = await base.db
    .selectFrom('report')
    .selectAll()
    .where('message', '=', 'Still twice')
    .executeTakeFirstOrThrow();
  t.match(report, { state: 'new', issue_id: 'fixed0000001', created_at: ago(0) });
});

onBoth(t, 'a step taken back after she may have heard of it is owned up to on her page', async (t, base) => {
  const { page } = await appOf(t, base);
  const issue = await anIssue(base.db);
  const her = own('fresh0000001');
  const step = (from: number, to: number) =>
    base.db.transaction().execute(async (trx) => {
      const { deedId } = await linkReports(trx, ['fresh0000001'], issue!, null, ago(from));
      await takeBack(trx, deedId, ago(to));
    });
  await step(40, 39);
  t.notMatch(await page(her), 'took that back', 'nobody had heard of it');
  await step(30, 10);
  const seen = await page(her);
  t.match(seen, 'We wrote to you too early, and we are sorry. A person will look at it again.');
  t.match(seen, 'We had linked it to a known problem and took that back; we will look at it again.');
  t.match(seen, 'What we promised there does not hold for you.');
  t.notMatch(seen, 'Nobody has read it yet');
});
