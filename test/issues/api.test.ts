import t from 'tap';
import { openApp, token } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

const bug = {
  title: 'Export gives an empty file',
  kind: 'bug',
  message: 'We know about this. It is not your fault.',
};

onBoth(t, 'an issue goes its way from opened to resolved', async (t, base) => {
  const { api, clock } = await openApp(t, base);
  const component = await api('POST', '/components', { name: 'Exports', group: 'App' });
  t.equal(component.status, 201);
  t.match(component.body, {
    id: /^[0-9a-z]{12}$/,
    name: 'Exports',
    group: 'App',
    status: 'operational',
    position: 1,
  });

  const opened = await api('POST', '/issues', {
    ...bug,
    impact: 'minor',
    workaround: 'Choose **CSV**.',
    components: [{ id: component.body.id, status: 'partial_outage' }],
    next_update_at: '2026-11-23T10:00:00+01:00',
  });
  t.equal(opened.status, 201);
  t.match(opened.body, {
    id: /^[0-9a-z]{12}$/,
    status: 'investigating',
    impact: 'minor',
    workaround: 'Choose **CSV**.',
    components: [{ id: component.body.id, status: 'partial_outage' }],
    reporters_count: 0,
    next_update_at: '2026-11-23T09:00:00.000Z',
    started_at: '2026-11-21T12:00:00.000Z',
    created_at: '2026-11-21T12:00:00.000Z',
    resolved_at: null,
    resolution: null,
    url: `https://status.example.com/issues/${opened.body.id}`,
    updates: [{ status: 'investigating', message: bug.message, edited_at: null }],
  });
  const { id } = opened.body;
  t.equal(
    (await api('GET', '/components')).body.data[0].status,
    'partial_outage',
    'an open issue speaks for its component',
  );

  clock.now = new Date('2026-11-21T13:00:00.000Z');
  const update = await api('POST', `/issues/${id}/updates`, {
    status: 'identified',
    message: 'We found the cause.',
  });
  t.equal(update.status, 201);
  t.match(update.body, { status: 'identified', created_at: '2026-11-21T13:00:00.000Z', edited_at: null });
  t.equal((await api('GET', `/issues/${id}`)).body.next_update_at, null, 'an update settles the promise');

  const edited = await api('PATCH', `/issues/${id}/updates/${update.body.id}`, {
    message: 'We found the cause: a typo.',
  });
  t.match(edited.body, { message: 'We found the cause: a typo.', edited_at: '2026-11-21T13:00:00.000Z' });
  const kept = await base.db.selectFrom('issue_edit').select(['field', 'was']).execute();
  t.same(kept, [{ field: 'message', was: 'We found the cause.' }], 'what stood there before is kept');

  const resolved = await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
  t.equal(resolved.status, 201);
  const last = await api('GET', `/issues/${id}`);
  t.match(last.body, { status: 'resolved', resolution: 'fixed', resolved_at: '2026-11-21T13:00:00.000Z' });
  t.same(
    last.body.updates.map((one: { status: string }) => one.status),
    ['resolved', 'identified', 'investigating'],
    'newest first',
  );
  t.equal((await api('GET', '/components')).body.data[0].status, 'operational');
  t.match(await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Again.' }), {
    status: 409,
  });

  const reopened = await api('POST', `/issues/${id}/updates`, {
    status: 'investigating',
    message: 'It came back.',
  });
  t.equal(reopened.status, 201);
  t.match((await api('GET', `/issues/${id}`)).body, {
    status: 'investigating',
    resolved_at: null,
    resolution: null,
  });
});

onBoth(t, 'changing what was said in public keeps what stood there', async (t, base) => {
  const { api } = await openApp(t, base);
  const { id } = (
    await api('POST', '/issues', { ...bug, workaround: 'Wait.', next_update_at: '2026-11-22T10:00:00Z' })
  ).body;
  const changed = await api('PATCH', `/issues/${id}`, {
    title: 'Export is empty',
    workaround: null,
    impact: 'major',
    next_update_at: '2026-11-23T10:00:00Z',
  });
  t.match(changed, { status: 200, body: { title: 'Export is empty', workaround: null, impact: 'major' } });
  const edits = await base.db.selectFrom('issue_edit').select(['field', 'was']).orderBy('field').execute();
  t.same(edits, [
    { field: 'impact', was: 'none' },
    { field: 'next_update_at', was: '2026-11-22T10:00:00.000Z' },
    { field: 'title', was: bug.title },
    { field: 'workaround', was: 'Wait.' },
  ]);
  await api('PATCH', `/issues/${id}`, { title: 'Export is empty' });
  t.equal(
    (await base.db.selectFrom('issue_edit').selectAll().execute()).length,
    4,
    'the same again is no edit',
  );
});

