import t, { type Test } from 'tap';
import type { Database } from '../../src/db.ts';
import { createToken } from '../../src/staff/tokens.ts';
import { openApp, token } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { incident as incidentKeys } from '../fixtures/statuspage-keys.ts';

onBoth(t, 'a program opens, updates and resolves an incident as it did at Statuspage', async (t, base) => {
  const { call, api, page, clock, published } = await open(t, base);
  const web = await call('POST', '/components', { component: { name: 'Web', description: 'The site.' } });
  t.equal(web.status, 201);
  const other = await call('POST', '/components', { component: { name: 'Mail' } });
  const [a, b] = [web.body.id, other.body.id];

  const made = await call('POST', '/incidents', {
    incident: {
      name: 'Nothing opens',
      status: 'investigating',
      body: 'We look into it.',
      components: { [a]: 'partial_outage' },
      component_ids: [a, b],
      metadata: { jira: { issue: 'X-1' } },
      wants_twitter_update: false,
    },
  });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const { id } = made.body;
  t.match(made.body, {
    name: 'Nothing opens',
    status: 'investigating',
    impact: 'major',
    page_id: page.id,
    shortlink: `https://status.example.com/issues/${id}`,
    components: [
      { id: a, status: 'partial_outage' },
      { id: b, status: 'operational' },
    ],
    incident_updates: [{ body: 'We look into it.', deliver_notifications: true }],
  });
  t.same(
    incidentKeys.filter((key) => !(key in made.body)),
    [],
    'all that the public one has, too',
  );

  await api('POST', `/issues/${id}/reports`, { email: 'ana@example.com' });
  clock.now = new Date('2026-11-21T12:30:00.000Z');
  const worse = await call('PATCH', `/incidents/${id}`, {
    incident: { status: 'identified', body: 'Found it.', components: { [b]: 'major_outage' } },
  });
  t.equal(worse.status, 200, JSON.stringify(worse.body));
  t.match(worse.body, { status: 'identified', impact: 'critical', name: 'Nothing opens' });
  t.same(worse.body.incident_updates[0].affected_components, [
    { code: b, name: 'Mail', old_status: 'operational', new_status: 'major_outage' },
  ]);
  t.equal(worse.body.incident_updates.length, 2);

  const renamed = await call('PATCH', `/incidents/${id}.json`, {
    incident: { name: 'Some pages do not open', impact_override: 'minor', status: 'identified' },
  });
  t.match(renamed.body, { name: 'Some pages do not open', impact: 'minor' });
  t.equal(renamed.body.incident_updates.length, 2, 'the status it has is no news');
  const { body: issue } = await api('GET', `/issues/${id}`);
  t.equal(issue.kind, 'incident');

  const quiet = await call('PUT', `/incidents/${id}`, {
    incident: { body: 'Half of it is back.', deliver_notifications: false },
  });
  t.match(quiet.body.incident_updates[0], { status: 'identified', deliver_notifications: false });
  const said = quiet.body.incident_updates[0].id;
  const edited = await call('PATCH', `/incidents/${id}/incident_updates/${said}`, {
    incident_update: { body: 'A third of it is back.' },
  });
  t.match(edited.body, { id: said, body: 'A third of it is back.' });
  t.match(await published(`/issues/${id}`), /Half of it is back/, 'what stood there stays visible');

  const silent = await call('PATCH', `/incidents/${id}`, {
    incident: { status: 'resolved', deliver_notifications: false },
  });
  t.equal(silent.status, 422);
  t.match(silent.body.error, ['deliver_notifications cannot be false here: everybody who told us is told']);
  const over = await call('PATCH', `/incidents/${id}`, {
    incident: {
      status: 'resolved',
      body: 'It works again.',
      components: { [a]: 'operational', [b]: 'operational' },
    },
  });
  t.match(over.body, { status: 'resolved', impact: 'minor', resolved_at: '2026-11-21T12:30:00.000Z' });
  const { body: mails } = await api('GET', `/issues/${id}/notifications`);
  t.match(mails, { total: 1, queued: 1 }, 'the one who told us is told');

  const audit = await base.db.selectFrom('audit').select(['who', 'act', 'about']).orderBy('seq').execute();
  t.same(
    audit.filter((line) => line.about === `issue:${id}`).map(({ who, act }) => `${who}: ${act}`),
    [
      'token “test”: opened an issue',
      'token “test”: Add one reporter, or up to 10,000; nobody is mailed before there is news',
      ...Array.from({ length: 3 }, () => 'token “test”: changed an issue'),
      'token “test”: edited an update',
      'token “test”: changed an issue',
    ],
    'each deed once, and none for what was refused',
  );
});

