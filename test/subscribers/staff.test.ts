import { parse } from 'csv-parse/sync';
import t from 'tap';
import { wantedBySubscriber } from '../../src/notifications/wanted-by-subscribers.ts';
import { links } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

const consent = { consented_at: '2025-03-01T10:00:00.000Z', consent_source: 'the old page' };

onBoth(t, 'a program adds, lists, changes and erases subscribers', async (t, base) => {
  const { app, api } = await openDesk(t, base, { role: 'owner' });
  const [editor, mail] = await Promise.all(
    ['Editor', 'Mail'].map(async (name) => (await api('POST', '/components', { name })).body.id),
  );
  const vouched = await api('POST', '/subscribers', {
    email: 'Ana@example.com',
    components: [editor],
    ...consent,
  });
  t.match(vouched, {
    status: 201,
    body: {
      id: /^[0-9a-z]{12}$/,
      email: 'Ana@example.com',
      state: 'active',
      hears: 'components',
      components: [editor],
      source: 'the old page',
      confirmed_at: consent.consented_at,
      suppressed: null,
    },
  });
  t.same(await mailsOf(base), [], 'nobody is asked for whom somebody vouches');
  const asked = await api('POST', '/subscribers', { email: 'bob@example.com', incidents_only: true });
  t.match(asked.body, {
    state: 'unconfirmed',
    hears: 'everything',
    incidents_only: true,
    confirmed_at: null,
  });
  t.match(await mailsOf(base), [{ template: 'confirm', address: 'bob@example.com' }]);
  const confirm = await base.db.selectFrom('delivery').selectAll().executeTakeFirstOrThrow();
  t.match(await wantedBySubscriber(base.db, confirm, new Date()), {
    for: 'confirm',
    hears: false,
    listed: true,
  });
  t.match(await api('POST', '/subscribers', { email: 'ANA@example.com' }), {
    status: 409,
    body: { detail: /already/ },
  });
  t.match((await api('POST', '/subscribers', { email: 'bob@example.com', ...consent })).body, {
    id: asked.body.id,
    state: 'active',
  });
  for (const [body, path] of [
    [{ email: 'nobody' }, 'email'],
    [{ email: 'a@example.com', hears: 'components' }, 'components'],
    [{ email: 'a@example.com', hears: 'issues' }, 'issues'],
    [{ email: 'a@example.com', consented_at: consent.consented_at }, 'consent_source'],
    [{ email: 'a@example.com', state: 'active' }, ''],
  ] as const) {
    t.match(await api('POST', '/subscribers', body), { status: 400, body: { errors: [{ path }] } }, path);
  }
  for (const body of [
    { email: 'a@example.com', components: ['000000000000'] },
    { email: 'a@example.com', ...consent, consented_at: '2030-01-01T00:00:00Z' },
  ])
    t.equal((await api('POST', '/subscribers', body)).status, 400);

  t.match(await api('GET', '/subscribers?state=active&limit=1'), { body: { data: [{}], next_cursor: /./ } });
  t.match((await api('GET', `/subscribers?component_id=${editor}`)).body.data, [
    { email: 'Ana@example.com' },
  ]);
  t.same(
    (await api('GET', '/subscribers?q=OB%40exam')).body.data.map((one: { email: string }) => one.email),
    ['bob@example.com'],
  );
  t.equal((await api('GET', '/subscribers?q=%00&cursor=x')).status, 400);
  t.equal((await api('GET', '/subscribers?q=%00')).status, 200);
  const ana = `/subscribers/${vouched.body.id}`;
  t.match((await api('PATCH', ana, { components: [mail], incidents_only: true })).body, {
    hears: 'components',
    components: [mail],
    incidents_only: true,
  });
  t.equal((await api('PATCH', ana, {})).status, 400);
  t.equal((await api('PATCH', ana, { components: ['000000000000'] })).status, 400);
  t.match(await api('DELETE', ana), { status: 204, body: null });
  t.equal((await api('GET', ana)).status, 404);
  t.equal((await api('DELETE', ana)).status, 404);
  const { statusCode } = await app.inject({ method: 'DELETE', url: `/api/v1${ana}` });
  t.equal(statusCode, 401);
});

