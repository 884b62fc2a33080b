import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import type { Database } from '../../src/db.ts';
import { linksFor } from '../../src/links.ts';
import { errorPage } from '../../src/status-page/error-page.ts';
import { onBoth } from '../fixtures/db.ts';
import { fillSample, sampleConfig, sampleNow } from '../fixtures/sample.ts';
import { textOf } from '../fixtures/text.ts';

const links = linksFor(Buffer.alloc(32, 7));
const publicPages = [
  '/',
  '/issues/publish00001',
  '/issues/export000001',
  '/issues/fixed0000001',
  '/search?q=publish',
  '/search?q=nothing+happens+three+browsers',
  '/search?q=ana%40mail.example',
  '/search.json?q=ana+cover+picture',
  '/history',
  '/history?month=2026-10',
  '/report',
  '/robots.txt',
];

async function appOf(t: Test, database: Database) {
  await fillSample(database.db);
  const app = await buildApp({ config: sampleConfig, database, links, now: () => sampleNow });
  t.teardown(() => app.close());
  return app;
}

onBoth(t, "no customer's address, name or words stand on any public page", async (t, base) => {
  const app = await appOf(t, base);
  await base.db.updateTable('report').set({ name: 'Anastasia Canary' }).execute();
  for (const url of publicPages) {
    const { body, headers } = await app.inject(url);
    // What she types into the search is hers to see again; nothing of anybody else's may come with it.
    const shown = body.replaceAll('ana@mail.example', url.includes('ana%40') ? '' : 'ana@mail.example');
    t.notMatch(
      shown + JSON.stringify(headers),
      /@mail\.example|Anastasia|in two browsers|cover picture is cut|It asks twice/,
      url,
    );
  }
});

onBoth(
  t,
  'public pages are whole documents that may be kept for seconds, and set no cookie',
  async (t, base) => {
    const app = await appOf(t, base);
    for (const url of publicPages.filter((page) => !/json|txt|search/.test(page))) {
      const { statusCode, headers, body } = await app.inject(url);
      t.equal(statusCode, 200, url);
      t.match(headers, {
        'cache-control': 'public, max-age=0, s-maxage=1, stale-while-revalidate=2, stale-if-error=86400',
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': /default-src 'none'/,
      });
      t.equal(headers['set-cookie'], undefined);
      t.match(body, /^<!doctype html>\s*<html lang="en">/);
      t.equal(body.match(/<h1>/g)?.length, 1, 'one heading of the first order');
      t.notMatch(body, /style="|<style|onclick|<script(?! type="module" src="\/assets)/);
      t.notMatch(body, /undefined|\[object|NaN/);
      const again = await app.inject({ url, headers: { 'if-none-match': headers.etag as string } });
      t.equal(again.statusCode, 304);
    }
  },
);

onBoth(
  t,
  'what somebody searched for, or brought along in an address, is kept by nobody',
  async (t, base) => {
    const app = await appOf(t, base);
    for (const url of ['/search', '/search?q=publish', '/search.json?q=publish', '/report?q=my+words']) {
      const { statusCode, headers } = await app.inject(url);
      t.equal(statusCode, 200, url);
      t.equal(headers['cache-control'], 'no-store', url);
      t.equal(headers.etag, undefined, url);
    }
  },
);

onBoth(t, 'what is not there is a page too, and a kind one', async (t, base) => {
  const app = await appOf(t, base);
  for (const url of [
    '/issues/nosuch000001',
    '/issues/x',
    '/issues/PUBLISH00001',
    '/nothing',
    '/history?month=x',
  ]) {
    const { statusCode, body, headers } = await app.inject(url);
    t.equal(statusCode, 404, url);
    t.match(textOf(body), 'There is nothing at this address');
    t.match(textOf(body), 'help@lettera.example');
    t.equal(headers['cache-control'], 'no-store');
  }
  t.match((await app.inject('/robots.txt')).body, 'Disallow: /r/');
  t.equal((await app.inject('/favicon.ico')).statusCode, 301);
});

onBoth(t, 'links come from the configuration, whatever the request claims', async (t, base) => {
  const app = await appOf(t, base);
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'gopher' };
  for (const url of ['/', '/issues/publish00001', '/search.json?q=publish', '/favicon.ico']) {
    const answer = await app.inject({ url, headers });
    t.notMatch(answer.body + JSON.stringify(answer.headers), 'evil.example');
  }
  t.match((await app.inject('/')).body, '<link rel="canonical" href="https://status.lettera.example/">');
});

onBoth(t, 'the first view fits in one round trip: 14 kB of HTML and CSS', async (t, base) => {
  const app = await appOf(t, base);
  for (const url of ['/', '/issues/publish00001', '/search?q=publish', '/report']) {
    const { body } = await app.inject(url);
    const [href = ''] = /\/assets\/style\.css[^"]*/.exec(body) ?? [];
    const style = await app.inject(href);
    t.equal(style.statusCode, 200);
    t.match(style.headers['cache-control'], 'immutable');
    const size = gzipSync(body).length + gzipSync(style.body).length;
    t.ok(size <= 14 * 1024, `${url}: ${size} bytes`);
    t.comment(`${url}: ${gzipSync(body).length} + ${gzipSync(style.body).length} bytes`);
  }
  for (const url of ['/assets/style.css?v=before', '/assets/style.css']) {
    const { headers } = await app.inject(url);
    t.equal(headers['cache-control'], 'no-cache', 'what may be meant for another version is kept by nobody');
  }
});

onBoth(t, 'odd questions are answered', async (t, base) => {
  const app = await appOf(t, base);
  for (const q of [
    'q=',
    '',
    'q=a&q=b',
    'q[a]=b',
    'q=%00',
    'q=%F0%9F%92%A5',
    "q=':*|%26!()",
    `q=${'x%20'.repeat(3000)}`,
  ]) {
    t.equal((await app.inject(`/search?${q}`)).statusCode, 200, q.slice(0, 20));
    const json = await app.inject(`/search.json?${q}`);
    t.equal(json.statusCode, 200);
    t.ok(Array.isArray(json.json().results));
  }
});

t.test('an error page says what happened, that it is not her fault, and when to come again', async (t) => {
  const away = { status: 503, title: 'Away', detail: 'The <records> are away.', retryAfter: 60 };
  const body = { message: 'It <fails>', seen: 'x', csrf: 'mine', constructor: 'y' };
  const html = errorPage(sampleConfig, { ...away, sent: { to: '/r/x/more?a=1&b=2', body } });
  const text = textOf(html);
  t.match(text, 'We cannot reach our own records right now');
  t.match(text, 'The <records> are away. Please try again in 60 seconds.');
  t.match(text, 'you did nothing wrong');
  t.match(html, /name="message"[^>]*>\nIt &lt;fails(?:>|&gt;)<\/textarea>/, 'her words are given back');
  t.match(html, '<input type="hidden" name="seen" value="x">');
  t.notMatch(html, 'mine', 'and what is ours is not');
  const looked = textOf(errorPage(sampleConfig, away));
  t.match(looked, 'a page that we have to look up first, and just now we cannot');
  t.notMatch(looked, 'Send it again', 'who only looked has nothing to send');
  t.match(textOf(errorPage(sampleConfig, { status: 418, title: 'A teapot', detail: '' })), 'A teapot');
});
