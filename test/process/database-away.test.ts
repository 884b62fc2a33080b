import t, { type Test } from 'tap';
import { connect } from '../../src/db.ts';
import { sayLosses } from '../../src/losses.ts';
import { freePort, startCluster } from '../fixtures/db.ts';
import { adminToken, type Candor, call, candor, emptyDir, incident, until } from '../fixtures/process.ts';

const words = 'It <b>breaks</b> & says "no"';
const email = 'ana@customers.example';
const ageInWords =
  /We cannot reach our own records right now\. That is our fault.*This page shows how things stood at <time datetime="2/;

t.test(
  'with PostgreSQL away the page stays, says how old it is, loses no word, and comes back',
  async (t) => {
    const cluster = await startCluster();
    t.teardown(() => cluster.stop());
    const env = {
      DATABASE_URL: cluster.template,
      DATA_DIR: emptyDir(t),
      ADMIN_TOKEN: adminToken,
      PORT: String(await freePort()),
      NOTIFIER: 'off',
    };
    const url = `http://127.0.0.1:${env.PORT}`;
    const first = candor(t, env);
    await first.url;
    const { id } = await call(url, 'POST', '/issues', incident);
    const own = await report(url);
    const seen: Seen = { url, id, own, pages: publicPages(id) };
    for (const path of seen.pages) t.equal((await fetch(url + path)).status, 200, path);

    const before = Date.now();
    await cluster.crash();
    await until('it says how old it is', () => isOld(url));
    await t.test('while it runs', (t) => showsWhatItKnew(t, seen, before));
    await t.test('back by itself', async (t) => {
      await cluster.start();
      await isBack(t, seen, cluster.template);
    });

    const crashed = Date.now();
    await cluster.crash();
    await until('it says how old it is once more', () => isOld(url));
    await stopsWell(t, first);
    const waiting = candor(t, env);
    const began = Date.now();
    await until('a start without the database shows the last pages', () => isOld(url));
    t.comment(`after ${Date.now() - began} ms`);
    await t.test('after a start', (t) => showsWhatItKnew(t, seen, crashed));
    await t.test('it stops meanwhile', (t) => stopsWell(t, waiting));

    const last = candor(t, env);
    await until('the next one shows them too', () => isOld(url));
    await cluster.start();
    await last.url;
    await isBack(t, seen, cluster.template);
    await stopsWell(t, last);
    const printed = [first, waiting, last].map((one) => one.printed()).join('\n');
    t.notMatch(printed, /customers\.example|breaks/, 'no address and no words in the logs');
    const lines = first.printed().match(/connections were lost[^\n]*/g) ?? [];
    const minutes = Math.ceil((Date.now() - before) / 60_000);
    t.ok(lines.length >= 1 && lines.length <= minutes, `${lines.length} lines in ${minutes} minutes`);
    t.match(first.printed(), 'the database answers again');
  },
);

t.test('what is lost is said at once, then once a minute, and the end of it too', async (t) => {
  const said: string[] = [];
  let now = 0;
  const log = { warn: (fields: object, words: string) => said.push(`${JSON.stringify(fields)} ${words}`) };
  const losses = sayLosses(log as never, () => now);
  losses.back();
  t.same(said, [], 'a first connection is no news');
  for (now = 0; now < 120_000; now += 250) losses.lost(new Error('refused'));
  const words = 'database connections were lost; they will be replaced';
  t.same(said.splice(0), [
    `{"lost":1,"reason":"refused"} ${words}`,
    `{"lost":240,"reason":"refused"} ${words}`,
  ]);
  losses.back();
  losses.back();
  t.same(said.splice(0), ['{"lost":239} the database answers again']);
  losses.lost(new Error('refused'));
  losses.back();
  t.equal(said.length, 2, 'a minute has passed since');
  losses.lost(new Error('refused'));
  losses.back();
  t.equal(said.length, 2, 'and now it has not');
});

interface Seen {
  url: string;
  /** An open issue. */
  id: string;
  /** The path of a reporter's own page. */
  own: string;
  pages: string[];
}

function publicPages(id: string): string[] {
  const pages = ['/', `/issues/${id}`, '/history', '/promise', '/report', '/subscribe', '/tools'];
  const feeds = ['/history.atom', '/history.rss', '/feed.json'];
  return [...pages, ...feeds, '/api/v2/summary.json', '/badge.svg', '/maintenance.ics'];
}

