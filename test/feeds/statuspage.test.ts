import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Statuspage } from 'statuspage.io';
import t, { type Test } from 'tap';
import type { Database } from '../../src/db.ts';
import { importStatuspage } from '../../src/issues/import-statuspage.ts';
import { openApp, type TestApp } from '../fixtures/app.ts';
import { openBrowser } from '../fixtures/browser.ts';
import { freePort, freshDatabase, onBoth } from '../fixtures/db.ts';
import { paths, sameShape } from '../fixtures/statuspage-keys.ts';

const realFile = new URL('../../../shared/data/statuspage-incidents.json', import.meta.url);

onBoth(t, 'every answer has Statuspage’s shape, key for key, and says what is true', async (t, base) => {
  const { ids, get } = await tell(t, base);
  for (const path of paths) sameShape(t, path, await get(path));

  const summary = await get('summary');
  t.match(summary.page, { name: 'Paperboat', url: 'https://status.example.com', time_zone: 'Etc/UTC' });
  t.equal(summary.page.updated_at, '2026-11-21T14:00:00.000Z', 'the last change of anything');
  t.same(summary.status, { indicator: 'major', description: 'Partial System Outage' });

  const [website, editor, publishing, mail] = summary.components;
  t.match(website, {
    name: 'Website',
    group: true,
    status: 'major_outage',
    components: [ids.editor, ids.publishing],
  });
  t.match(editor, { id: ids.editor, status: 'major_outage', group_id: website.id, start_date: '2026-11-21' });
  t.match(publishing, { id: ids.publishing, status: 'degraded_performance', group_id: website.id });
  t.match(mail, {
    id: ids.mail,
    status: 'operational',
    group_id: null,
    created_at: '2026-11-21T12:00:00.000Z',
  });
  t.equal(editor.updated_at, '2026-11-21T13:00:00.000Z', 'a component is dated by what was said of it');

  t.same(titles(summary.incidents), ['A bug in publishing', 'Nothing opens'], 'newest first');
  t.same(titles(summary.scheduled_maintenances), ['New disks']);
  const outage = summary.incidents[1];
  t.equal(outage.shortlink, `https://status.example.com/issues/${ids.outage}`);
  t.match(outage, { impact: 'major', status: 'identified', started_at: '2026-11-21T11:30:00.000Z' });
  t.same(outage.components, [editor], 'the component itself, as it stands now');
  const [second, first] = outage.incident_updates;
  t.match(first, { status: 'investigating', body: 'We **look** <into> it.', deliver_notifications: true });
  t.same(first.affected_components, [
    {
      code: ids.editor,
      name: 'Website - Editor',
      old_status: 'operational',
      new_status: 'major_outage',
    },
  ]);
  t.match(second, {
    status: 'identified',
    body: 'Found it, truly.',
    affected_components: null,
    deliver_notifications: false,
    created_at: '2026-11-21T13:30:00.000Z',
    updated_at: '2026-11-21T14:00:00.000Z',
  });

  t.equal(summary.incidents[0].impact, 'minor', 'a bug is never more than a minor incident');
  t.same(titles((await get('incidents/unresolved')).incidents), titles(summary.incidents));
  t.same(
    (await get('incidents')).incidents.map((one: { name: string; status: string; impact: string }) => [
      one.name,
      one.status,
      one.impact,
    ]),
    [
      ['A bug in publishing', 'investigating', 'minor'],
      ['Opened by mistake', 'resolved', 'none'],
      ['Nothing opens', 'identified', 'major'],
      ['Over', 'resolved', 'minor'],
    ],
    'what was taken back stays, as something that was never there',
  );
  t.same(titles((await get('scheduled-maintenances/upcoming')).scheduled_maintenances), ['New disks']);
  t.same(titles((await get('scheduled-maintenances/active')).scheduled_maintenances), []);
  const [disks, done] = (await get('scheduled-maintenances')).scheduled_maintenances;
  t.match(disks, { scheduled_for: '2026-11-22T02:00:00.000Z', scheduled_until: '2026-11-22T04:00:00.000Z' });
  t.match(done, { name: 'Old work', status: 'completed', resolved_at: '2026-11-21T12:00:00.000Z' });
  t.notMatch(JSON.stringify([summary, await get('incidents')]), /canary|@/, 'nobody’s words or address');
});