onBoth(t, 'planned work, from a form, with its clock; and the lists of what there is', async (t, base) => {
  const { call, form, page } = await open(t, base);
  const web = await form('POST', '/components', {
    'component[name]': 'Web',
    'component[status]': 'operational',
  });
  const made = await form('POST', '/incidents', {
    'incident[name]': 'New disks',
    'incident[body]': 'We change the disks.',
    'incident[scheduled_for]': '2026-11-22 02:00:00+00:00',
    'incident[scheduled_until]': '2026-11-22T04:00:00Z',
    'incident[scheduled_auto_in_progress]': 'true',
    'incident[scheduled_auto_completed]': '1',
    'incident[scheduled_remind_prior]': 'false',
    'incident[component_ids][]': web.body.id,
    'incident[impact_override]': 'maintenance',
    'incident[backfill_date]': '',
  });
  t.equal(made.status, 201, JSON.stringify(made.body));
  t.match(made.body, {
    status: 'scheduled',
    impact: 'maintenance',
    scheduled_for: '2026-11-22T02:00:00.000Z',
    scheduled_until: '2026-11-22T04:00:00.000Z',
    scheduled_auto_in_progress: true,
    scheduled_auto_completed: true,
    scheduled_remind_prior: false,
  });
  const { id } = made.body;
  const touched = await base.db.selectFrom('issue_component').select('status').execute();
  t.same(touched, [{ status: 'under_maintenance' }], 'what is worked on is said to be');
  const broken = await form('POST', '/incidents', {
    'incident[name]': 'Nothing opens',
    'incident[deliver_notifications]': 'false',
    [`incident[components][${web.body.id}]`]: 'major_outage',
  });
  t.match(broken.body, {
    impact: 'critical',
    incident_updates: [{ body: 'We are looking into it.', deliver_notifications: false }],
  });
  const moved = await form('PUT', `/incidents/${id}`, {
    'incident[scheduled_until]': '2026-11-22T05:00:00Z',
  });
  t.match(moved.body, { scheduled_until: '2026-11-22T05:00:00.000Z', status: 'scheduled' });

  const named = async (path: string) =>
    (await call('GET', path)).body.map((one: { name: string }) => one.name);
  t.same((await named('/incidents')).sort(), ['New disks', 'Nothing opens']);
  t.same(await named('/incidents?q=disks'), ['New disks']);
  t.same(await named('/incidents?q=100%25'), [], 'signs mean themselves');
  t.same((await named('/incidents.json?limit=1')).length, 1);
  t.notSame(await named('/incidents?limit=1&page=2'), await named('/incidents?limit=1&page=1'));
  t.same(await named('/incidents/unresolved'), ['Nothing opens']);
  t.same(await named('/incidents/upcoming.json'), ['New disks']);
  t.same(await named('/incidents/scheduled'), ['New disks']);
  t.same(await named('/incidents/active_maintenance'), []);
  await call('PATCH', `/incidents/${id}`, { incident: { status: 'in_progress' } });
  t.same(await named('/incidents/active_maintenance'), ['New disks']);
  t.equal((await call('GET', `/incidents/${id}`)).body.incident_updates[0].body, 'Under way.');

  const pages = await call('GET', '/v1/pages.json');
  t.match(pages.body, [{ id: page.id, name: 'Paperboat', url: 'https://status.example.com' }]);
  t.same((await call('GET', '')).body, pages.body[0]);
});

onBoth(t, 'components are read, changed and put into a group', async (t, base) => {
  const { call, api } = await open(t, base);
  const { body: shop } = await api('POST', '/components', { name: 'Shop', group: 'Website' });
  const [group, first] = (await call('GET', '/components')).body;
  t.match(
    [group, first],
    [
      { name: 'Website', group: true, components: [shop.id] },
      { id: shop.id, group: false },
    ],
  );
  const { body: mail } = await call('POST', '/components', {
    component: { name: 'Mail', group_id: group.id, status: 'degraded_performance' },
  });
  t.match(mail, { group_id: group.id, status: 'degraded_performance', automation_email: null });
  const changed = await call('PATCH', `/components/${mail.id}`, {
    component: { status: 'major_outage', description: 'To readers.', group_id: 'null' },
  });
  t.match(changed.body, { status: 'major_outage', description: 'To readers.', group_id: null, name: 'Mail' });
  t.same((await call('GET', `/components/${mail.id}.json`)).body, changed.body);
  t.equal((await call('GET', '/components/nothing00000')).status, 404);
  t.equal((await call('PATCH', '/components/nothing00000', { component: { name: 'X' } })).status, 404);
  t.equal((await call('GET', '/components?per_page=1&page=2')).body[0].id, shop.id);
});

