import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { Ajv } from 'ajv';
import type { LightMyRequestResponse } from 'fastify';
import FeedParser from 'feedparser';
import ICAL from 'ical.js';
import RssParser from 'rss-parser';
import t from 'tap';
import { mergeIssues } from '../../src/desk/merging.ts';
import { retractIssue } from '../../src/issues/retract-issue.ts';
import { state } from '../../src/ledger/state.ts';
import { baseUrl, openApp, type TestApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { ago, issueOf, updateOf } from '../fixtures/sample.ts';

const isJsonFeed = new Ajv({ strict: false, validateFormats: false }).compile(
  createRequire(import.meta.url)('jsonfeed-schema/schema-v1.1.json'),
);
const odd = `]]><script>alert(1)</script>]]> & &amp; &lt; < > " ' 🐘 שלום ]]>`;
/** The same as Markdown has it, where entities stand for themselves. */
const oddSaid = odd.replace('&amp;', '&').replace('&lt;', '<');
const unseen = '\u0001\u000b\u202e\ufffe\uffff\u009f';

interface Read {
  title: string | undefined;
  self: string | undefined;
  entries: { id: string; title: string; html: string; link: string; at: string | undefined }[];
}

/** The same feed as two libraries read it. */
const readers: Record<string, (xml: string) => Promise<Read>> = {
  async 'rss-parser'(xml) {
    const feed = await new RssParser({
      customFields: { item: ['description', 'updated', 'id'] },
    }).parseString(xml);
    return {
      title: feed.title,
      self: feed.feedUrl,
      entries: feed.items.map((item) => ({
        id: item.guid ?? item.id,
        title: item.title!,
        html: item.description ?? item.content ?? '',
        link: item.link!,
        at: new Date(item.updated ?? item.pubDate!).toISOString(),
      })),
    };
  },
  async feedparser(xml) {
    const entries: Read['entries'] = [];
    const parser = Readable.from([xml]).pipe(new FeedParser({}));
    for await (const { guid, title, description, link, date } of parser) {
      entries.push({ id: guid, title, html: description ?? '', link, at: date?.toISOString() });
    }
    return { title: parser.meta.title, self: parser.meta.xmlurl, entries };
  },
};

onBoth(t, 'every reader reads every feed, whatever stands in its texts', async (t, base) => {
  const { app } = await openApp(t, base, { PAGE_NAME: 'A & B <i>]]></i> &amp; "C" ]]>' });
  const { db } = base;
  await db
    .insertInto('component')
    .values({
      id: 'oddpart00001',
      name: odd + unseen,
      description: null,
      group_name: null,
      source: null,
      created_at: ago(1),
      updated_at: ago(1),
    })
    .execute();
  await db
    .insertInto('issue')
    .values(issueOf('odd000000001', { kind: 'incident', title: odd + unseen, workaround: odd + unseen }))
    .execute();
  await db
    .insertInto('issue_update')
    .values(
      updateOf('odd000000002', 'odd000000001', {
        message: `${odd}${unseen}\n\n\`]]>\` [a](https://a.example/]]>)`,
      }),
    )
    .execute();
  await db
    .insertInto('issue_component')
    .values({ issue_id: 'odd000000001', component_id: 'oddpart00001', status: 'major_outage' })
    .execute();

  for (const folder of ['', '/components/oddpart00001']) {
    for (const file of ['history.atom', 'history.rss']) {
      const { body, headers } = await app.inject(`${folder}/${file}`);
      t.equal(headers['content-type'], `application/${file.slice(8)}+xml; charset=utf-8`);
      for (const [name, read] of Object.entries(readers)) {
        const feed = await read(body);
        const what = `${folder}/${file} by ${name}`;
        const about = folder ? `A & B <i>]]></i> &amp; "C" ]]>, ${odd}` : 'A & B <i>]]></i> &amp; "C" ]]>';
        const title = `${about}: what is broken, what is planned, what was fixed`;
        t.equal(feed.title, name === 'feedparser' ? withoutTags(title) : title, what);
        t.equal(feed.self, `${baseUrl}${folder}/${file}`, what);
        t.equal(feed.entries.length, 1, what);
        const [entry] = feed.entries;
        // Atom says that its titles are HTML. RSS means plain text, though feedparser takes out what looks like a tag.
        if (file.endsWith('atom')) t.equal(unescaped(entry!.title), odd, what);
        else t.equal(entry!.title, name === 'feedparser' ? withoutTags(odd) : odd, what);
        t.equal(entry!.link, `${baseUrl}/issues/odd000000001`, what);
        t.equal(
          entry!.id,
          file.endsWith('atom') ? 'tag:status.example.com,2005:Incident/odd000000001' : entry!.link,
        );
        t.equal(entry!.at, ago(160).toISOString(), what);
        t.notMatch(entry!.html, /<script/i, what);
        const words = unescaped(withoutTags(entry!.html));
        t.ok(words.includes(` - ${oddSaid}`), `${what}: what we said, whole`);
        t.ok(words.includes(`meanwhile:${oddSaid}`), `${what}: what to do meanwhile, whole`);
        t.ok(words.includes(`It touches: ${odd}.`), `${what}: the part, whole`);
      }
      t.notMatch(
        body,
        /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e\ufffe\uffff]/,
        'nothing that XML cannot hold',
      );
    }
    const json = await app.inject(`${folder}/feed.json`);
    t.equal(json.headers['content-type'], 'application/feed+json; charset=utf-8');
    t.ok(isJsonFeed(json.json()), JSON.stringify(isJsonFeed.errors));
    t.match(json.json(), {
      version: 'https://jsonfeed.org/version/1.1',
      feed_url: `${baseUrl}${folder}/feed.json`,
      items: [{ id: 'tag:status.example.com,2005:Incident/odd000000001', title: odd }],
    });
    t.notMatch(json.json().items[0].content_html, /<script/i);
  }
});

