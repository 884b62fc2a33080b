import { sql } from 'kysely';
import t from 'tap';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

onBoth(t, 'the audit is only ever added to', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner' });
  await owner.post('/admin/wordings', { key: 'update', body: 'Still looking.' });
  await t.rejects(base.db.updateTable('audit').set({ who: 'nobody' }).execute(), /append-only/);
  await t.rejects(base.db.updateTable('audit').set({ address: 'x@example.com' }).execute(), /append-only/);
  await t.rejects(base.db.deleteFrom('audit').execute(), /append-only/);
});

onBoth(t, 'it is searched, paged, and goes out as JSON lines', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner', name: 'Olga' });
  await sql`insert into audit (at, who, act, about) select now(), 'Ben', 'wrote a note', 'issue:' || n
    from generate_series(1, 2500) as n`.execute(base.db);
  await owner.post('/admin/wordings', { key: 'update', body: 'Still looking.' });
  const { html } = await owner.get('/admin/audit');
  t.match(textOf(html), /Olga changed a template wording update/);
  const next = /rel="next" href="([^"]*)"/.exec(html)![1]!;
  t.match(textOf((await owner.get(`/admin/audit${next}`)).html), /Ben wrote a note issue 24/);
  t.match(textOf((await owner.get('/admin/audit?q=issue:1234')).html), /Ben wrote a note issue 1234/);
  t.match(textOf((await owner.get('/admin/audit?q=%25')).html), /Nothing fits that/);
  const { html: file, headers } = await owner.get('/admin/audit.jsonl');
  t.match(headers['content-type'], /x-ndjson/);
  const lines = file
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.equal(lines.length, 2501);
  t.same(
    lines.map((line) => line.seq),
    lines.map((line) => line.seq).sort((a, b) => a - b),
  );
  t.match(lines.at(-1), { who: 'Olga', act: 'changed a template' });
});

onBoth(t, 'what a form tried and failed at is not in it', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner' });
  await owner.post('/admin/components', { name: '', status: 'operational' });
  await owner.post('/admin/issues/new', { title: '', message: '' });
  await owner.post('/admin/issues/000000000000/notes', { note: 'lost' });
  t.same(await base.db.selectFrom('audit').selectAll().execute(), []);
});
