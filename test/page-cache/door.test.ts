import { type IncomingHttpHeaders, request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import t from 'tap';
import { onBoth } from '../fixtures/db.ts';
import { servePages } from '../fixtures/pages.ts';
import { until } from '../fixtures/process.ts';
import { fillSample } from '../fixtures/sample.ts';

interface Raw {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, async (answer) => {
      const body = Buffer.concat(await answer.toArray());
      resolve({ status: answer.statusCode!, headers: answer.headers, body });
    });
    asked.on('error', reject).end();
  });
}

const textOf = async (url: string) => (await ask(url)).body.toString();

onBoth(t, 'a public page is made once, and the same in every form it is asked for', async (t, base) => {
  await fillSample(base.db);
  const { url, made } = await servePages(t, base);
  for (const path of [
    '/',
    '/issues/publish00001',
    '/history',
    '/feed.json',
    '/api/v2/summary.json',
    '/badge.svg',
  ]) {
    made.length = 0;
    const plain = await ask(url + path);
    t.equal(plain.status, 200, path);
    t.match(
      plain.headers['cache-control'],
      /^public, max-age=\d+, .*stale-while-revalidate=\d+, stale-if-error=\d+$/,
    );
    const br = await ask(url + path, { 'accept-encoding': 'gzip, deflate, br' });
    const gzip = await ask(url + path, { 'accept-encoding': 'br;q=0, gzip' });
    const isSmall = plain.body.length < 512;
    t.equal(br.headers['content-encoding'], isSmall ? undefined : 'br');
    t.equal(gzip.headers['content-encoding'], isSmall ? undefined : 'gzip');
    if (!isSmall) {
      t.same(brotliDecompressSync(br.body), plain.body);
      t.same(gunzipSync(gzip.body), plain.body);
    }
    const head = await ask(url + path, {}, 'HEAD');
    t.equal(head.body.length, 0);
    t.equal(head.headers['content-length'], String(plain.body.length));
    for (const answer of [br, gzip, head]) t.equal(answer.headers.etag, plain.headers.etag);
    t.match(plain.headers, { vary: /accept-encoding/i, 'content-security-policy': /default-src 'none'/ });

    const unchanged = await ask(url + path, { 'if-none-match': `"other", ${plain.headers.etag}` });
    t.equal(unchanged.status, 304);
    t.equal(unchanged.body.length, 0);
    t.match(unchanged.headers, { etag: plain.headers.etag, 'cache-control': plain.headers['cache-control'] });
    const since = plain.headers['last-modified']!;
    t.equal((await ask(url + path, { 'if-modified-since': since })).status, 304);
    t.equal((await ask(url + path, { 'if-modified-since': since, 'if-none-match': '"other"' })).status, 200);
    t.same(made, [path], 'and made once for all of it');
  }
});

onBoth(t, 'whoever changes something sees it at her next look', async (t, base) => {
  const { url, call } = await servePages(t, base);
  await textOf(`${url}/`);
  const part = await call('POST', '/components', { name: 'The editor' });
  t.match(await textOf(`${url}/`), /The editor/);
  const issue = await call('POST', '/issues', {
    title: 'Publishing does nothing',
    kind: 'incident',
    message: 'We are looking.',
    components: [{ id: part.body.id, status: 'partial_outage' }],
  });
  const path = `/issues/${issue.body.id}`;
  for (const page of ['/', '/history', path, '/history.atom', '/api/v2/incidents.json'])
    t.match(await textOf(url + page), /Publishing does nothing/, page);

  for (const said of ['We found it.', 'We are testing the repair.', 'It is out.']) {
    await call('POST', `${path}/updates`, { status: 'identified', message: said });
    t.match(await textOf(url + path), said);
  }
  await call('PATCH', path, { title: 'Publishing does little' });
  t.match(await textOf(`${url}/`), /Publishing does little/);
  const before = await ask(url + path);
  const told = await fetch(`${url}${path}/me-too`, {
    method: 'POST',
    body: new URLSearchParams({}),
    redirect: 'manual',
  });
  t.equal(told.status, 303);
  const after = await ask(url + path);
  t.not(after.headers.etag, before.headers.etag);
  t.match(after.body.toString(), /(?:1|one) person/i);
  await call('POST', `${path}/updates`, { status: 'resolved', message: 'It works again.' });
  t.match(await textOf(`${url}/`), /We know of nothing that is broken/);
});