onBoth(t, 'an issue is one entry, revised in place, newest word first', async (t, base) => {
  const { app, api, clock } = await openApp(t, base);
  const { body: part } = await api('POST', '/components', { name: 'Publishing' });
  const id = await open(api, {
    title: 'Uploads fail',
    message: 'We see it.',
    components: [{ id: part.id, status: 'partial_outage' }],
  });
  const other = await open(api, { title: 'Exports are empty', kind: 'bug', message: 'We see that too.' });
  const [first] = await entriesOf(app, `/components/${part.id}/feed.json`);
  const say = async (status: string, message: string, more: object = {}) => {
    clock.now = new Date(clock.now.getTime() + 60_000);
    return (await api('POST', `/issues/${id}/updates`, { status, message, ...more })).body;
  };
  await say('investigating', 'Still looking.');
  const found = await say('identified', 'It is *the disk*.\n\n- or two');
  await say('resolved', 'It works.');
  await say('identified', 'It came back.', { next_update_at: '2026-11-21T15:00:00Z' });
  await say('resolved', 'We leave it.', { resolution: 'wont_fix' });
  clock.now = new Date(clock.now.getTime() + 60_000);
  await api('PATCH', `/issues/${id}/updates/${found.id}`, { message: '1. one disk' });
  await api('PATCH', `/issues/${id}`, { title: 'Uploads failed' });

  const [entry, ...others] = await entriesOf(app, '/feed.json');
  t.equal(others.length, 1);
  t.match(others[0], { title: 'Bug: Exports are empty', url: `${baseUrl}/issues/${other}` });
  t.match(entry, {
    id: first!.id,
    title: 'Uploads failed',
    url: `${baseUrl}/issues/${id}`,
    date_published: '2026-11-21T12:00:00.000Z',
    date_modified: '2026-11-21T12:06:00.000Z',
  });
  const link = (anchor: string) => `<a href="${baseUrl}/issues/${id}#${anchor}">What stood there before</a>`;
  const at = (minute: number) => `<small>Nov 21, 12:0${minute} UTC</small><br>`;
  t.equal(
    entry!.content_html,
    [
      `<p>${at(6)}<em>We changed the title.</em> ${link('said')}</p>`,
      `<p>${at(5)}<strong>Resolved</strong> (closed: we will not change it) - We leave it.</p>\n`,
      `<p>${at(4)}<strong>Identified</strong> - It came back.</p>\n`,
      `<p>${at(3)}<strong>Resolved</strong> (we thought it was over) - It works.</p>\n`,
      `<p>${at(2)}<strong>Identified</strong></p><ol>\n<li>one disk</li>\n</ol>\n`,
      `<p><small>Edited Nov 21, 12:06 UTC. ${link(`u-${found.id}`)}</small></p>`,
      `<p>${at(1)}<strong>Update</strong> - Still looking.</p>\n`,
      `<p>${at(0)}<strong>Investigating</strong> - We see it.</p>\n`,
      '<p>It touches: Publishing.</p>',
    ].join(''),
  );
  t.equal(
    (await entriesOf(app, `/components/${part.id}/feed.json`)).length,
    1,
    'the other one touches another part',
  );

  clock.now = new Date(clock.now.getTime() + 60_000);
  await base.db.transaction().execute((trx) => retractIssue(trx, other, clock.now));
  const [mistake] = await entriesOf(app, '/feed.json');
  t.match(mistake, { title: 'Taken back: Exports are empty', content_html: /opened it by mistake/ });
  const twin = await open(api, { title: 'Uploads fail again', message: 'Again.' });
  const into = await open(api, { title: 'All is slow', message: 'Slow.' });
  await base.db
    .transaction()
    .execute((trx) => mergeIssues(trx, { from: twin, into, message: 'It is that.' }, clock.now));
  const merged = (await entriesOf(app, '/feed.json')).find((one) => one.url.endsWith(twin));
  t.match(merged!.content_html, '<strong>Resolved</strong> (closed: the same as another one) - It is that.');
  t.match(merged!.content_html, `<a href="${baseUrl}/issues/${into}">We follow it here</a>`);
});