onBoth(
  t,
  'ten thousand come at once; whoever left stays away, and no address is asked twice',
  async (t, base) => {
    const { app, api } = await openDesk(t, base, { role: 'owner' });
    const { id } = (await api('POST', '/subscribers', { email: 'left@example.com', ...consent })).body;
    await app.inject({ method: 'POST', url: `/s/${links.token('subscriber', id)}/unsubscribe` });
    await app.inject({ method: 'POST', url: '/subscribe', payload: { email: 'left@example.com' } });
    await app.inject({ method: 'POST', url: '/subscribe', payload: { email: 'formed@example.com' } });
    await base.db
      .insertInto('suppression')
      .values({ address_key: 'dead@example.com', reason: 'no such user', created_at: new Date() })
      .execute();
    const before = (await mailsOf(base)).length;
    const list = [
      ...Array.from({ length: 5_000 }, (_, n) => ({ email: `person${n}@example.com`, ...consent })),
      ...Array.from({ length: 4_992 }, (_, n) => ({ email: `asked${n}@example.com` })),
      { email: 'PERSON1@example.com' },
      { email: 'left@example.com', ...consent },
      { email: 'formed@example.com', ...consent },
      { email: 'dead@example.com', ...consent },
      { email: 'nobody' },
      7,
      { email: 'x@example.com', components: ['000000000000'] },
      { email: 'formed@example.com' },
    ];
    t.equal(list.length, 10_000);
    const { status, body } = await api('POST', '/subscribers', list);
    t.equal(status, 201);
    t.match(body, {
      added: 9_994,
      already_there: 2,
      rejected: [
        { index: 9_993, reason: /left before/ },
        { index: 9_996, reason: /^email: must be a mail address/ },
        { index: 9_997 },
        { index: 9_998, reason: /neither a component/ },
      ],
      suppressed: [{ index: 9_995, reason: 'no such user' }],
    });
    t.equal((await mailsOf(base)).length - before, 4_992);
    t.match((await api('GET', '/subscribers?q=left%40')).body.data, [{ state: 'left' }]);
    t.match((await api('GET', '/subscribers?q=formed')).body.data, [
      { state: 'active', source: 'the old page' },
    ]);
    const again = await api('POST', '/subscribers', list);
    t.match(again.body, { added: 0, already_there: 9_996 });
    t.equal((await mailsOf(base)).length - before, 4_992, 'nobody twice');
    t.equal((await api('POST', '/subscribers', [...list, {}])).status, 400);
  },
);

const table = `email;consented_at;consent_source;components;incidents_only
ana@example.com;2025-03-01;the old page;"Editor; mail";yes
bob@example.com;;;;
left@example.com;2025-03-01;the old page;;no
ANA@example.com;2025-03-01;the old page;;
cy@example.com;2025-03-01;the old page;Teleporter;
dora@example.com;01.02.2025;the old page;;
eve@example.com;2025-03-01;the old page;;perhaps
`;