onBoth(t, 'known bugs are among the incidents as the operator wants it', async (t, base) => {
  await tell(t, base);
  for (const [wanted, expected] of Object.entries({
    all: ['A bug in nothing', 'A bug in publishing', 'Nothing opens'],
    affected: ['A bug in publishing', 'Nothing opens'],
    none: ['Nothing opens'],
  })) {
    const { app } = await openApp(t, base, { API_V2_BUGS: wanted });
    const { incidents } = (await app.inject('/api/v2/incidents/unresolved.json')).json();
    t.same(titles(incidents), expected, wanted);
  }
});

onBoth(
  t,
  'an answer is sent once as long as nothing changes, and any origin may read it',
  async (t, base) => {
    const { app, api, ids, clock } = await tell(t, base);
    const ask = (headers: Record<string, string>, path = 'incidents') =>
      app.inject({ url: `/api/v2/${path}.json`, headers });
    const first = await ask({ origin: 'https://elsewhere.example' });
    const etag = String(first.headers.etag);
    t.match(first.headers, {
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=0, s-maxage=1, stale-while-revalidate=2, stale-if-error=86400',
      'content-type': 'application/json; charset=utf-8',
      'last-modified': 'Sat, 21 Nov 2026 14:00:00 GMT',
    });
    const again = await ask({ 'if-none-match': `"other", ${etag}` });
    t.equal(again.statusCode, 304);
    t.equal(again.body, '');
    t.match(again.headers, { etag, 'access-control-allow-origin': '*' });
    t.equal((await ask({ 'if-none-match': etag.replace('W/', '') })).statusCode, 304, 'weak or strong');
    t.equal((await ask({ 'if-modified-since': String(first.headers['last-modified']) })).statusCode, 304);
    t.equal((await ask({ 'if-modified-since': 'Sat, 21 Nov 2026 13:59:59 GMT' })).statusCode, 200);
    t.equal(
      (await ask({ 'if-none-match': '"other"', 'if-modified-since': 'Sun, 22 Nov 2026 00:00:00 GMT' }))
        .statusCode,
      200,
      'the tag counts where both are sent',
    );
    const small = await ask({ 'accept-encoding': 'br' }, 'summary');
    t.equal(small.headers['content-encoding'], 'br');

    clock.now = new Date('2026-11-21T15:00:00.000Z');
    await api('POST', `/issues/${ids.outage}/updates`, { status: 'resolved', message: 'It works again.' });
    t.equal((await ask({ 'if-none-match': etag })).statusCode, 200);
    const emptied = await ask(
      { 'if-modified-since': String(first.headers['last-modified']) },
      'incidents/unresolved',
    );
    t.equal(emptied.statusCode, 200, 'what left a list changed it');

    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/api/v2/summary.json',
      headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET' },
    });
    t.equal(preflight.statusCode, 204);
    t.match(preflight.headers, { 'access-control-allow-origin': '*', 'access-control-allow-methods': /GET/ });
    const nothing = await app.inject('/api/v2/nothing.json');
    t.equal(nothing.statusCode, 404);
    t.match(nothing.headers, {
      'access-control-allow-origin': '*',
      'content-type': /application\/problem\+json/,
    });
  },
);