onBoth(
  t,
  'a feed carries the fifty that changed last, and the twenty newest words of each',
  async (t, base) => {
    const { app, api, clock } = await openApp(t, base);
    t.same(await entriesOf(app, '/feed.json'), []);
    t.match(
      (await app.inject('/history.atom')).body,
      /<updated>20/,
      'also of nothing it is known how new it is',
    );
    const oldest = await open(api, { title: 'The oldest bug', kind: 'bug', message: 'Word 0.' });
    const many = Array.from({ length: 60 }, (_, n) => issueOf(`many000000${String(n).padStart(2, '0')}`));
    await base.db
      .insertInto('issue')
      .values(many.map((one) => ({ ...one, updated_at: clock.now })))
      .execute();
    for (let n = 1; n <= 25; n++) {
      clock.now = new Date(clock.now.getTime() + 1_000);
      await api('POST', `/issues/${oldest}/updates`, { status: 'investigating', message: `Word ${n}.` });
    }
    const entries = await entriesOf(app, '/feed.json');
    t.equal(entries.length, 50);
    const { content_html } = entries[0]!;
    t.match(content_html, /Word 25\..*Word 6\..*What we said before that/s);
    t.notMatch(content_html, /Word 5\.|Investigating/, 'the oldest shown is no beginning');
  },
);

onBoth(t, 'whoever has it already is told so, from wherever she asks', async (t, base) => {
  const { app, api, clock } = await openApp(t, base);
  const { body: part } = await api('POST', '/components', { name: 'Publishing' });
  const id = await open(api, { title: 'Uploads fail', message: 'We see it.' });
  const paths = [
    '/history.atom',
    '/history.rss',
    '/feed.json',
    '/maintenance.ics',
    '/badge.svg',
    '/embed.json',
    '/embed.js',
  ];
  const dated = paths.slice(0, 4);
  const all = [...paths, `/badge.svg?component=${part.id}`, `/components/${part.id}/history.rss`];
  const before = new Map<string, LightMyRequestResponse>();
  for (const url of all) {
    const answer = await app.inject({
      url,
      headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example' },
    });
    before.set(url, answer);
    t.equal(answer.statusCode, 200, url);
    t.notMatch(answer.body, 'evil.example');
    t.match(answer.headers, {
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': url === '/embed.js' ? 'public, max-age=3600' : /s-maxage=1/,
    });
    const head = await app.inject({ method: 'HEAD', url });
    t.equal(head.statusCode, 200);
    t.equal(head.headers.etag, answer.headers.etag);
    const known = await app.inject({ url, headers: { 'if-none-match': String(answer.headers.etag) } });
    t.equal(known.statusCode, 304);
    t.equal(known.body, '');
  }
  for (const url of dated) {
    const since = String(before.get(url)!.headers['last-modified']);
    t.equal(since, 'Sat, 21 Nov 2026 12:00:00 GMT');
    t.equal((await app.inject({ url, headers: { 'if-modified-since': since } })).statusCode, 304);
  }
  clock.now = new Date(clock.now.getTime() + 60_000);
  await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'It works.' });
  for (const url of dated) {
    const { headers } = before.get(url)!;
    const since = { 'if-modified-since': String(headers['last-modified']) };
    t.equal((await app.inject({ url, headers: since })).statusCode, 200, `${url} has changed`);
  }
  t.not((await app.inject('/badge.svg')).headers.etag, before.get('/badge.svg')!.headers.etag);

  for (const url of ['history.atom', 'history.rss', 'feed.json'].map(
    (file) => `/components/nosuch000000/${file}`,
  )) {
    t.equal((await app.inject(url)).statusCode, 404, url);
  }
  for (const query of ['component=nosuch000000', 'component=', 'component=a&component=b', 'component=%00']) {
    t.equal((await app.inject(`/badge.svg?${query}`)).statusCode, 404, query);
  }
  t.equal((await app.inject('/components/%00/feed.json')).statusCode, 404);
});

