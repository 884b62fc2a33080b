import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { openCache } from '../../src/page-cache/cache.ts';
import type { Answer } from '../../src/page-cache/page.ts';
import { openShelf } from '../../src/page-cache/shelf.ts';
import { emptyDir, until } from '../fixtures/process.ts';

const page = (words: string): Answer => ({
  status: 200,
  headers: [
    ['content-type', 'text/html; charset=utf-8'],
    ['cache-control', 'public, max-age=0'],
  ],
  body: Buffer.from(`<!doctype html><main id="main"><p>${words}</p></main>`),
});
const refused = (status: number): Answer => ({
  status,
  headers: [
    ['content-type', 'text/html; charset=utf-8'],
    ['cache-control', 'no-store'],
  ],
  body: Buffer.from(`<p>${status}</p>`),
});

/** A cache before a maker that the test plays: what it answers, and how often it was asked. */
async function open(t: Test, folder: string | null, patienceMs = 200) {
  const world = { answer: async (url: string) => page(url) as Answer, asked: [] as string[] };
  const fail = (error: unknown) => t.fail(String(error));
  const cache = openCache({
    make: (url) => {
      world.asked.push(url);
      return world.answer(url);
    },
    shelf: folder === null ? null : openShelf(folder, fail),
    onTrouble: fail,
    mostBytes: 200_000,
    patienceMs,
  });
  const server = createServer((request, response) => {
    if (!cache.answer(request, response)) response.writeHead(418).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    server.close();
    await cache.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = async (path: string) => {
    const answer = await fetch(url + path);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  return { cache, world, get };
}

t.test('without a database the page goes on, and says since when it knows nothing newer', async (t) => {
  const { cache, world, get } = await open(t, emptyDir(t));
  const first = await get('/');
  t.notMatch(first.text, /as things stood|how things stood/);
  world.answer = async () => refused(503);
  cache.hear('');
  const old = await Promise.all(Array.from({ length: 200 }, () => get('/')));
  for (const { status, text, headers } of old) {
    t.equal(status, 200);
    t.match(text, /<main id="main">\s*<p class="known-at"[\s\S]*how things stood[\s\S]*<p>\/<\/p>/);
    t.ok(Date.parse(headers.get('x-known-at')!) <= Date.now());
    t.not(headers.get('etag'), first.headers.get('etag'));
    t.equal(headers.get('last-modified'), null, 'or a client that goes by the time would keep it afterwards');
  }
  const asked = world.asked.length;
  for (let n = 0; n < 50; n++) await get('/');
  t.equal(world.asked.length, asked, 'while it is away nobody is kept waiting for it');
  t.equal((await get('/history')).status, 503, 'what was never made cannot be shown');

  world.answer = async () => page('news');
  cache.noteDatabase(true);
  const back = await get('/');
  t.match(back.text, /news/);
  t.equal(back.headers.get('x-known-at'), null);
});

t.test('a database that hangs keeps nobody waiting for long', async (t) => {
  const { cache, world, get } = await open(t, emptyDir(t), 100);
  await get('/');
  const hangs: ((answer: Answer) => void)[] = [];
  world.answer = () =>
    new Promise((resolve) => {
      hangs.push(resolve);
    });
  cache.hear('');
  t.match((await get('/')).text, /how things stood/);
  world.answer = async () => page('late news');
  for (const answer of hangs) answer(page('late news'));
  cache.noteDatabase(true);
  await until('the news are shown', async () => /late news/.test((await get('/')).text));
});

t.test('a page that fails by itself is shown as it was, and the others as they are', async (t) => {
  const { cache, world, get } = await open(t, null);
  await get('/');
  await get('/history');
  world.answer = async (url) => (url === '/' ? refused(500) : page('news'));
  cache.hear('');
  t.match((await get('/')).text, /how things stood/);
  t.match((await get('/history')).text, /news/);
  world.answer = async () => page('mended');
  await until('it is made again', async () => /mended/.test((await get('/')).text));
});

t.test('what is not there any more is not shown any more, in memory or on disk', async (t) => {
  const folder = emptyDir(t);
  const { cache, world, get } = await open(t, folder);
  await get('/issues/abcdef012345');
  await cache.close();
  const read = () =>
    openShelf(folder, () => {})
      .read()
      .map(({ address }) => address.key);
  t.same(read(), ['/issues/abcdef012345']);
  const again = await open(t, folder);
  again.world.answer = async () => refused(404);
  t.equal((await again.get('/issues/abcdef012345')).status, 404);
  await again.cache.close();
  t.same(read(), []);
  world.answer = async () => refused(404);
});

t.test(
  'after a restart without a database a page says until when it was known, not when it was made',
  async (t) => {
    const folder = emptyDir(t);
    const first = await open(t, folder);
    await first.get('/');
    const made = Date.now();
    await until('a second is over', () => Date.now() > made + 1_000);
    first.cache.noteDatabase(true);
    await first.cache.close();
    const again = await open(t, folder);
    t.ok(again.cache.hasFront);
    again.world.answer = async () => refused(503);
    const { headers } = await again.get('/');
    t.ok(Date.parse(headers.get('x-known-at')!) > made + 900);
  },
);

t.test('memory is bounded: who was asked for longest ago makes room, and the front page never', async (t) => {
  const { cache, world, get } = await open(t, null);
  world.answer = async (url) => page(url.repeat(500));
  await get('/');
  for (let n = 0; n < 60; n++) await get(`/issues/abcdef0123${String(n).padStart(2, '0')}`);
  world.asked.length = 0;
  await get('/');
  await get('/issues/abcdef012359');
  t.same(world.asked, [], 'what was asked for lately is still there');
  await get('/issues/abcdef012300');
  t.same(world.asked, ['/issues/abcdef012300'], 'the first one is not');
  t.equal(cache.counts.made, 62);
});

t.test('what says that it is not for everybody is not kept, and reaches only who asked', async (t) => {
  const { world, get } = await open(t, null);
  world.answer = async () => ({ ...page('mine'), headers: [['cache-control', 'no-store']] });
  await get('/');
  await get('/');
  t.equal(world.asked.length, 2);
  world.answer = async () => ({ ...page('mine'), headers: [...page('').headers, ['set-cookie', 'a=b']] });
  await get('/');
  await get('/');
  t.equal(world.asked.length, 4);
});
