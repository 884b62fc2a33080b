import { sql } from 'kysely';
import t from 'tap';
import { buildApp } from '../src/app.ts';
import { waysTo } from '../src/domain/person.ts';
import { type Template, templates } from '../src/domain/words.ts';
import { sealLedger } from '../src/ledger/seal.ts';
import { state } from '../src/ledger/state.ts';
import { claimDue } from '../src/notifications/claim.ts';
import { type Page, writeEmail } from '../src/notifications/email.ts';
import type { IssueMatter, Matter, ReporterMatter } from '../src/notifications/matter.ts';
import { errorPage } from '../src/status-page/error-page.ts';
import type { Delivery } from '../src/tables.ts';
import { addressesOf } from './fixtures/addresses.ts';
import { baseUrl, links, openApp, testConfig } from './fixtures/app.ts';
import { freshDatabase, onBoth } from './fixtures/db.ts';
import { deliveries, owe, page } from './fixtures/outbox.ts';
import { ago, fillSample } from './fixtures/sample.ts';
import { textOf } from './fixtures/text.ts';

// Whoever wants to speak to a person finds one: on every page, in every mail, and above all in every refusal.

const person = {
  SUPPORT_URL: 'https://help.example/talk',
  SUPPORT_EMAIL: 'person@help.example',
  SUPPORT_PHONE: '+49 (0)30 123-456',
  SUPPORT_HOURS: 'weekdays, 9 to 17 <in> *Berlin*',
};
const nobody = { SUPPORT_URL: '', SUPPORT_EMAIL: '', SUPPORT_PHONE: '', SUPPORT_HOURS: '' };
const ways = [
  'href="https://help.example/talk"',
  'href="mailto:person@help.example"',
  'href="tel:+4930123456"',
];

/** What of a person is missing on a page. */
function missingOn(html: string): string[] {
  const text = textOf(html);
  const words = [person.SUPPORT_EMAIL, person.SUPPORT_PHONE, `answers: ${person.SUPPORT_HOURS}.`];
  return [...ways.filter((way) => !html.includes(way)), ...words.filter((word) => !text.includes(word))];
}

t.test('a phone number is dialled as it is meant', async (t) => {
  const none = { supportUrl: null, supportEmail: null, supportHours: null };
  for (const [written, dialled] of [
    ['+49 (0)30 123-456', 'tel:+4930123456'],
    ['+1 (212) 555.0100', 'tel:+12125550100'],
    ['030/123 456', 'tel:030123456'],
    ['(030) 123456', 'tel:030123456'],
  ] as const) {
    t.match(waysTo({ ...none, supportPhone: written }), [{ by: 'phone', href: dialled, text: written }]);
  }
  t.same(waysTo({ ...none, supportPhone: null }), []);
});

onBoth(t, 'every page that everybody can open says how to reach a person', async (t, base) => {
  const { app } = await openApp(t, base, person);
  const bare = await buildApp({ config: testConfig(nobody), database: base, links, now: () => ago(0) });
  t.teardown(() => bare.close());
  await fillSample(base.db);
  await base.db
    .insertInto('subscriber')
    .values({
      id: 'listener0001',
      email: 'lis@mail.example',
      state: 'active',
      source: 'form',
      created_at: ago(9),
      confirmed_at: ago(9),
    })
    .execute();
  const values = [
    'publish00001',
    'part00000002',
    links.token('report', 'mine00000001'),
    links.token('leave', 'mine00000001'),
    links.token('subscriber', 'listener0001'),
  ];
  const opened = new Set<string>();
  const missing: string[] = [];
  for (const address of addressesOf(app).filter((one) => !one.startsWith('/admin'))) {
    const all = address.includes(':') ? values.map((one) => address.replace(/:[a-z_]+/gi, one)) : [address];
    for (const url of all) {
      const { statusCode, headers, body } = await app.inject(url);
      if (!String(headers['content-type']).startsWith('text/html')) continue;
      if (statusCode === 200) opened.add(address);
      missing.push(...missingOn(body).map((what) => `${url} (${statusCode}) lacks ${what}`));
      const alone = await bare.inject(url);
      t.match(textOf(alone.body), 'To reach a person: tell us here, and somebody will read it.', url);
    }
  }
  t.same(missing, []);
  for (const address of [
    '/',
    '/issues/:id',
    '/components/:id',
    '/r/:token',
    '/s/:token',
    '/report',
    '/ledger',
  ])
    t.ok(opened.has(address), `${address} was looked at`);
  t.comment([...opened].join(' '));
});

