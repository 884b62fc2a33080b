import t from 'tap';
import type { Db } from '../../src/db.ts';
import { impactOf, webLink } from '../../src/domain/alarm.ts';
import { forgetOldDrafts } from '../../src/issues/drafts.ts';
import { createToken } from '../../src/staff/tokens.ts';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

const minute = 60_000;

/** A group as Alertmanager 0.27 sends it, at the hour at which the tests begin. */
function group(given: Record<string, unknown> = {}, alerts: unknown[] = [alert()]) {
  return {
    version: '4',
    groupKey: '{}/{severity="critical"}:{alertname="ExportFails"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'candor',
    groupLabels: { alertname: 'ExportFails' },
    commonLabels: { alertname: 'ExportFails', severity: 'critical', component: 'EXPORT' },
    commonAnnotations: {
      summary: 'Exports fail',
      description: '41 % of all <b>exports</b> ended in an error.',
    },
    externalURL: 'http://alertmanager.example:9093',
    alerts,
    ...given,
  };
}

function alert(given: Record<string, unknown> = {}) {
  return {
    status: 'firing',
    labels: { alertname: 'ExportFails', instance: 'app-1:9100', severity: 'critical' },
    annotations: { description: '41 % of all exports ended in an error.' },
    startsAt: '2026-11-21T11:30:00.000Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example:9090/graph?g0.expr=up',
    fingerprint: 'a1b2c3',
    ...given,
  };
}

const drafts = (db: Db) =>
  db.selectFrom('issue_draft').selectAll().orderBy('created_at').orderBy('seen_at').execute();

t.test('what a monitor calls serious, and what a page may link to', async (t) => {
  const severities = { critical: 'critical', Error: 'major', MAJOR: 'major', warning: 'minor', info: 'none' };
  for (const [said, impact] of Object.entries(severities)) t.equal(impactOf(said), impact, said);
  for (const unknown of [null, '', 'constructor', 'purple']) t.equal(impactOf(unknown), 'minor');
  t.equal(webLink('https://grafana.example/d/1?a=b'), 'https://grafana.example/d/1?a=b');
  for (const not of [
    'javascript:alert(1)',
    'data:text/html,x',
    '//x',
    'https://x"onclick=',
    'http://a b',
    '',
  ])
    t.equal(webLink(not), null, not);
});

onBoth(
  t,
  'an alarm of Alertmanager is one draft while it goes on, and never an issue',
  async (t, { db, ...base }) => {
    const { api, clock } = await openApp(t, { db, ...base });
    const { body: component } = await api('POST', '/components', { name: 'Export' });
    const first = await api('POST', '/alerts/alertmanager', group());
    t.match(first, { status: 200, body: { state: 'new', firing: true, times: 1, issue_id: null } });
    clock.now = new Date(clock.now.getTime() + 5 * minute);
    const again = await api('POST', '/alerts/alertmanager', group());
    t.match(again.body, { id: first.body.id, times: 2 });
    t.match(await drafts(db), [
      {
        source: 'alertmanager',
        title: 'Exports fail',
        message: /^41 % of all <b>exports<\/b> ended in an error\.\n\nGrouped by alertname ExportFails$/,
        impact: 'critical',
        component_ids: [component.id],
        link: 'http://prometheus.example:9090/graph?g0.expr=up',
        created_at: new Date('2026-11-21T11:30:00.000Z'),
        seen_at: clock.now,
        kind: 'incident',
      },
    ]);
    const over = alert({ status: 'resolved', endsAt: '2026-11-21T12:03:00.000Z' });
    await api('POST', '/alerts/alertmanager', group({ status: 'resolved' }, [over]));
    t.match(await drafts(db), [
      { firing: false, state: 'new', ended_at: new Date('2026-11-21T12:03:00.000Z') },
    ]);
    await api('POST', '/alerts/alertmanager', group());
    t.match(
      await drafts(db),
      [{ id: first.body.id, firing: true, ended_at: null, times: 3 }],
      'nobody had looked',
    );
    t.same((await api('GET', '/issues')).body.data, [], 'nothing is public');
  },
);

onBoth(
  t,
  'any program says it in plain words; what does not fit is told and loses nothing',
  async (t, base) => {
    const { api } = await openApp(t, base);
    const alarm = {
      key: 'disk',
      title: 'The disk\u202e is full',
      severity: 'error',
      components: ['No such', 'nor this'],
    };
    const taken = await api('POST', '/alerts', { ...alarm, source: 'uptime', message: 'on a\nand b' });
    t.match(taken, { status: 200, body: { state: 'new', times: 1 } });
    t.match(await drafts(base.db), [
      {
        source: 'uptime',
        title: 'The disk is full',
        impact: 'major',
        message: 'on a\nand b\n\nIt names what is no component here: No such, nor this',
      },
    ]);
    await api('POST', '/alerts', { ...alarm, source: 'other' });
    t.equal((await drafts(base.db)).length, 2, 'another source has keys of its own');
    t.match(await api('POST', '/alerts', { key: 'never', title: 'x', status: 'resolved' }), {
      status: 200,
      body: { id: null, state: null, firing: false },
    });
    for (const [body, path] of [
      [{ title: 'x' }, 'key'],
      [{ key: 'k', title: ' ' }, 'title'],
      [{ key: 'k', title: 'x', link: 'javascript:alert(1)' }, 'link'],
      [{ key: 'k', title: 'x', status: 'broken' }, 'status'],
      [{ key: 'k', title: 'x', message: 'y'.repeat(10_001) }, 'message'],
    ] as const) {
      const { status, headers, body: problem } = await api('POST', '/alerts', body);
      t.match([status, headers['content-type'], problem.errors[0].path], [400, /problem\+json/, path]);
    }
    for (const broken of [
      {},
      { ...group(), alerts: 'none' },
      { ...group(), groupKey: '\u0000' },
      { ...group(), status: 1 },
    ])
      t.equal((await api('POST', '/alerts/alertmanager', broken)).status, 400);
    t.equal((await drafts(base.db)).length, 2);
  },
);