onBoth(t, 'what we answer, our own importer takes over unchanged', async (t, base) => {
  const { get } = await tell(t, base);
  const given = {
    ...(await get('components')),
    incidents: (await get('incidents')).incidents,
    scheduled_maintenances: (await get('scheduled-maintenances')).scheduled_maintenances,
  };
  const other = await freshDatabase(t, 'postgres');
  const taken = await importStatuspage(other.db, JSON.stringify(given), new Date('2026-12-01T00:00:00Z'));
  t.same(taken, { issues: 6, updates: 10, components: 3, alreadyThere: 0 });
  const { app } = await openApp(t, other);
  const theirs = async (path: string) => (await app.inject(`/api/v2/${path}.json`)).json();
  t.same(
    (await theirs('incidents')).incidents.map(kept),
    given.incidents.map(kept),
    'incidents with their updates, times and components',
  );
  t.same(
    (await theirs('scheduled-maintenances')).scheduled_maintenances.map(kept),
    given.scheduled_maintenances.map(kept),
  );
  t.same(
    (await theirs('components')).components.map(named),
    given.components.map(named),
    'components in their order and groups, each in its state',
  );
});

t.test('the client that programs use reads it as it reads a Statuspage', async (t) => {
  const { app, ids } = await tell(t, await freshDatabase(t, 'postgres'));
  const { api: client } = await listening(app);
  const summary = await client.getSummary();
  t.equal(summary.status.description, 'Partial System Outage');
  t.same((await client.getStatus()).status, summary.status);
  t.equal((await client.getComponents()).components.length, 4);
  t.equal((await client.incidents.getAll()).incidents.length, 4);
  t.same(titles((await client.incidents.getUnresolved()).incidents), [
    'A bug in publishing',
    'Nothing opens',
  ]);
  const [planned] = (await client.scheduledMaintenances.getUpcoming()).scheduled_maintenances;
  t.match(planned, { id: ids.disks, status: 'scheduled', scheduled_for: '2026-11-22T02:00:00.000Z' });
});

t.test('Statuspage’s own widget, on somebody else’s page, shows how we are', async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const { app } = await tell(t, await freshDatabase(t, 'postgres'));
  const { url } = await listening(app);
  const widget = readFileSync(
    new URL('../../node_modules/@statuspage/status-widget/dist/index.js', import.meta.url),
  );
  const page = await browser.newPage();
  await page.goto(
    await elsewhere(t, {
      '/': `<!doctype html><title>A shop</title><statuspage-widget src="${url}"></statuspage-widget><script src="/widget.js"></script>`,
      '/widget.js': String(widget),
    }),
  );
  const shown = page.locator('statuspage-widget');
  await shown.getByText('Partial System Outage').waitFor();
  t.equal(await shown.locator('.status-indicator').getAttribute('class'), 'status-indicator major');
  const known = await page.evaluate(async (address) => {
    const first = await fetch(address);
    // This header is no simple one: the browser asks us first whether it may send it.
    return (await fetch(address, { headers: { 'if-none-match': first.headers.get('etag')! } })).status;
  }, `${url}/api/v2/status.json`);
  t.equal(known, 304);
});

if (existsSync(realFile)) {
  t.test(
    'a real incident of a Statuspage has no key that ours lacks, and each of the same kind',
    async (t) => {
      const base = await freshDatabase(t, 'postgres');
      const text = readFileSync(realFile, 'utf8');
      await importStatuspage(base.db, text, new Date('2026-11-21T12:00:00Z'));
      const { app } = await openApp(t, base);
      const ours = (await app.inject('/api/v2/incidents.json')).json().incidents;
      const real = JSON.parse(text).incidents;
      t.same(
        titles(ours),
        titles(real).map((title) => title.trim()),
        'in the same order',
      );
      for (const [index, one] of real.entries()) {
        const mine = ours[index];
        t.same(missing(one, mine), []);
        for (const said of one.incident_updates) {
          const mySaid = mine.incident_updates.find(({ id }: { id: string }) => id === said.id);
          t.same(missing(said, mySaid), []);
          t.equal(mySaid.status, said.status.replace('postmortem', 'resolved'));
        }
      }
    },
  );
}

