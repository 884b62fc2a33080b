import t from 'tap';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

const bug = {
  title: 'Export gives an empty file',
  kind: 'bug',
  message: 'We know about this.',
  workaround: 'Choose CSV <for now>.',
  next_update_at: '2026-11-23T12:00:00.000Z',
};
const q = 'my exported file is empty <b>';

onBoth(
  t,
  'what a customer wrote finds the issue, a reply to copy, and a place for the address',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const { id } = (await desk.api('POST', '/issues', bug)).body;
    t.match((await desk.get('/admin/lookup')).html, /<textarea id="q"/);
    const { html } = await desk.get(`/admin/lookup?q=${encodeURIComponent(q)}`);
    t.match(html, /my exported file is empty &lt;b&gt;/);
    const reply = /<textarea id="reply-\w+"[^>]*readonly>([^<]*)</.exec(html)![1]!;
    t.match(reply, /We know about this: “Export gives an empty file”/);
    t.match(reply, /Choose CSV &lt;for now&gt;\./);
    t.match(reply, /23 November 2026, 12:00 UTC/);
    t.match(reply, new RegExp(`https://status.example.com/issues/${id}`));

    const form = { q, issue_id: id, email: 'ana@example.com', name: 'Ana' };
    const wrong = await desk.post('/admin/lookup', { ...form, email: 'ana@' });
    t.equal(wrong.status, 400);
    t.match(wrong.html, /We cannot write to this address/);
    t.match(wrong.html, /value="ana@"/);
    t.match(wrong.html, /value="Ana"/);
    const done = await desk.post('/admin/lookup', form);
    t.match(done.to, new RegExp(`added=${id}`));
    t.match(
      textOf((await desk.get(done.to)).html),
      /Noted\. .* Your address is noted: we write to you once it is over/s,
    );
    t.match(await base.db.selectFrom('report').selectAll().execute(), [
      {
        issue_id: id,
        email: 'ana@example.com',
        name: 'Ana',
        message: null,
        source: 'lookup',
        state: 'linked',
      },
    ]);
    const again = await desk.post('/admin/lookup', { ...form, email: 'ANA@example.com', own: 'yes' });
    t.match(textOf((await desk.get(again.to)).html), /was noted there already/);
    await desk.post('/admin/lookup', { ...form, email: 'bob@example.com', own: 'yes' });
    const bob = await base.db
      .selectFrom('report')
      .select('message')
      .where('email', '=', 'bob@example.com')
      .execute();
    t.same(bob, [{ message: q }], 'her own words only where they are hers');
    const acts = await base.db
      .selectFrom('audit')
      .selectAll()
      .where('staff_id', 'is not', null)
      .orderBy('seq')
      .execute();
    t.match(acts, [
      { act: 'added a reporter', about: `issue:${id}`, address: 'ana@example.com' },
      { address: 'ANA@example.com' },
      { address: 'bob@example.com' },
    ]);
    t.equal((await desk.post('/admin/lookup', { ...form, issue_id: 'zzzzzzzzzzzz' })).status, 404);
  },
);

onBoth(t, 'what nobody knows is passed on with her words and her address', async (t, base) => {
  const desk = await openDesk(t, base);
  const { html } = await desk.get(`/admin/lookup?q=${encodeURIComponent(q)}`);
  t.match(html, /We know of nothing that fits/);
  t.equal((await desk.post('/admin/lookup', { q: ' ' })).status, 400);
  t.equal((await desk.post('/admin/lookup', { q: 'x'.repeat(5_001) })).status, 400);
  const done = await desk.post('/admin/lookup', { q, email: 'ana@example.com', name: '' });
  const shown = textOf((await desk.get(done.to)).html);
  t.match(
    shown,
    /Passed on: it waits in the inbox.*We do not know this one yet.*We write to you as soon as/s,
  );
  t.match(await base.db.selectFrom('report').selectAll().execute(), [
    { state: 'new', source: 'lookup', message: q, email: 'ana@example.com', name: null },
  ]);
  t.match(await base.db.selectFrom('delivery').selectAll().execute(), [
    { template: 'receipt', state: 'queued' },
  ]);
  t.match(textOf((await desk.get('/admin/inbox')).html), /One person: my exported file is empty/);
});

onBoth(t, 'a reader looks up, and notes nothing', async (t, base) => {
  const desk = await openDesk(t, base, { role: 'reader' });
  const { html } = await desk.get('/admin/lookup?q=export');
  t.notMatch(html, /method="post"/);
  t.equal((await desk.post('/admin/lookup', { q })).status, 403);
});