onBoth(t, 'each feed says where the ledger stands, and changes when something is said', async (t, base) => {
  const { app, api, clock } = await openApp(t, base);
  const { body: part } = await api('POST', '/components', { name: 'Publishing' });
  const id = await open(api, { title: 'Uploads fail', message: 'We see it.' });
  const feeds = ['', `/components/${part.id}`].flatMap((folder) =>
    ['/history.atom', '/history.rss', '/feed.json'].map((file) => folder + file),
  );
  const headIn = async (url: string) => {
    const { body, headers } = await app.inject(url);
    const etag = String(headers.etag);
    if (url.endsWith('.ics')) {
      const said = new ICAL.Component(ICAL.parse(body)).getFirstPropertyValue('x-candor-ledger');
      return { etag, head: String(said) };
    }
    if (url.endsWith('.json')) {
      t.ok(isJsonFeed(JSON.parse(body)), JSON.stringify(isJsonFeed.errors));
      const { seq, hash, url } = JSON.parse(body)._candor.ledger;
      t.equal(url, `${baseUrl}/ledger.jsonl`);
      return { etag, head: `${seq} ${hash}` };
    }
    const { description, subtitle } = await new RssParser({
      customFields: { feed: ['subtitle'] },
    }).parseString(body);
    const [, seq, hash] =
      /at entry (\d+); candor verify https:\/\/status\.example\.com\/ --since ([0-9a-f]{64}) shows/.exec(
        String(description ?? subtitle),
      ) ?? [];
    return { etag, head: `${seq} ${hash}` };
  };
  const newest = async () => {
    const { body } = await app.inject('/ledger.jsonl');
    const { seq, hash } = JSON.parse(body.trim().split('\n').at(-1)!);
    return `${seq} ${hash}`;
  };
  const first = await newest();
  const before = new Map<string, string>();
  for (const url of [...feeds, '/maintenance.ics']) {
    const { etag, head } = await headIn(url);
    t.equal(head, first, url);
    before.set(url, etag);
  }
  const counted = { issue_id: id, people: 1, first_report_at: null, works: 0, works_not: 0 };
  await base.db
    .transaction()
    .execute((trx) => state(trx, { type: 'counted', ...counted }, new Date(clock.now.getTime() + 5_000)));
  for (const [url, etag] of before)
    t.same(await headIn(url), { etag, head: first }, `${url}: nothing was said by a count`);
  clock.now = new Date(clock.now.getTime() + 60_000);
  await api('POST', `/issues/${id}/updates`, { status: 'identified', message: 'It is the disk.' });
  const second = await newest();
  for (const [url, etag] of before) {
    const now = await headIn(url);
    t.equal(now.head, second, url);
    t.not(now.etag, etag, url);
  }
});

