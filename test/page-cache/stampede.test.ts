import { randomBytes } from 'node:crypto';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { onBoth } from '../fixtures/db.ts';
import { servePages } from '../fixtures/pages.ts';
import { fillSample } from '../fixtures/sample.ts';

/** One look at an address; the connection is kept for the next. */
function look(url: string, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, async (answer) => {
      const text = Buffer.concat(await answer.toArray()).toString();
      resolve({ status: answer.statusCode!, text });
    }).on('error', reject);
  });
}

onBoth(
  t,
  'a thousand readers at the instant of a change get the new page from one making',
  async (t, base) => {
    await fillSample(base.db);
    const { url, made, call } = await servePages(t, base);
    const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });
    t.teardown(() => agent.destroy());
    const page = `${url}/issues/publish00001`;
    const all = () => Promise.all(Array.from({ length: 1_000 }, () => look(page, agent)));
    await all();
    t.same(made, ['/issues/publish00001'], 'as they got the first one');

    await aQuietMinute();
    made.length = 0;
    const update = { status: 'monitoring', message: 'The button publishes again.', notify: false };
    t.equal((await call('POST', '/issues/publish00001/updates', update)).status, 201);
    const answers = await all();
    const isNew = ({ status, text }: Awaited<ReturnType<typeof look>>) =>
      status === 200 && text.includes(update.message);
    t.equal(answers.filter(isNew).length, 1_000);
    t.equal(made.filter((path) => path === '/issues/publish00001').length, 1);
  },
);

/** Each minute the pages are made anew, for the ages that they show: far enough from the next one. */
async function aQuietMinute(): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 20_000) await sleep(left + 100);
}

onBoth(t, 'ten thousand unknown addresses and queries keep nobody from the page', async (t, base) => {
  await fillSample(base.db);
  const { url, made, pages } = await servePages(t, base);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  await look(`${url}/`, agent);
  made.length = 0;
  const ready = pages.counts.ready;
  let fronts = 0;
  for (let n = 0; n < 10_000; n += 500) {
    const some = Array.from({ length: 500 }, (_, i) => strange(n + i));
    const [front, answers] = await Promise.all([look(`${url}/`, agent), statusesOf(url, some)]);
    if (front.status === 200 && front.text.includes('The publish button does nothing')) fronts += 1;
    t.equal(answers.length, 500);
    t.same(
      answers.filter((status) => ![200, 404, 503].includes(status)),
      [],
      'each is answered',
    );
  }
  t.equal(fronts, 20, 'the front page answers meanwhile');
  t.same(
    made.filter((path) => path.startsWith('/?')),
    [],
    'and is not made again for a query that it does not read',
  );
  t.ok(pages.counts.ready - ready >= 9_000, 'each of them is the one front page');
  t.ok(made.length < 1_200, 'and what is nowhere is looked for once');
});

/** Asks for them all on one connection, for the heads alone, without waiting for an answer in between. */
async function statusesOf(url: string, paths: string[]): Promise<number[]> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const heads = paths.map(
    (path, n) =>
      `HEAD ${path} HTTP/1.1\r\nHost: x\r\n${n === paths.length - 1 ? 'Connection: close\r\n' : ''}\r\n`,
  );
  socket.write(heads.join(''));
  const said = Buffer.concat(await socket.toArray()).toString('latin1');
  return [...said.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
}

/** Of ten, nine are the front page with a query that it does not read, and one is nowhere. */
function strange(n: number): string {
  const word = randomBytes(6).toString('hex');
  if (n % 10 > 0) return `/?${word}=${word}`;
  return n % 20 ? `/issues/${word}` : `/api/v2/${word.replace(/\d/g, 'x')}.json`;
}