t.test('every refusal says how to reach a person, to people and to programs', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const { app, api } = await openApp(t, base, person);
  await fillSample(base.db);
  const form = 'application/x-www-form-urlencoded';
  const post = (url: string, payload = '', type = form) =>
    app.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': type },
      remoteAddress: '192.0.2.9',
    });
  const refusals: [status: number, answer: () => Promise<{ statusCode: number; body: string }>][] = [
    [404, () => app.inject('/nothing')],
    [404, () => app.inject('/r/nobodys')],
    [400, () => post('/report', 'email=x')],
    [400, () => post('/issues/publish00001/me-too', 'email=x')],
    [400, () => post('/subscribe', 'email=x')],
    [413, () => post('/report', `message=${'x'.repeat(300_000)}`)],
    [415, () => post('/report', '<x/>', 'text/xml')],
  ];
  for (const [status, answer] of refusals) {
    const { statusCode, body } = await answer();
    t.equal(statusCode, status);
    t.same(missingOn(body), [], `${status}`);
  }
  for (const url of ['/report', '/subscribe', '/issues/publish00001/me-too']) {
    const words = 'message=it+fails&email=lis%40mail.example';
    t.ok((await post(url, words)).statusCode < 400, url);
    await sql`update quota set count = 1000000000`.execute(base.db);
    const { statusCode, body } = await post(url, words);
    t.equal(statusCode, 429, url);
    const [, refusal = ''] = /role="alert">(.*?)<\/div>/s.exec(body) ?? [];
    t.same(missingOn(refusal), [], `${url}: where it is refused, and not at the foot of a long page alone`);
    await base.db.deleteFrom('quota').execute();
  }
  for (const status of [409, 429, 500, 503])
    t.same(missingOn(errorPage(testConfig(person), { status, title: '', detail: '', retryAfter: 9 })), []);

  const support = {
    url: person.SUPPORT_URL,
    email: person.SUPPORT_EMAIL,
    phone: person.SUPPORT_PHONE,
    hours: person.SUPPORT_HOURS,
  };
  t.same((await app.inject('/api/v1/issues')).json().support, support);
  t.same((await api('GET', '/issues/nosuch000000')).body.support, support);
  t.same((await app.inject('/nothing.json')).json().support, support);
  const some = await openApp(t, await freshDatabase(t, 'postgres'), { ...nobody, SUPPORT_PHONE: '030 1234' });
  t.same((await some.app.inject('/nothing.json')).json().support, { phone: '030 1234' });
  const none = await openApp(t, await freshDatabase(t, 'postgres'), nobody);
  t.notOk('support' in (await none.app.inject('/nothing.json')).json());

  await base.db.destroy();
  const away = await app.inject('/');
  t.ok(away.statusCode >= 500, `${away.statusCode}`);
  t.same(missingOn(away.body), []);
});

const issue: IssueMatter = {
  id: 'publish00001',
  kind: 'bug',
  title: 'It fails',
  status: 'identified',
  workaround: null,
  resolution: null,
  resolvedAt: null,
  nextUpdateAt: null,
  fixedFor: null,
};
const update = { status: 'identified', message: 'We know it.' } as const;
const hers: ReporterMatter = {
  for: 'reporter',
  reportId: 'mine00000001',
  reportedAt: ago(90),
  verdict: 'not_a_bug',
  answer: 'It is none.',
  answeredAt: ago(80),
  issue,
  cameFrom: 'It broke',
  other: 'Another one',
  update,
  subscriberId: null,
  uses: [],
  wentOn: false,
  toldSome: false,
  toldBefore: null,
};
const over = { ...issue, status: 'resolved', resolution: 'fixed', resolvedAt: ago(5) } as const;
const resolved: ReporterMatter & { issue: IssueMatter } = { ...hers, issue: over };
const news: Matter = {
  for: 'subscriber',
  subscriberId: 'listener0001',
  issue: { ...issue, impact: 'minor', scheduledFor: ago(-90), scheduledUntil: null },
  parts: [],
  toldBefore: null,
  followedAt: null,
  update,
};
const paused: Matter = {
  for: 'hook_paused',
  hookId: 'privatehook1',
  subscriberId: 'listener0001',
  name: 'ours',
  host: 'hooks.example',
  error: 'nothing',
  failingSince: null,
};