onBoth(
  t,
  'a group of thousands of alerts, with labels that are no text, is one draft of bounded length',
  async (t, base) => {
    const { api } = await openApp(t, base);
    const alerts = Array.from({ length: 3_000 }, (_, i) =>
      alert({
        labels: { alertname: 'Down', instance: `node-${i}`, odd: { a: 1 }, component: `\u0000c${i}` },
        annotations: { summary: `node-${i} is down ${'x'.repeat(500)}` },
        generatorURL: 'javascript:alert(1)',
      }),
    );
    const many = { groupKey: 'g'.repeat(5_000), commonLabels: null, commonAnnotations: {}, groupLabels: [] };
    const { status } = await api('POST', '/alerts/alertmanager', group(many, [...alerts, 'no alert', null]));
    t.equal(status, 200);
    const [draft] = await drafts(base.db);
    t.match(draft, {
      title: /^node-0 is down .*… \(and 999 more\)$/,
      link: 'http://alertmanager.example:9093',
    });
    t.match(draft!.message, /and 2,982 more/);
    t.ok(draft!.message.length <= 10_500 && draft!.title.length <= 255 && draft!.source_key.length < 100);
  },
);

onBoth(
  t,
  'a token for alarms does nothing else, and whoever may write may raise them too',
  async (t, { db, ...base }) => {
    const { app, clock } = await openApp(t, { db, ...base });
    const call = async (scopes: ('read' | 'write' | 'alert')[], url: string, payload: object) => {
      const { token } = await createToken(db, { name: 'm', scopes, expiresAt: null }, clock.now);
      const authorization = `Bearer ${token}`;
      return (await app.inject({ method: 'POST', url: `/api/v1${url}`, headers: { authorization }, payload }))
        .statusCode;
    };
    const alarm = { key: 'k', title: 'x' };
    t.equal(await call(['alert'], '/alerts', alarm), 200);
    t.equal(await call(['alert'], '/alerts/alertmanager', group()), 200);
    t.equal(await call(['write'], '/alerts', alarm), 200);
    t.equal(await call(['read'], '/alerts', alarm), 403);
    t.equal(await call(['alert'], '/issues', { title: 'x', kind: 'bug', message: 'y' }), 403);
    t.equal(await call(['alert'], '/bounces', { message: 'From: a@b\n\n' }), 403);
    t.equal(await call(['alert'], '/inbound/report', { message: 'From: a@b\n\n' }), 403);
  },
);