onBoth(
  t,
  'what would mean something else is refused with a sentence, and nothing is done',
  async (t, base) => {
    const { call, form, api } = await open(t, base);
    const { body: bug } = await api('POST', '/issues', { title: 'A bug', kind: 'bug', message: 'Known.' });
    const { body: open_ } = await call('POST', '/incidents', { incident: { name: 'Open', body: 'Yes.' } });
    const update = `/incidents/${open_.id}/incident_updates/${open_.incident_updates[0].id}`;
    const before = await counts(base);
    const soon = { scheduled_for: '2026-11-22T02:00:00Z', scheduled_until: '2026-11-22T04:00:00Z' };
    const incidents: [given: object, error: RegExp][] = [
      [{}, /^name is missing/],
      [{ name: '  ' }, /^name must not be empty/],
      [{ name: 'x'.repeat(256) }, /^name must be at most 255/],
      [{ name: 'x', status: 'postmortem' }, /^status cannot be postmortem/],
      [{ name: 'x', status: 'broken' }, /^status must be one of/],
      [{ name: 'x', impact_override: 'maintenance' }, /^impact_override maintenance is for planned work/],
      [{ name: 'x', status: 'scheduled' }, /^scheduled_for is missing/],
      [{ name: 'x', status: 'investigating', ...soon }, /^status a maintenance is one of/],
      [{ name: 'x', ...soon, scheduled_until: '2026-11-22T01:00:00Z' }, /^scheduled_until must be after/],
      [{ name: 'x', scheduled_for: 'tomorrow' }, /^scheduled_for must be a time/],
      [{ name: 'x', backfilled: true }, /^backfilled cannot be done/],
      [{ name: 'x', components: { abcdefghijkl: 'major_outage' } }, /abcdefghijkl is not a component/],
      [{ name: 'x', components: { [open_.id]: 'gone' } }, /must be one of operational/],
      [{ name: 'x', components: { 'Web site': 'major_outage' } }, /^components.Web site must be an id/],
      [{ name: 'x', deliver_notifications: 'perhaps' }, /^deliver_notifications must be true or false/],
      [
        {
          name: 'x',
          ...soon,
          scheduled_auto_in_progress: true,
          auto_transition_deliver_notifications_at_start: false,
        },
        /^auto_transition_deliver_notifications_at_start cannot be false/,
      ],
    ];
    for (const [incident, error] of incidents) {
      const { status, body } = await call('POST', '/incidents', { incident });
      t.equal(status, 422, String(error));
      t.match(body.error[0], error);
      t.same(Object.keys(body), ['error']);
    }
    const others: [method: Method, path: string, body: object | undefined, status: number, error: RegExp][] =
      [
        ['POST', '/incidents', { name: 'x' }, 422, /incident must be sent as/],
        [
          'POST',
          '/components',
          { component: { name: 'x', only_show_if_degraded: true } },
          422,
          /is shown whether/,
        ],
        ['POST', '/components', { component: { name: 'x', group_id: 'abcdefghijkl' } }, 422, /is no group/],
        [
          'PATCH',
          update,
          { incident_update: { display_at: '2026-01-01T00:00:00Z' } },
          422,
          /stands at the time/,
        ],
        ['PATCH', update, { incident_update: { body: '' } }, 422, /^body is missing/],
        [
          'PATCH',
          update.replace(/\w+$/, 'nothing00000'),
          { incident_update: { body: 'x' } },
          404,
          /no update/,
        ],
        [
          'PATCH',
          `/incidents/${open_.id}`,
          { incident: { status: 'completed' } },
          422,
          /cannot be completed/,
        ],
        ['PATCH', `/incidents/${open_.id}`, { incident: soon }, 422, /is for kind maintenance/],
        ['PATCH', `/incidents/${bug.id}`, { incident: { name: 'x' } }, 404, /no incident/],
        ['GET', '/incidents/nothing00000', undefined, 404, /no incident/],
        ['GET', '/incidents?page=x', undefined, 422, /page must be a whole number/],
        ['GET', '/postmortems', undefined, 404, /nothing at this address/],
        ['DELETE', `/incidents/${open_.id}`, undefined, 422, /What was said stays said/],
      ];
    for (const [method, path, body, status, error] of others) {
      const answer = await call(method, path, body);
      t.equal(answer.status, status, `${method} ${path}`);
      t.match([answer.body.error].flat()[0], error);
    }
    const deep = await form('POST', '/incidents', { 'incident[a][b][c][d][e]': 'x' });
    t.equal(deep.status, 422);
    t.match(deep.body.error, /deeper or longer/);
    t.same(await counts(base), before);
  },
);

