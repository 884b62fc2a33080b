import t from 'tap';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

const bug = {
  title: 'Export gives an empty file',
  kind: 'bug',
  message: 'We know about this. It is not your fault.',
};

onBoth(t, 'lists go on where the page before ended', async (t, base) => {
  const { api, clock } = await openApp(t, base);
  const ids: string[] = [];
  for (let index = 0; index < 7; index++) {
    if (index % 2) clock.now = new Date(clock.now.getTime() + 1_000); // some share their millisecond
    ids.push((await api('POST', '/issues', { ...bug, kind: index === 3 ? 'incident' : 'bug' })).body.id);
  }
  await api('POST', `/issues/${ids[0]}/updates`, { status: 'resolved', message: 'Fixed.' });
  const seen: string[] = [];
  let cursor: string | null = '';
  do {
    const page = await api('GET', `/issues?limit=3${cursor ? `&cursor=${cursor}` : ''}`);
    t.ok(page.body.data.length <= 3);
    seen.push(...page.body.data.map((one: { id: string }) => one.id));
    cursor = page.body.next_cursor;
  } while (cursor);
  t.same([...seen].sort(), [...ids].sort(), 'each once');
  t.equal((await api('GET', '/issues?status=open')).body.data.length, 6);
  t.same(
    (await api('GET', '/issues?status=resolved')).body.data.map((one: { id: string }) => one.id),
    [ids[0]],
  );
  t.equal((await api('GET', '/issues?kind=incident')).body.data.length, 1);
  for (const bad of [
    'limit=0',
    'limit=101',
    'limit=x',
    'cursor=nonsense',
    'status=closed',
    'kind=x',
    'limit=3&limit=4',
  ]) {
    t.equal((await api('GET', `/issues?${bad}`)).status, 400, bad);
  }
});