onBoth(
  t,
  'an issue is opened from an alarm by a person, and hears when the alarm is over',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const reader = await desk.colleague({ role: 'reader', name: 'Rea' });
    const { body: component } = await desk.api('POST', '/components', { name: 'Export' });
    const { body: draft } = await desk.api('POST', '/alerts/alertmanager', group());
    t.match(textOf((await desk.get('/admin')).html), 'One alarm waits for a look');
    const seen = await reader.get('/admin/drafts');
    t.match(
      textOf(seen.html),
      /Exports fail Going on for 30 minutes · from alertmanager · came once · very serious impact/,
    );
    t.match(seen.html, '&lt;b&gt;exports&lt;/b&gt;', 'escaped');
    t.match(seen.html, 'rel="noopener noreferrer"');
    t.notMatch(seen.html, '/admin/issues/new?draft', 'a reader only looks');
    t.equal((await reader.post(`/admin/drafts/${draft.id}/dismiss`)).status, 403);

    const { html } = await desk.get(`/admin/issues/new?draft=${draft.id}`);
    t.match(html, 'value="Exports fail"');
    t.match(html, /name="kind" value="incident"/);
    t.match(html, new RegExp(`name="component-${component.id}"[\\s\\S]*?value="major_outage" selected`));
    t.match(textOf(html), 'What the monitor says');
    t.notMatch(textOf(html), 'It says that it is over');
    const over = alert({ status: 'resolved', endsAt: '2026-11-21T11:50:00.000Z' });
    await desk.api('POST', '/alerts/alertmanager', group({ status: 'resolved' }, [over]));
    const ended = await desk.get(`/admin/issues/new?draft=${draft.id}`);
    t.match(textOf(ended.html), 'It says that it is over, since 21 Nov 2026, 11:50 UTC.');
    t.match(ended.html, 'It has worked again since 21 November 2026, 11:50 UTC');
    t.notMatch(ended.html, 'This does not work right now');
    t.match(ended.html, new RegExp(`name="component-${component.id}"[\\s\\S]*?value="operational" selected`));
    const planned = { draft: draft.id, kind: 'incident', title: 'x', message: '', do: 'as:maintenance' };
    const anew = await desk.post('/admin/issues/new', planned);
    t.match(anew.html, 'We are going to work on this.', 'planned work is still to come');
    t.match(textOf(anew.html), 'It says that it is over');
    await desk.api('POST', '/alerts/alertmanager', group());
    const form = {
      id: /name="id" value="(\w+)"/.exec(html)![1]!,
      draft: draft.id,
      kind: 'incident',
      title: 'The export fails',
      message: 'We are looking for the cause.',
      impact: 'critical',
      next_update: 'none',
      do: 'publish',
    };
    const opened = await desk.post('/admin/issues/new', form);
    t.equal(opened.to, `/admin/issues/${form.id}?said=posted`);
    t.equal((await desk.post('/admin/issues/new', form)).to, `/admin/issues/${form.id}`, 'twice is once');
    t.match(await drafts(base.db), [{ state: 'opened', issue_id: form.id }]);
    const issue = await base.db.selectFrom('issue').selectAll().executeTakeFirstOrThrow();
    t.same(issue.started_at, new Date('2026-11-21T11:30:00.000Z'), 'it began when the monitor says');
    const late = await desk.post('/admin/issues/new', { ...form, id: 'a'.repeat(12) });
    t.equal(late.status, 409, 'a colleague was quicker');

    const deskOf = async () => textOf((await desk.get(`/admin/issues/${form.id}`)).html);
    t.match(await deskOf(), 'Exports fail: it goes on (alertmanager)');
    await desk.api('POST', '/alerts/alertmanager', group({ status: 'resolved' }));
    t.match(await deskOf(), 'the monitor says it is over');
    t.match(
      await base.db.selectFrom('issue').select('resolved_at').execute(),
      [{ resolved_at: null }],
      'a hint, no more',
    );
    await desk.api('POST', '/alerts/alertmanager', group());
    t.match(await drafts(base.db), [{ state: 'opened', firing: true }], 'it flaps: the issue is open still');
    await desk.api('POST', `/issues/${form.id}/updates`, { status: 'resolved', message: 'Mended.' });
    await desk.api('POST', '/alerts/alertmanager', group({ status: 'resolved' }));
    await desk.api('POST', '/alerts/alertmanager', group());
    t.match(
      (await drafts(base.db)).map(({ state }) => state).sort(),
      ['new', 'opened'],
      'another time, another draft',
    );
  },
);

onBoth(
  t,
  'what was put away stays away while it goes on; what belongs to an issue is linked',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const alarm = { key: 'k', title: 'Slow' };
    const { body: draft } = await desk.api('POST', '/alerts', alarm);
    t.equal((await desk.post(`/admin/drafts/${draft.id}/dismiss`)).to, '/admin/drafts?said=away');
    t.equal((await desk.post(`/admin/drafts/${draft.id}/dismiss`)).status, 409);
    t.match((await desk.api('POST', '/alerts', alarm)).body, { id: draft.id, state: 'dismissed', times: 2 });
    t.notMatch((await desk.get('/admin')).html, 'waits for a look');
    t.match((await desk.get('/admin/drafts?state=away')).html, `/admin/drafts/${draft.id}/back`);
    await desk.api('POST', '/alerts', { ...alarm, status: 'resolved' });
    const { body: next } = await desk.api('POST', '/alerts', alarm);
    t.match(next, { state: 'new', times: 1 }, 'it was over once');
    const { body: issue } = await desk.api('POST', '/issues', {
      title: 'Slow',
      kind: 'bug',
      message: 'We see it.',
    });
    t.equal((await desk.post(`/admin/drafts/${next.id}/link`, { issue_id: 'nothere00000' })).status, 404);
    const linked = await desk.post(`/admin/drafts/${next.id}/link`, { issue_id: issue.id });
    t.equal(linked.to, `/admin/issues/${issue.id}?said=linked`);
    t.match((await desk.api('POST', '/alerts', alarm)).body, {
      id: next.id,
      state: 'opened',
      issue_id: issue.id,
    });
    const later = new Date(desk.clock.now.getTime() + 31 * 24 * 60 * minute);
    await forgetOldDrafts(base.db, later);
    t.match(
      await drafts(base.db),
      [{ id: next.id }],
      'what was put away and is over is forgotten after a month',
    );
    t.equal((await drafts(base.db)).length, 1);
    const trail = await base.db
      .selectFrom('audit')
      .select(['who', 'act', 'detail'])
      .where('staff_id', 'is not', null)
      .orderBy('seq')
      .execute();
    t.same(
      trail.map(({ act, detail }) => [act, detail]),
      [
        ['put an alarm away', { alarm: 'Slow' }],
        ['linked an alarm to an issue', { alarm: 'Slow' }],
      ],
    );
  },
);
