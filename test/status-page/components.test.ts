import t from 'tap';
import { historyOf } from '../../src/status-page/component-history.ts';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

const day = 86_400_000;
const hour = 3_600_000;

onBoth(t, 'a component stands as open issues say, unless staff set it since', async (t, base) => {
  const { api, clock } = await openApp(t, base);
  const later = () => {
    clock.now = new Date(clock.now.getTime() + hour);
  };
  const { id } = (await api('POST', '/components', { name: 'Editor', group: 'Sites' })).body;
  const stands = async () => (await api('GET', '/components')).body.data[0].status;
  const say = async (issue: string, body: object) => {
    later();
    t.equal((await api('POST', `/issues/${issue}/updates`, { message: 'News.', ...body })).status, 201);
  };
  const set = async (status: string) => {
    later();
    t.equal((await api('PATCH', `/components/${id}`, { status })).body.status, status);
  };
  const open = async (body: object) =>
    (await api('POST', '/issues', { title: 'It is slow', message: 'We look.', ...body })).body.id as string;

  later();
  const slow = await open({ kind: 'incident', components: [{ id, status: 'degraded_performance' }] });
  t.equal(await stands(), 'degraded_performance');
  await set('operational');
  t.equal(await stands(), 'operational', 'staff know better, and said so later');
  await say(slow, { status: 'identified' });
  t.equal(await stands(), 'operational', 'an update that says nothing of it changes nothing');
  later();
  await api('PATCH', `/issues/${slow}`, { components: [{ id, status: 'major_outage' }] });
  t.equal(await stands(), 'major_outage', 'the issue said something later');
  await set('partial_outage');
  t.equal(await stands(), 'partial_outage');
  await say(slow, { status: 'resolved' });
  t.equal(await stands(), 'partial_outage', 'what staff set stays until they set something else');
  await set('operational');
  await say(slow, { status: 'investigating' });
  t.equal(await stands(), 'major_outage', 'reopened, it counts again');
  await say(slow, { status: 'resolved' });

  later();
  const work = await open({
    kind: 'maintenance',
    scheduled_for: new Date(clock.now.getTime() + hour).toISOString(),
    components: [{ id, status: 'under_maintenance' }],
  });
  await set('operational');
  t.equal(await stands(), 'operational', 'not begun');
  await say(work, { status: 'in_progress' });
  t.equal(await stands(), 'under_maintenance', 'begun, whatever was set before');
});

onBoth(t, 'ninety days of a component are drawn and told from what was recorded of it', async (t, base) => {
  const { app, api, clock } = await openApp(t, base);
  const end = clock.now;
  const ago = (days: number, hours = 0) => new Date(end.getTime() - days * day - hours * hour);
  const at = async (moment: Date, method: 'POST' | 'PATCH', path: string, body: object) => {
    clock.now = moment;
    const answer = await api(method, path, body);
    t.match(answer.status, /^20[01]$/, JSON.stringify(answer.body));
    return answer.body;
  };
  const editor = (await at(ago(30), 'POST', '/components', { name: 'Editor <i>' })).id;
  const shop = (await at(ago(200), 'POST', '/components', { name: 'Shop' })).id;
  const down = await at(ago(10), 'POST', '/issues', {
    title: 'The editor is gone',
    kind: 'incident',
    message: 'We look.',
    components: [{ id: editor, status: 'major_outage' }],
  });
  await at(ago(10, -2), 'PATCH', `/issues/${down.id}`, {
    components: [{ id: editor, status: 'degraded_performance' }],
  });
  await at(ago(10, -5), 'POST', `/issues/${down.id}/updates`, { status: 'resolved', message: 'It is back.' });
  const mistake = await at(ago(5), 'POST', '/issues', {
    title: 'A mistake',
    kind: 'incident',
    message: 'We look.',
    components: [{ id: shop, status: 'major_outage' }],
  });
  await at(ago(5, -3), 'POST', `/issues/${mistake.id}/updates`, {
    status: 'resolved',
    message: 'There was nothing.',
    resolution: 'retracted',
  });
  const read = async () => {
    clock.now = end;
    const both = await base.db
      .selectFrom('component')
      .select(['id', 'created_at'])
      .where('id', 'in', [editor, shop])
      .execute();
    return historyOf(base.db, both, end);
  };
  const trouble = (days: { worst: string | null; start: Date }[]) =>
    days
      .filter(({ worst }) => worst !== null && worst !== 'operational')
      .map(({ worst, start }) => `${start.toISOString().slice(0, 10)} ${worst}`);

  const first = (await read()).get(editor)!;
  t.equal(first.days.length, 90);
  t.equal(
    first.days.filter(({ worst }) => worst === null).length,
    59,
    'nothing is claimed of before it was added',
  );
  t.same(trouble(first.days), ['2026-11-11 major_outage']);
  t.equal(first.days.at(-11)!.downMs, 2 * hour, 'then it was only slow');
  t.equal(first.share, 1 - 2 / (30 * 24));
  const clean = (await read()).get(shop)!;
  t.same([clean.share, trouble(clean.days)], [1, []], 'what was opened by mistake is no outage');

  await at(end, 'PATCH', `/issues/${down.id}`, { started_at: ago(11).toISOString() });
  const corrected = (await read()).get(editor)!;
  t.same(
    trouble(corrected.days),
    ['2026-11-10 major_outage', '2026-11-11 major_outage'],
    'a corrected beginning',
  );
  t.equal(corrected.days.at(-11)!.downMs + corrected.days.at(-12)!.downMs, 26 * hour);

  const page = await app.inject(`/components/${editor}`);
  t.equal(page.statusCode, 200);
  t.match(page.body, '<h1>Editor &lt;i&gt;</h1>');
  t.match(
    page.body,
    /aria-label="96\.3 % up in 31 days, trouble on 2 days\. 11 Nov 2026: down; 10 Nov 2026: down\."/,
  );
  t.match(page.body, /<td>Down<\/td><td>14 hours<\/td>/);
  t.match(page.body, 'The editor is gone');
  t.notMatch(page.body, /style="|<script(?![^>]*src=)/, 'nothing inline');
  const young = await at(end, 'POST', '/components', { name: 'New' });
  t.match((await app.inject(`/components/${young.id}`)).body, 'No data yet');
  clock.now = new Date(end.getTime() + hour);
  t.match((await app.inject(`/components/${young.id}`)).body, 'too short for a figure');
  const over = await app.inject(`/issues/${down.id}`);
  t.match(over.body, /It touched:[\s\S]*Was slow or unreliable/);
  clock.now = end;
  const front = await app.inject('/');
  t.match(front.body, `href="/components/${editor}"`);
  t.match(front.body, '100 % up in 90 days');
  for (const wrong of ['000000000000', 'x', '%00'])
    t.equal((await app.inject(`/components/${wrong}`)).statusCode, 404);
});