onBoth(
  t,
  'planned work is a calendar: what lies ahead, runs, or ended in the last 30 days',
  async (t, base) => {
    const { app, api, clock } = await openApp(t, base, { PAGE_NAME: 'A, B; C\\D' });
    const { body: part } = await api('POST', '/components', { name: 'Pay, ments' });
    const planned = { kind: 'maintenance', scheduled_for: '2026-11-23T01:00:00+01:00' };
    const id = await open(api, {
      ...planned,
      title: odd,
      message: `${odd}\nsecond line; ${'long '.repeat(60)}`,
      scheduled_until: '2026-11-23T02:00:00Z',
      components: [{ id: part.id, status: 'under_maintenance' }],
    });
    await open(api, { ...planned, title: 'No end', message: 'We do not know how long.' });
    await open(api, { kind: 'maintenance', title: 'No time yet', message: 'Some day.' });
    await open(api, { title: 'An incident', message: 'Not planned.' });
    const done = {
      ...issueOf('done00000001'),
      kind: 'maintenance' as const,
      status: 'completed' as const,
      resolution: 'fixed' as const,
    };
    const hours = (n: number) => new Date(clock.now.getTime() - n * 3_600_000);
    const past = (id: string, title: string, from: number, until: number, end: number) => ({
      ...done,
      id,
      title,
      scheduled_for: hours(from),
      scheduled_until: hours(until),
      resolved_at: hours(end),
    });
    await base.db
      .insertInto('issue')
      .values([
        past('done00000001', 'Took longer', 48, 47, 40),
        past('off000000001', 'Called off', 24, 23, 30),
        past('old000000001', 'Long ago', 24 * 40, 24 * 40 - 1, 24 * 31),
      ])
      .execute();

    const { body, headers } = await app.inject('/maintenance.ics');
    t.equal(headers['content-type'], 'text/calendar; charset=utf-8');
    t.ok(body.endsWith('END:VCALENDAR\r\n'));
    t.same(
      body.split('\r\n').filter((line) => Buffer.byteLength(line) > 75 || /[\u0000-\u001f]/.test(line)),
      [],
    );
    const calendar = new ICAL.Component(ICAL.parse(body));
    t.equal(calendar.getFirstPropertyValue('method'), 'PUBLISH');
    t.equal(String(calendar.getFirstPropertyValue('refresh-interval')), 'PT1H');
    t.equal(
      calendar.getFirstPropertyValue('x-wr-calname'),
      'A\\, B\\; C\\\\D: planned work',
      'escaped as a text is',
    );
    const events = new Map(
      calendar
        .getAllSubcomponents('vevent')
        .map((one) => [new ICAL.Event(one).summary.replace('A, B; C\\D: ', ''), one]),
    );
    t.same([...events.keys()].sort(), [odd, 'Called off', 'No end', 'Took longer'].sort());
    const value = (title: string, name: string) =>
      String(events.get(title)?.getFirstPropertyValue(name) ?? '');
    t.equal(value(odd, 'uid'), `${id}@status.example.com`);
    t.equal(value(odd, 'dtstart'), '2026-11-23T00:00:00Z');
    t.equal(value(odd, 'dtend'), '2026-11-23T02:00:00Z');
    t.equal(value(odd, 'dtstamp'), '2026-11-21T12:00:00Z');
    t.equal(value(odd, 'status'), 'CONFIRMED');
    t.equal(value(odd, 'url'), `${baseUrl}/issues/${id}`);
    t.equal(
      value(odd, 'description'),
      `Planned.\n\nIt touches: Pay, ments.\n\n${odd}\nsecond line; ${'long '.repeat(60)}`.trim(),
    );
    t.equal(value('No end', 'dtend'), '');
    t.match(value('No end', 'description'), 'Planned. No end is set yet.');
    t.equal(value('Took longer', 'dtend'), '2026-11-19T20:00:00Z', 'it ended when it really did');
    t.equal(value('Took longer', 'status'), 'CONFIRMED');
    t.equal(value('Called off', 'status'), 'CANCELLED');
    t.match(value('Called off', 'description'), 'It ended before it was to begin');

    clock.now = new Date(clock.now.getTime() + 60_000);
    const sequence = Number(value(odd, 'sequence'));
    await api('PATCH', `/issues/${id}`, { scheduled_until: '2026-11-23T03:00:00Z' });
    const [moved] = new ICAL.Component(ICAL.parse((await app.inject('/maintenance.ics')).body))
      .getAllSubcomponents('vevent')
      .filter((one) => one.getFirstPropertyValue('uid') === `${id}@status.example.com`);
    t.equal(String(moved!.getFirstPropertyValue('dtend')), '2026-11-23T03:00:00Z');
    t.ok(Number(moved!.getFirstPropertyValue('sequence')) > sequence, 'a calendar takes the newer one');
  },
);

interface JsonEntry {
  id: string;
  url: string;
  title: string;
  content_html: string;
  date_published: string;
  date_modified: string;
}

async function entriesOf(app: TestApp['app'], path: string): Promise<JsonEntry[]> {
  return (await app.inject(path)).json().items;
}

async function open(api: TestApp['api'], body: object): Promise<string> {
  return (await api('POST', '/issues', { kind: 'incident', impact: 'minor', ...body })).body.id;
}

const withoutTags = (html: string) => html.replace(/<\/?[a-z][^>]*>/gi, '');

function unescaped(html: string): string {
  return html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