const badIssues: [what: string, body: unknown, path: string][] = [
  ['no title', { kind: 'bug', message: 'm' }, 'title'],
  ['an empty title', { ...bug, title: ' \u200b ' }, 'title'],
  ['a title too long', { ...bug, title: 'x'.repeat(256) }, 'title'],
  ['a title that is a number', { ...bug, title: 7 }, 'title'],
  ['an unknown kind', { ...bug, kind: 'feature' }, 'kind'],
  ['no message', { title: 't', kind: 'bug' }, 'message'],
  ['a status of another kind', { ...bug, status: 'completed' }, 'status'],
  ['an unknown status', { ...bug, status: 'open' }, 'status'],
  ['an unknown impact', { ...bug, impact: 'huge' }, 'impact'],
  ['a time that is none', { ...bug, next_update_at: 'tomorrow' }, 'next_update_at'],
  ['a day that does not exist', { ...bug, started_at: '2026-02-30T10:00:00Z' }, 'started_at'],
  [
    'a component that is not there',
    { ...bug, components: [{ id: 'aaaaaaaaaaaa', status: 'operational' }] },
    'components.0.id',
  ],
  ['a component without status', { ...bug, components: [{ id: 'aaaaaaaaaaaa' }] }, 'components.0.status'],
  ['a beginning in the future', { ...bug, started_at: '9999-12-31T23:59:59Z' }, 'started_at'],
  ['a schedule for a bug', { ...bug, scheduled_for: '2026-12-01T10:00:00Z' }, 'scheduled_for'],
  [
    'a maintenance that ends before it starts',
    {
      ...bug,
      kind: 'maintenance',
      scheduled_for: '2026-12-01T10:00:00Z',
      scheduled_until: '2026-12-01T09:00:00Z',
    },
    'scheduled_until',
  ],
  ['a field nobody knows', { ...bug, colour: 'red' }, ''],
  [
    'a promise on something over',
    { ...bug, status: 'resolved', next_update_at: '2026-12-01T10:00:00Z' },
    'next_update_at',
  ],
  ['a list', [bug], ''],
  ['nothing', null, 'title'],
];

onBoth(t, 'bad input is refused with what and where, and opens nothing', async (t, base) => {
  const { api, app } = await openApp(t, base);
  for (const [what, body, path] of badIssues) {
    const { status, headers, body: problem } = await api('POST', '/issues', body);
    t.equal(status, 400, what);
    t.match(headers, { 'content-type': /^application\/problem\+json/ });
    t.match(
      problem,
      { title: String, status: 400, detail: String, errors: [{ path, message: String }] },
      what,
    );
  }
  for (const payload of ['{"title":', '\u0000', '[[', '{"__proto__":{"x":1}}', '['.repeat(100_000)]) {
    const response = await app.inject({
      method: 'POST',
      url: '/api/v1/issues',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      payload,
    });
    t.equal(response.statusCode, 400, payload.slice(0, 20));
    t.match(response.headers, { 'content-type': /^application\/problem\+json/ });
  }
  t.same((await api('GET', '/issues')).body, { data: [], next_cursor: null });
});

onBoth(t, 'addresses that lead nowhere answer 404, and steps that cannot be 409 or 400', async (t, base) => {
  const { api } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  const update = { status: 'identified', message: 'm' };
  t.equal((await api('GET', '/issues/zzzzzzzzzzzz')).status, 404);
  t.equal((await api('GET', '/issues/..%2f..')).status, 404);
  t.equal((await api('PATCH', '/issues/zzzzzzzzzzzz', { title: 't' })).status, 404);
  t.equal((await api('POST', '/issues/zzzzzzzzzzzz/updates', update)).status, 404);
  t.equal((await api('PATCH', `/issues/${id}/updates/zzzzzzzzzzzz`, { message: 'm' })).status, 404);
  t.equal((await api('PATCH', '/components/zzzzzzzzzzzz', { name: 'n' })).status, 404);
  t.equal((await api('GET', '/nothing')).status, 404);
  t.match((await api('PATCH', `/issues/${id}`, { status: 'resolved' })).body, {
    status: 400,
    detail: /updates/,
  });
  t.equal((await api('PATCH', `/issues/${id}`, {})).status, 400);
  t.equal((await api('POST', `/issues/${id}/updates`, { status: 'completed', message: 'm' })).status, 409);
  t.equal((await api('POST', `/issues/${id}/updates`, { ...update, resolution: 'fixed' })).status, 400);
  t.equal(
    (await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'm', notify: false })).status,
    400,
  );
});

onBoth(t, 'planned work without a time says so', async (t, base) => {
  const { api, app } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', { title: 'New disks', kind: 'maintenance', message: 'Soon.' }))
    .body;
  t.match((await app.inject('/')).body, 'no time set yet');
  t.match((await app.inject(`/issues/${id}`)).body, 'No time is set yet.');
});