onBoth(t, 'a table is tried out line by line, then brought in, and goes out again', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner' });
  const { api } = owner;
  for (const name of ['Editor', 'Mail']) await api('POST', '/components', { name });
  const { id } = (await api('POST', '/subscribers', { email: 'left@example.com', ...consent })).body;
  t.match(await owner.post(`/admin/subscribers/${id}/leave`), { to: `/admin/subscribers/${id}?said=saved` });
  const at = '/admin/subscribers/import';
  const tried = textOf((await owner.post(at, { do: 'check', list: table })).html);
  for (const words of [
    '1 hears from us at once',
    '1 is asked by mail first',
    '1 left before, and stays away',
    '3 cannot be taken',
    '2 ana@example.com Hears from us at once, by the consent of 2025-03-01.',
    '3 bob@example.com Is asked by mail first',
    '4 left@example.com Left before, and stays away.',
    '5 ANA@example.com Stands in the table further up, and that line counts.',
    '1 is there already, or stands in the table twice',
    '6 cy@example.com Cannot be taken: there is no component called “Teleporter”.',
    '7 dora@example.com Cannot be taken: consented_at says “01.02.2025”. Write the day like 2025-02-01.',
    '8 eve@example.com Cannot be taken: incidents_only: must be yes or no.',
  ])
    t.match(tried, words);
  t.equal((await api('GET', '/subscribers')).body.data.length, 1, 'nothing was done by trying');
  t.same(await mailsOf(base), []);
  t.equal((await owner.post(at, { do: 'add', list: table })).to, '/admin/subscribers?added=1&asked=1');
  const { components: parts, ...ana } = (await api('GET', '/subscribers?q=ana')).body.data[0];
  t.match(ana, {
    state: 'active',
    incidents_only: true,
    confirmed_at: '2025-03-01T00:00:00.000Z',
    source: 'the old page',
  });
  t.equal(parts.length, 2);
  t.match((await api('GET', '/subscribers?q=left')).body.data, [{ state: 'left' }]);
  const out = await owner.get('/admin/subscribers.csv');
  t.match(out.headers['content-disposition'], /attachment; filename="subscribers\.csv"/);
  const rows = parse(out.html, { columns: true }) as Record<string, string>[];
  t.match(
    rows.find((one) => one.email === 'ana@example.com'),
    {
      state: 'active',
      components: 'Editor; Mail',
      incidents_only: 'yes',
      consented_at: '2025-03-01T00:00:00.000Z',
      consent_source: 'the old page',
    },
  );
  const back = textOf((await owner.post(at, { do: 'check', list: out.html })).html);
  t.match(
    back,
    /0 hear from us at once.* 1 is there already.* 2 cannot be taken/,
    'whoever left does not come back by it',
  );
  t.match(back, 'ana@example.com Is there already, and stays as it is.');
  const strange = 'email;"Agreed; on";Name\nzoe@example.com;2025-02-01;Zoe\n';
  t.match(
    textOf((await owner.post(at, { do: 'check', list: strange })).html),
    /1 is asked by mail first.* These columns are not used: “Agreed; on”, “Name”\./,
  );
  for (const [list, words] of [
    ['', 'There is nothing in this list'],
    ['ana@example.com\nbob@example.com', 'The first line must name the columns'],
    ['email\n"open', 'no CSV table: line 2 has a quotation mark'],
    ['email\n', 'There is nobody in it'],
  ])
    t.match(textOf((await owner.post(at, { do: 'check', list: list! })).html), words!);
});

onBoth(t, 'staff find a subscriber with the proof; only an owner takes one off', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner' });
  const support = await owner.colleague({ role: 'support' });
  const { id } = (await owner.api('POST', '/subscribers', { email: 'ana@example.com', ...consent })).body;
  await owner.api('POST', '/subscribers', { email: 'bob@example.com' });
  const list = textOf((await support.get('/admin/subscribers')).html);
  t.match(list, /1 hearing from us 0 paused 1 asked, not confirmed 0 left/);
  t.notMatch(list, 'Bring in a list');
  t.notMatch(textOf((await support.get('/admin/subscribers?q=ANA%40')).html), 'bob@example.com');
  t.match(textOf((await support.get('/admin/subscribers?state=paused')).html), 'Nobody fits that');
  const one = await support.get(`/admin/subscribers/${id}`);
  t.match(
    textOf(one.html),
    /Was brought along, with consent \(by a list: the old page\) .* The list says that this person agreed on 2025-03-01\. Hears of: Everything/,
  );
  t.notMatch(one.html, 'Erase for good');
  t.match(
    textOf((await support.get('/admin/lookup?q=It+fails,+says+Ana@example.com')).html),
    'ana@example.com subscribes (hearing from us). Everything',
  );
  t.equal((await owner.post(`/admin/subscribers/${id}/leave`)).status, 303);
  t.match(
    textOf((await owner.get(`/admin/subscribers/${id}`)).html),
    /State left .* Left \(by one of us, here\)/,
  );
  t.equal((await owner.post(`/admin/subscribers/${id}/erase`)).to, '/admin/subscribers?said=erased');
  t.equal((await support.get(`/admin/subscribers/${id}`)).status, 404);
  const audit = await base.db.selectFrom('audit').select(['act', 'about']).orderBy('seq').execute();
  t.match(audit.slice(-2), [
    { act: 'took a subscriber off the list', about: `subscriber:${id}` },
    { act: 'erased a subscriber', about: `subscriber:${id}` },
  ]);
});

function mailsOf({ db }: Parameters<Parameters<typeof onBoth>[2]>[1]) {
  return db.selectFrom('delivery').select(['template', 'address']).execute();
}