async function showsWhatItKnew(t: Test, seen: Seen, crashedAt: number): Promise<void> {
  const { url, id, own } = seen;
  for (const path of seen.pages) {
    const page = await fetch(url + path);
    const body = await page.text();
    const knownAt = Date.parse(page.headers.get('x-known-at') ?? '');
    t.equal(page.status, 200, path);
    t.ok(
      knownAt <= crashedAt + 5_000 && knownAt > crashedAt - 60_000,
      `${path} is as of ${knownAt - crashedAt} ms`,
    );
    if (/^text\/html/.test(page.headers.get('content-type') ?? '')) t.match(body, ageInWords, path);
    if (['/', `/issues/${id}`, '/history', '/feed.json', '/api/v2/summary.json'].includes(path))
      t.match(body, incident.title, `${path} still says what it said`);
  }
  await keepsHerWords(t, seen);

  const search = await fetch(`${url}/search?${new URLSearchParams({ q: words })}`);
  isAway(t, search, 'a search');
  const [, inBox = ''] = /<input id="q" name="q"[^>]* value="([^"]*)"/.exec(await search.text()) ?? [];
  t.equal(unescaped(inBox), words, 'her words are still in the search box');
  for (const path of ['/issues/000000000000', '/history?month=2019-02', own]) {
    const page = await fetch(url + path);
    isAway(t, page, path);
    const body = await page.text();
    t.match(body, /<h1>We cannot reach our own records right now/, path);
    t.notMatch(body, /send it again|Send it again/, 'who sent nothing is not asked to send it again');
  }
  t.equal((await fetch(`${url}/healthz`)).status, 200);
  t.equal((await fetch(`${url}/readyz`)).status, 503);
  const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
  const api = await fetch(`${url}/api/v1/issues`, {
    method: 'POST',
    headers,
    body: JSON.stringify(incident),
  });
  isAway(t, api, 'the API');
  t.match(api.headers.get('content-type'), /^application\/problem\+json/);
  t.match(await api.json(), { status: 503, detail: /send it again in half a minute/ });
  const looked = await fetch(`${url}/api/v1/issues`, { headers });
  isAway(t, looked, 'a look through the API');
  t.match(await looked.json(), {
    detail: /does not answer just now\. Please look again in half a minute\.$/,
  });
}

/** Each form is given back with what to do, and with every word of it in its field. */
async function keepsHerWords(t: Test, { url, id, own }: Seen): Promise<void> {
  const lines = /<textarea[^>]* name="(\w+)"[^>]*>\n([^<]*)<\/textarea>/g;
  const line = /<input(?=[^>]* name="(\w+)")(?=[^>]* type="(?:text|email)")[^>]* value="([^"]*)"/g;
  const forms: [path: string, typed: Record<string, string>][] = [
    ['/report', { message: words, email, name: 'Ana <i>', page_url: 'https://paperboat.example/x?a=1&b=2' }],
    [`/issues/${id}/me-too`, { message: words, email }],
    ['/subscribe', { email }],
    ['/come-back', { code: 'K7QF-2M1N-R4' }],
    [`${own}/more`, { message: words }],
    [`${own}/worked`, { comment: words }],
    [`${own}/workaround`, { offer: words, credit: 'Ana <i>' }],
    [`${own}/address`, { email }],
  ];
  for (const [path, typed] of forms) {
    const rest = path.endsWith('/worked') ? { worked: 'no' } : {};
    const answer = await send(url + path, { ...typed, ...rest });
    isAway(t, answer, `POST ${path}`);
    const html = await answer.text();
    t.notMatch(html, /<b>breaks|<i>/, `POST ${path} answers with her words as words`);
    t.match(html, /again in half a minute/, `POST ${path} says what to do`);
    const fields = [...html.matchAll(lines), ...html.matchAll(line)].map(([, name, value]) => [name, value]);
    for (const [name, value] of Object.entries(typed)) {
      const [, kept] = fields.find(([field]) => field === name) ?? [];
      t.equal(kept && unescaped(kept), value, `POST ${path} keeps ${name}`);
    }
    t.match(html, `action="${path}"`, `POST ${path} can be sent again`);
    for (const [name, value] of Object.entries(rest))
      t.match(html, `type="hidden" name="${name}" value="${value}"`, 'and what she had chosen');
  }
}

function isAway(t: Test, { status, headers }: Response, what: string): void {
  t.equal(status, 503, what);
  t.equal(headers.get('retry-after'), '30', `${what}: when to try again`);
  t.equal(headers.get('cache-control'), 'no-store', what);
}

/** Nobody did anything for it. */
async function isBack(t: Test, { url, id, pages }: Seen, databaseUrl: string): Promise<void> {
  await until('it is ready', async () => (await fetch(`${url}/readyz`)).status === 200);
  await until('no page speaks of its age', async () => !(await isOld(url)));
  for (const path of pages) {
    const page = await fetch(url + path);
    t.match([page.status, page.headers.get('x-known-at')], [200, null], path);
  }
  const told = await report(url);
  t.match(unescaped(await (await fetch(url + told)).text()), words, 'a new report is kept');
  const base = await connect({ databaseUrl, dataDir: '' });
  await until('it listens for news', async () => {
    const listening = await base.db
      .selectFrom('pg_stat_activity' as never)
      .select('pid' as never)
      .where('query' as never, '=', 'listen "page"' as never)
      .execute();
    return listening.length === 1;
  });
  await base.close();
  const message = `Since ${Date.now()} it works for half of you.`;
  await call(url, 'POST', `/issues/${id}/updates`, { status: 'identified', message });
  t.match(await (await fetch(`${url}/issues/${id}`)).text(), message, 'and so is what we say');
}

async function isOld(url: string): Promise<boolean> {
  return fetch(url).then(
    (page) => page.headers.get('x-known-at') !== null,
    () => false,
  );
}

/** Answers the path of her own page. */
async function report(url: string): Promise<string> {
  const answer = await send(`${url}/report`, { message: words });
  return new URL(answer.headers.get('location')!, url).pathname;
}

function send(url: string, fields: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
}

async function stopsWell(t: Test, one: Candor): Promise<void> {
  one.kill('SIGTERM');
  t.match(await one.ended, { code: 0, signal: null }, one.printed());
}

function unescaped(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