/** Some of everything, told through the API over two hours; the clock stands at the end of them. */
async function tell(t: Test, base: Database) {
  const opened = await openApp(t, base);
  const { app, api, clock } = opened;
  const at = (time: string) => {
    clock.now = new Date(`2026-11-21T${time}:00.000Z`);
  };
  const made = async (path: string, body: object): Promise<string> => {
    const answer = await api('POST', path, body);
    t.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const issue = (title: string, kind: string, rest: object = {}) =>
    made('/issues', { title, kind, message: 'We **look** <into> it.', ...rest });

  at('12:00');
  const editor = await made('/components', { name: 'Editor', group: 'Website', description: 'Write here.' });
  const publishing = await made('/components', { name: 'Publishing', group: 'Website' });
  const mail = await made('/components', { name: 'Mail' });
  const old = await issue('Old work', 'maintenance', { status: 'in_progress' });
  await made(`/issues/${old}/updates`, { status: 'completed', message: 'Done.' });
  at('12:15');
  const over = await issue('Over', 'incident', {
    impact: 'minor',
    components: [{ id: mail, status: 'operational' }],
  });
  await made(`/issues/${over}/updates`, { status: 'resolved', message: 'It works again.' });
  const disks = await issue('New disks', 'maintenance', {
    scheduled_for: '2026-11-22T02:00:00Z',
    scheduled_until: '2026-11-22T04:00:00Z',
    components: [{ id: mail, status: 'under_maintenance' }],
  });
  at('13:00');
  const outage = await issue('Nothing opens', 'incident', {
    impact: 'major',
    started_at: '2026-11-21T11:30:00Z',
    components: [{ id: editor, status: 'major_outage' }],
  });
  await api('POST', `/issues/${outage}/reports`, { email: 'canary@example.com', message: 'canary words' });
  at('13:10');
  const mistake = await issue('Opened by mistake', 'incident', { impact: 'critical' });
  await made(`/issues/${mistake}/updates`, {
    status: 'resolved',
    resolution: 'retracted',
    message: 'We opened this by mistake and take it back.',
  });
  at('13:20');
  await issue('A bug in publishing', 'bug', {
    impact: 'critical',
    components: [{ id: publishing, status: 'degraded_performance' }],
  });
  at('13:30');
  const said = await made(`/issues/${outage}/updates`, {
    status: 'identified',
    message: 'Found it.',
    notify: false,
  });
  at('13:40');
  await issue('A bug in nothing', 'bug');
  at('14:00');
  await api('PATCH', `/issues/${outage}/updates/${said}`, { message: 'Found it, truly.' });
  const get = async (path: string) => (await app.inject(`/api/v2/${path}.json`)).json();
  return { ...opened, get, ids: { editor, publishing, mail, outage, disks } };
}

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
type Json = any;

function titles(issues: { name: string }[]): string[] {
  return issues.map((one) => one.name);
}

/** What an incident says of itself, but for what belongs to the page that says it. */
function kept({ page_id: _, incident_updates, components, ...rest }: Json) {
  return {
    ...rest,
    components: components.map((one: { name: string }) => one.name),
    updates: incident_updates.map(
      ({ affected_components: _affected, deliver_notifications: _told, ...said }: Json) => said,
    ),
  };
}

function named({ id, name, status, group_id, group, description, components }: Json) {
  return { id, name, status, group_id, group, description, components };
}

function missing(real: object, ours: object): string[] {
  const kind = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value);
  return Object.entries(real).flatMap(([key, value]) => {
    if (!(key in ours)) return [`${key} is missing`];
    const mine = kind(ours[key as never]);
    return mine === kind(value) || mine === 'null' || value === null ? [] : [`${key} is a ${mine}`];
  });
}

async function listening(app: TestApp['app']) {
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const client = new Statuspage('paperboat');
  client.setApiUrl(url);
  return { url, api: client.api };
}

/** A web server of another origin. */
async function elsewhere(t: Test, pages: Record<string, string>): Promise<string> {
  const port = await freePort();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    response.setHeader('content-type', path.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(pages[path] ?? '');
  }).listen(port, '127.0.0.1');
  t.teardown(() => server.close());
  return `http://localhost:${port}/`;
}
