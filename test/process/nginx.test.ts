import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { ask, findNginx, openFront } from '../fixtures/nginx.ts';
import { adminToken, call, candor, dataDir, incident, until } from '../fixtures/process.ts';

// ops/nginx/candor.conf, as it is, in a real nginx.
const nginx = findNginx();

t.test('Candor behind nginx: one asks for all, news is seen, and the page outlives us', async (t) => {
  if (!nginx) return void t.pass('ops/nginx/candor.conf', { skip: 'no nginx here' });
  const env = {
    DATA_DIR: await dataDir(t),
    ADMIN_TOKEN: adminToken,
    NOTIFIER: 'off',
    TRUST_PROXY: 'loopback',
  };
  const one = candor(t, env);
  const behind = await one.url;
  const { url, asked } = await openFront(t, nginx, behind);
  const { id } = await call(behind, 'POST', '/issues', incident);
  const page = `/issues/${id}`;

  const began = Date.now();
  const seen = { answers: 0, wrong: 0 };
  await Promise.all(
    Array.from({ length: 40 }, async () => {
      while (Date.now() - began < 3_000) {
        const { status } = await ask(url + page);
        seen.answers += 1;
        if (status !== 200) seen.wrong += 1;
      }
    }),
  );
  const seconds = Math.ceil((Date.now() - began) / 1_000);
  t.equal(seen.wrong, 0);
  t.ok(seen.answers > seconds * 20, `${seen.answers} answers in ${seconds} s`);
  t.ok(asked().get(page)! <= seconds + 1, `${asked().get(page)} questions behind nginx in ${seconds} s`);

  await call(behind, 'POST', `/issues/${id}/updates`, {
    status: 'identified',
    message: 'Found: a full disk.',
  });
  await sleep(2_100);
  t.match(
    (await ask(url + page)).body.toString(),
    'Found: a full disk.',
    'who looks after two seconds sees it',
  );

  const plain = await ask(url + page);
  for (const [encoding, unpack] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const) {
    const packed = await ask(url + page, { headers: { 'accept-encoding': encoding } });
    t.equal(packed.headers['content-encoding'], encoding);
    t.equal(unpack(packed.body).toString(), plain.body.toString());
    const again = await ask(url + page, {
      headers: { 'accept-encoding': encoding, 'if-none-match': packed.headers.etag! },
    });
    t.match(again, { status: 304, body: { length: 0 } });
  }

  const form = new URLSearchParams({ message: 'The button is dead.', email: 'ana@customers.example' });
  const posted = await ask(`${url}/report`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  t.equal(posted.status, 303);
  const own = new URL(posted.headers.location!, behind).pathname;
  for (const path of [
    own,
    own,
    '/admin/sign-in',
    '/admin/sign-in',
    '/search?q=dead+button',
    '/search?q=dead+button',
  ]) {
    const { status, headers } = await ask(url + path);
    t.equal(status, 200, path.replace(own, '/r/…'));
    t.equal(headers['x-cache'], undefined, 'it was not looked up');
  }
  t.equal(asked().get(own), 2);
  for (const path of ['/metrics', '/metrics/', '//metrics/', '/%6detrics/'])
    t.equal((await ask(url + path)).status, 404, path);

  one.kill('SIGKILL');
  await one.ended;
  await sleep(2_100);
  const last = await ask(url + page);
  t.match(last, { status: 200, headers: { 'x-cache': 'STALE' } });
  t.equal(last.body.toString(), plain.body.toString());
  for (const [path, method] of [
    [own, 'GET'], // her own page was never kept
    ['/search?q=dead+button', 'GET'],
    ['/history?month=2019-02', 'GET'],
    ['/report', 'POST'],
    [`${page}/me-too`, 'POST'],
    ['/subscribe', 'POST'],
  ] as const) {
    const away = await ask(url + path, { method, body: method === 'POST' ? form.toString() : '' });
    t.match(away, {
      status: 503,
      headers: {
        'retry-after': '30',
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
      },
    });
    t.match(
      away.body.toString(),
      /We cannot be reached right now[\s\S]*our fault[\s\S]*brings your words back/,
      `${method} ${path.replace(own, '/r/…')}`,
    );
  }
  t.notMatch(one.printed(), 'TRUST_PROXY is off');
});

t.test('what nginx keeps, and what it never does', async (t) => {
  if (!nginx) return void t.pass('ops/nginx/candor.conf', { skip: 'no nginx here' });
  const forAll = { 'cache-control': 'public, max-age=0, s-maxage=5, must-revalidate' };
  const pages: Record<string, (request: IncomingMessage, response: ServerResponse, nth: number) => void> = {
    '/public': (_, response) => response.writeHead(200, { ...forAll, vary: 'accept-encoding' }),
    '/cookie': (_, response) => response.writeHead(200, { ...forAll, 'set-cookie': 'who=ana' }),
    '/no-store': (_, response) => response.writeHead(200, { 'cache-control': 'no-store' }),
    '/private': (_, response) => response.writeHead(200, { 'cache-control': 'private, max-age=60' }),
    '/both': (_, response) => response.writeHead(200, { 'cache-control': 'public, no-store' }),
    '/silent': (_, response) => response.writeHead(200),
    '/by-cookie': (_, response) => response.writeHead(200, { ...forAll, vary: 'accept-encoding, cookie' }),
    '/missing': (_, response) => response.writeHead(404, { 'cache-control': 'no-store' }),
    '/away': (_, response, nth) =>
      response.writeHead(nth === 1 ? 200 : 503, nth === 1 ? forAll : { 'cache-control': 'no-store' }),
    '/words': (_, response) => response.writeHead(503, { 'cache-control': 'no-store' }),
    '/forwarded': ({ headers }, response) =>
      response.writeHead(200, {
        'x-saw': [
          headers['x-forwarded-for'],
          headers['x-forwarded-proto'],
          headers['accept-encoding'] ?? 'none',
        ].join(' | '),
      }),
  };
  const { url, came } = await standIn(t, nginx, pages);
  const get = (path: string, headers: Record<string, string> = {}) => ask(url + path, { headers });

  for (const path of ['/cookie', '/no-store', '/private', '/both', '/silent', '/by-cookie', '/missing']) {
    const bodies = [await get(path), await get(path), await get(path)].map(({ body }) => body.toString());
    t.same(bodies, [`${path} 1`, `${path} 2`, `${path} 3`], `${path} is asked for each time`);
  }
  const kept = () => get('/public').then(({ headers }) => headers['x-cache']);
  await until('it is kept', async () => (await kept()) === 'HIT');
  const before = came('/public');
  t.equal((await get('/public', { authorization: 'Bearer x' })).body.toString(), `/public ${before + 1}`);

  const browsers = [
    'gzip, deflate, br, zstd',
    'br',
    'gzip;q=0.5, br;q=1',
    'gzip',
    'gzip, deflate',
    'br;q=0, gzip',
    'zstd',
    '',
    '*',
  ];
  const said: [missed: boolean, sawEncoding: string | undefined][] = [];
  for (const encoding of browsers) {
    const headers = { 'accept-encoding': encoding };
    const missed = (await get('/public?by=encoding', headers)).headers['x-cache'] === 'MISS';
    said.push([missed, String((await get('/forwarded', headers)).headers['x-saw']).split(' | ')[2]]);
  }
  t.same(
    said.map(([, encoding]) => encoding),
    ['br', 'br', 'br', 'gzip', 'gzip', 'gzip', 'none', 'none', 'none'],
  );
  t.equal(
    said.filter(([missed]) => missed).length,
    3,
    'three copies of a page, whatever lists browsers send',
  );

  const forged = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'gopher' };
  const post = await ask(`${url}/forwarded`, {
    method: 'POST',
    from: '127.0.0.2',
    headers: forged,
    body: 'said',
  });
  t.match(
    post.headers['x-saw'],
    /^127\.0\.0\.2 \| http \|/,
    'the visitor is who comes, not who she says she is',
  );

  t.equal((await get('/away')).status, 200);
  await sleep(2_100);
  const old = await get('/away');
  t.match(old, { status: 200, headers: { 'x-cache': 'STALE' } }, 'an old page, and not our 503');
  t.equal(old.body.toString(), '/away 1');
  t.ok(came('/away') > 1, 'it was asked for');

  const given = await ask(`${url}/words`, { method: 'POST', body: 'said' });
  t.match(
    [given.status, given.body.toString()],
    [503, '/words 1'],
    'our own 503 brings her words back itself',
  );

  const first = (await get('/public?quiet')).body.toString();
  await sleep(2_100);
  t.not(
    (await get('/public?quiet')).body.toString(),
    first,
    'who looks first after a while sees what is true now',
  );
});

/** nginx before a server that answers each page with its address and how often it was asked for. */
async function standIn(
  t: Test,
  nginx: string,
  pages: Record<string, (request: IncomingMessage, response: ServerResponse, nth: number) => void>,
) {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url!;
    const nth = (counts.get(path) ?? 0) + 1;
    counts.set(path, nth);
    const page = pages[path.split('?')[0]!];
    if (page) page(request, response, nth);
    response.end(`${path} ${nth}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { url } = await openFront(t, nginx, `http://127.0.0.1:${port}`);
  return { url, came: (path: string) => counts.get(path) ?? 0 };
}