/** Each mail to a customer, about everything that it can be about. */
const toCustomers: Partial<Record<Template, Matter[]>> = {
  resolved: [
    resolved,
    { ...resolved, subscriberId: 'listener0001' },
    { ...news, issue: { ...news.issue, ...over } },
  ],
  update: [hers, news],
  receipt: [hers, { ...hers, issue: null }],
  linked: [hers],
  answered: [hers, { ...hers, verdict: 'need_more' }],
  merged: [hers],
  split: [hers],
  opened: [news],
  reminder: [news],
  confirm: [
    { hears: true, listed: false },
    { hears: false, listed: false },
    { hears: false, listed: true },
  ].map((asked) => ({ for: 'confirm', subscriberId: 'listener0001', ...asked })),
  hook_paused: [paused],
  right: [hers],
  reopened: [hers, news],
  returned: [hers, news],
};
/** To ourselves, who know how to reach us; a rehearsal holds the very mail. */
const toStaff: Partial<Record<Template, Matter[]>> = {
  invited: [
    { for: 'invitation', linkId: 'privatelink1', purpose: 'password', invitedBy: null, expiresAt: ago(-9) },
  ],
  rehearsal: [{ for: 'rehearsal', mail: resolved }],
  nudge: [{ for: 'nudge', nudge: 'soon', promisedAt: ago(-9), issue, people: 1, listeners: 0, last: null }],
  hook_paused: [{ ...paused, subscriberId: null }],
};
const toPrograms: Template[] = ['component', 'hook_test'];

const here: Page = {
  ...page,
  baseUrl,
  supportUrl: person.SUPPORT_URL,
  supportEmail: person.SUPPORT_EMAIL,
  supportPhone: person.SUPPORT_PHONE,
  supportHours: person.SUPPORT_HOURS,
};
const delivery = {
  message_id: '<a@b>',
  address: 'lis@mail.example',
  created_at: ago(3),
  ledger_seq: 57,
  ledger_hash: '8d2f6c1b9e0a4c77'.repeat(4),
};
const write = (template: Template, matter: Matter, on = here) =>
  writeEmail(on, links, { ...(delivery as unknown as Delivery), template }, matter);

t.test('every mail says how to reach a person, and to customers where the ledger stands', async (t) => {
  t.same(
    templates.filter((one) => !(one in toCustomers) && !(one in toStaff) && !toPrograms.includes(one)),
    [],
    'whoever adds a mail says here whom it is to',
  );
  for (const [template, matters] of Object.entries(toCustomers) as [Template, Matter[]][]) {
    for (const matter of matters) {
      const { text, html } = write(template, matter);
      const what = `${template} to a ${matter.for}`;
      for (const word of [
        person.SUPPORT_URL,
        person.SUPPORT_EMAIL,
        person.SUPPORT_PHONE,
        person.SUPPORT_HOURS,
      ])
        t.ok(text.includes(word), `${what} names ${word}`);
      t.ok(html.includes('weekdays, 9 to 17 &lt;in&gt; *Berlin*'), `${what}: what we were told is no markup`);
      t.match(text, `our public ledger stood at entry 57, 8d2f6c1b9e0a4c77. `, what);
      t.match(text, `rewritten nothing: ${baseUrl}/ledger\n`, what);
      t.match(html, `<a href="${baseUrl}/ledger" rel="nofollow noopener">`, what);
      t.notMatch(text, /[\ue000\ue001]|undefined|null/, what);
      const { text: alone } = write(template, matter, { ...here, supportUrl: null, supportEmail: null });
      t.match(alone, 'To reach a person: call +49 (0)30 123-456.\n\nWhen somebody answers: weekdays', what);
    }
  }
  for (const [template, matters] of Object.entries(toStaff) as [Template, Matter[]][])
    for (const matter of matters) t.notMatch(write(template, matter).text, /public ledger stood/, template);
});

onBoth(t, 'a mail names where the ledger stood at its first try, on every try', async (t, { db }) => {
  const say = async () => {
    await db
      .transaction()
      .execute((trx) =>
        state(trx, { type: 'answered', issue_id: null, verdict: 'explained', count: 1 }, ago(1)),
      );
    return sealLedger(db);
  };
  await owe(db, 1);
  const first = await say();
  const claim = async (minutes: number) => {
    const now = new Date(Date.now() + minutes * 60_000);
    return (await claimDue(db, { now, leaseMs: 1_000, except: [], most: 1 }))[0];
  };
  t.match(await claim(1), { attempts: 1, ledger_seq: first.seq, ledger_hash: first.hash });
  await say();
  t.match(await claim(2), { attempts: 2, ledger_seq: first.seq, ledger_hash: first.hash });
  await db.updateTable('delivery').set({ attempts: 0, lease_until: null }).execute(); // that try did not count
  t.match(await claim(3), { attempts: 1, ledger_seq: first.seq, ledger_hash: first.hash });

  await sql`truncate ledger`.execute(db);
  await db.updateTable('delivery').set({ attempts: 0, ledger_seq: null, lease_until: null }).execute();
  t.match(await claim(4), { attempts: 1, ledger_seq: null, ledger_hash: null }, 'nothing was said yet');
  await say();
  t.match(await claim(5), { attempts: 2, ledger_seq: null }, 'so the next try must not name anything either');
  t.equal((await deliveries(db)).length, 1);
});