onBoth(
  t,
  'a change that came another way is seen too, and what it does not concern is left alone',
  async (t, base) => {
    await fillSample(base.db);
    const { url, made } = await servePages(t, base);
    const pages = ['/', '/issues/publish00001', '/issues/export000001', '/tools'];
    for (const page of pages) await textOf(url + page);
    made.length = 0;
    await base.db.updateTable('issue').set({ impact: 'critical' }).where('id', '=', 'publish00001').execute();
    await until('the issue is made anew', () => made.includes('/issues/publish00001') && made.includes('/'));
    for (const page of pages) await textOf(url + page);
    t.notOk(made.includes('/issues/export000001'), 'another issue is the same as before');
    t.same(made.filter((one) => one === '/').length, 1, 'the front page is made once');

    await base.db
      .updateTable('issue')
      .set({ title: 'Another title' })
      .where('id', '=', 'export000001')
      .execute();
    await until('the front page says it', async () => /Another title/.test(await textOf(`${url}/`)));
  },
);

onBoth(t, 'what is for one person is never kept', async (t, base) => {
  const { url, pages, made } = await servePages(t, base);
  const told = await fetch(`${url}/report`, {
    method: 'POST',
    body: new URLSearchParams({ message: 'My canary words', email: 'canary@mail.example' }),
    redirect: 'manual',
  });
  const own = told.headers.get('location')!;
  const { ready } = pages.counts;
  made.length = 0;
  for (const path of [own, own, '/admin', '/search?q=canary', '/report?q=canary', '/metrics', '/readyz']) {
    const { headers } = await ask(url + path);
    t.match(headers['cache-control'] ?? 'no-store', /no-store/, path);
  }
  t.equal(pages.counts.ready, ready, 'none of it came from memory');
  t.same(made, [], 'nor was it made for it');
  for (const path of ['/', '/report', '/history', '/tools', '/api/v2/summary.json'])
    t.notMatch(await textOf(url + path), /canary/, path);
});

onBoth(t, 'a promise that runs out is overdue on the page when it does', async (t, base) => {
  const { url, call } = await servePages(t, base);
  const promised = new Date(Date.now() + 2_500).toISOString();
  const issue = await call('POST', '/issues', {
    title: 'Slow',
    kind: 'incident',
    message: 'We look.',
    next_update_at: promised,
  });
  const path = `${url}/issues/${issue.body.id}`;
  const late = /We promised/;
  t.notMatch(await textOf(path), late);
  await until('the page says so', async () => late.test(await textOf(path)), 20);
});

onBoth(t, 'unusual requests are answered as they were', async (t, base) => {
  await fillSample(base.db);
  const { url } = await servePages(t, base);
  t.equal((await ask(`${url}/issues/nosuch000001`)).status, 404);
  t.equal((await ask(`${url}/api/v2/nothing.json`)).status, 404);
  t.equal((await ask(`${url}/history?month=x`)).status, 404);
  t.equal((await ask(`${url}/`, { 'accept-encoding': 'identity;q=0, zstd' })).status, 200);
  t.equal((await ask(`${url}/?utm_source=x`)).headers.etag, (await ask(`${url}/`)).headers.etag);
  const forged = await ask(`${url}/`, { host: 'evil.example', 'x-forwarded-host': 'evil.example' });
  t.notMatch(forged.body.toString() + JSON.stringify(forged.headers), /evil/);
});
