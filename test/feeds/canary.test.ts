import { type Insertable, sql } from 'kysely';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import type { Tables } from '../../src/tables.ts';
import { addressesOf } from '../fixtures/addresses.ts';
import { links, openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { ago, fillSample } from '../fixtures/sample.ts';

const at = ago(30);
const word = (what: string) => `canary-${what}`;
const mail = (what: string) => `canary-${what}@mail.example`;

/** What is nobody's business but ours and its owner's, a word in every field that can hold one. */
const secrets: { [Name in keyof Tables]?: Insertable<Tables[Name]>[] } = {
  staff: [
    {
      id: 'privatestaff',
      email: mail('staff'),
      name: word('staff'),
      role: 'owner',
      password: word('password'),
      subject: word('subject'),
      created_at: at,
      disabled_at: null,
      last_seen_at: at,
    },
  ],
  staff_session: [
    { hash: word('session'), staff_id: 'privatestaff', created_at: at, seen_at: at, ends_at: ago(-60) },
  ],
  staff_link: [
    {
      id: 'privatelink1',
      staff_id: 'privatestaff',
      purpose: 'password',
      invited_by: word('inviter'),
      created_at: at,
      expires_at: ago(-60),
      used_at: null,
    },
  ],
  report: (['new', 'linked', 'answered', 'withdrawn', 'spam'] as const).map((state, n) => ({
    id: `privaterep0${n}`,
    issue_id: state === 'new' ? null : 'publish00001',
    state,
    source: word('source'),
    email: mail(state),
    name: word('name'),
    message: `publish ${word('message')} button`,
    page_url: `https://a.example/${word('page')}`,
    verdict: state === 'answered' ? ('explained' as const) : null,
    answer: state === 'answered' ? word('answer') : null,
    answered_at: state === 'answered' ? at : null,
    withdrawn_at: state === 'withdrawn' ? at : null,
    linked_at: state === 'linked' ? at : null,
    worked: state === 'linked' ? false : null,
    worked_comment: state === 'linked' ? word('comment') : null,
    worked_at: state === 'linked' ? at : null,
    created_at: at,
  })),
  deed: [
    {
      id: 'privatedeed1',
      kind: 'answer',
      staff_id: 'privatestaff',
      issue_id: 'publish00001',
      at,
      undone_at: null,
    },
  ],
  deed_report: [
    {
      deed_id: 'privatedeed1',
      report_id: 'privaterep00',
      state: 'new',
      issue_id: null,
      linked_at: null,
      verdict: null,
      answer: word('answer-before'),
      answered_at: null,
    },
  ],
  report_group: [{ id: 'privategroup', stems: [word('stem')], issue_id: null, newest_at: at }],
  note: [
    {
      id: 'privatenote1',
      issue_id: 'publish00001',
      staff_id: 'privatestaff',
      who: word('writer'),
      body: word('note'),
      created_at: at,
    },
  ],
  audit: [
    {
      at,
      staff_id: 'privatestaff',
      who: word('who'),
      act: 'issue.opened',
      about: 'issue:publish00001',
      detail: JSON.stringify({ said: word('detail') }),
      address: mail('audit'),
    },
  ],
  wording: [{ key: 'opening.bug', body: word('wording'), changed_at: at }],
  api_token: [
    {
      id: 'privatetoken',
      name: word('token'),
      hash: word('hash'),
      scopes: ['issues:read'],
      created_at: at,
      expires_at: null,
      last_used_at: null,
      revoked_at: null,
    },
  ],
  idempotency: [
    {
      token_id: 'privatetoken',
      key: word('key'),
      request_hash: word('request'),
      status: 201,
      answer: JSON.stringify({ email: mail('idempotency') }),
      created_at: at,
    },
  ],
  subscriber: (['unconfirmed', 'active', 'paused', 'left'] as const).map((state, n) => ({
    id: `privatesub0${n}`,
    email: mail(`sub-${state}`),
    state,
    source: word('source'),
    created_at: at,
    confirmed_at: state === 'unconfirmed' ? null : at,
  })),
  subscriber_issue: [{ subscriber_id: 'privatesub01', issue_id: 'publish00001' }],
  subscriber_component: [{ subscriber_id: 'privatesub01', component_id: 'part00000002' }],
  consent: [
    {
      subscriber_id: 'privatesub01',
      act: 'confirmed',
      at,
      source: word('consent'),
      detail: JSON.stringify({ how: word('how') }),
    },
  ],
  webhook: [
    {
      id: 'privatehook1',
      kind: 'candor',
      name: word('hook'),
      url: `https://a.example/${word('url')}`,
      secret: word('secret'),
      subscriber_id: null,
      staff_id: 'privatestaff',
      created_at: at,
      last_error: word('error'),
    },
  ],
  issue_draft: [
    {
      id: 'privatedraft',
      source: word('monitor'),
      source_key: word('key'),
      title: word('draft'),
      message: word('alarm'),
      component_ids: ['part00000002'],
      link: `https://a.example/${word('graph')}`,
      created_at: at,
      seen_at: at,
    },
  ],
  suppression: [{ address_key: mail('suppressed'), reason: word('reason'), created_at: at }],
  delivery: [
    {
      event: 'update:update000002',
      template: 'update',
      issue_id: 'publish00001',
      update_id: 'update000002',
      report_id: null,
      address: mail('delivery'),
      message_id: word('message-id'),
      reason: null,
      last_error: word('refusal'),
      due_at: at,
      lease_token: null,
      lease_until: null,
      created_at: at,
      ended_at: null,
    },
  ],
  workaround: [
    {
      id: 'privateway01',
      issue_id: 'publish00001',
      report_id: 'privaterep01',
      state: 'offered',
      offered: word('way-around'),
      credit: word('credit'),
      body: null,
      created_at: at,
      published_at: null,
      ended_at: null,
    },
  ],
  setting: [{ key: 'link_key', value: word('link-key') }],
};

/** Of these nothing is private, or there is no text in them. */
const open = [
  'component',
  'component_change',
  'figures_kept', // counted from the ledger
  'issue',
  'issue_component',
  'issue_edit',
  'issue_search',
  'issue_update',
  'ledger',
  'search_change',
  'search_word',
  'migration',
  'quota',
  'workaround_help',
];

onBoth(t, "nobody's address, name or word stands at any address that everybody can read", async (t, base) => {
  const { app } = await openApp(t, base);
  await fillSample(base.db);
  for (const [table, rows] of Object.entries(secrets)) await hide(base.db, table, rows);
  await base.db
    .updateTable('sending')
    .set({ reason: word('pause'), held_reason: word('hold') })
    .execute();
  const tables = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(base.db);
  t.same(
    tables.rows
      .map((row) => row.name)
      .filter((name) => !open.includes(name) && name !== 'sending' && !(name in secrets)),
    [],
    'each table is known as open or as private, and has a canary then',
  );

  const addresses = addressesOf(app);
  for (const known of [
    '/',
    '/history.atom',
    '/components/:id/feed.json',
    '/embed.json',
    '/issues/:id',
    '/r/:token',
  ]) {
    t.ok(addresses.includes(known), `the crawl finds ${known}`);
  }
  const leaks: string[] = [];
  let answered = 0;
  for (const url of addresses.flatMap((address) => filled(address))) {
    const { statusCode, headers, body } = await app.inject(url);
    if (statusCode === 200) answered++;
    if (/canary/i.test(JSON.stringify(headers) + body)) leaks.push(url);
    if (statusCode >= 500) leaks.push(`${url} answers ${statusCode}`);
  }
  t.same(leaks, []);
  t.ok(answered > 30, `${answered} of them answer`);
  const own = await app.inject(`/r/${links.token('report', 'privaterep00')}`);
  t.match(own.body, 'canary-message', 'her own page alone tells her');
});

async function hide(db: Db, table: string, rows: object[]): Promise<void> {
  const name = table as 'setting';
  await db
    .insertInto(name)
    .values(rows as Insertable<Tables['setting']>[])
    .execute();
}

/** One of each kind that an address may name; the issue is the one with all the secrets under it. */
const ids = [
  'publish00001',
  'part00000002',
  'update000002',
  'privaterep00',
  'privaterep02',
  'privatestaff',
  'privatesub01',
  'privatehook1',
  'privatedraft',
  'privatenote1',
  'nosuch000000',
];

/** The address with everything in the place of its parameters that could be meant by them. */
function filled(address: string): string[] {
  if (!address.includes(':')) return [address];
  if (address.startsWith('/admin/')) return [address.replace(/:[a-z_]+/gi, 'publish00001')]; // the door is before them all
  return ids.map((id) => address.replace(/:[a-z_]+/gi, id));
}