onBoth(t, 'a token opens it, and one that is not ours tells nothing', async (t, base) => {
  const { app, clock, page } = await open(t, base);
  const make = (name: string, scopes: ('read' | 'write')[]) =>
    createToken(base.db, { name, scopes, expiresAt: null, token: `candor_${name}_0123456789` }, clock.now);
  const { token: reader } = await make('reader', ['read']);
  const ask = (headers: Record<string, string>, url = '/v1/pages', method: Method = 'GET') =>
    app.inject({
      method,
      url,
      headers,
      ...(method === 'GET' ? {} : { payload: { incident: { name: 'x' } } }),
    });
  for (const headers of [{}, { authorization: 'OAuth nonsense' }, { authorization: 'Basic eDp5' }]) {
    const answer = await ask(headers as Record<string, string>);
    t.equal(answer.statusCode, 401);
    t.match(answer.headers, { 'www-authenticate': 'OAuth', 'cache-control': 'no-store' });
    t.match(answer.json().error, /^Send a token that is valid/);
  }
  t.equal((await ask({}, '/v1/pages?api_key=nonsense')).statusCode, 401);
  t.equal((await ask({}, `/v1/pages?api_key=${reader}`)).statusCode, 200);
  t.equal((await ask({ authorization: `Bearer ${reader}` })).statusCode, 200);
  const auth = { authorization: `OAuth ${reader}` };
  t.equal((await ask(auth, `/v1/pages/${page.id}/incidents`)).statusCode, 200);
  const wrote = await ask(auth, `/v1/pages/${page.id}/incidents`, 'POST');
  t.equal(wrote.statusCode, 403);
  t.same(wrote.json(), { error: 'This token lacks the scope "write".' });
  t.equal((await ask(auth, '/v1/pages/abcdefghijkl/incidents')).statusCode, 404);
  const strange = await ask({ authorization: `OAuth ${token}` }, '/v1/pages/abcdefghijkl/incidents', 'POST');
  t.equal(strange.statusCode, 404);
  t.match(strange.json().error, /no page abcdefghijkl/);

  const { id } = await base.db
    .selectFrom('api_token')
    .select('id')
    .where('name', '=', 'reader')
    .executeTakeFirstOrThrow();
  await base.db.updateTable('quota').set({ count: 600 }).where('bucket', '=', `statuspage:${id}`).execute();
  const much = await ask(auth);
  t.equal(much.statusCode, 429);
  t.equal(much.headers['retry-after'], '60');
  t.match(much.json().error, /600 times a minute/);
});

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** The app, and how a program calls it under the page's address. */
async function open(t: Test, base: Database) {
  const opened = await openApp(t, base);
  const { app } = opened;
  const authorization = `OAuth ${token}`;
  const [page] = (await app.inject({ url: '/v1/pages', headers: { authorization } })).json();
  const send = async (method: Method, path: string, type: string, payload?: string) => {
    const response = await app.inject({
      method,
      url: path.startsWith('/v1') ? path : `/v1/pages/${page.id}${path}`,
      headers: { authorization, ...(payload === undefined ? {} : { 'content-type': type }) },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: response.statusCode, body: response.json() };
  };
  return {
    ...opened,
    page,
    call: (method: Method, path: string, body?: object) =>
      send(method, path, 'application/json', body && JSON.stringify(body)),
    form: (method: Method, path: string, fields: Record<string, string>) =>
      send(method, path, 'application/x-www-form-urlencoded', new URLSearchParams(fields).toString()),
    published: async (path: string) => (await app.inject(path)).body,
  };
}

async function counts({ db }: Database): Promise<number[]> {
  const tables = ['issue', 'issue_update', 'component', 'issue_edit', 'audit', 'delivery'] as const;
  const rows = await Promise.all(
    tables.map((table) =>
      db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow(),
    ),
  );
  return rows.map(({ count }) => Number(count));
}
