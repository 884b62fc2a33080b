import t from 'tap';
import { onBoth } from '../fixtures/db.ts';
import { type DeskVisitor, openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

const revision = (html: string) => /name="revision" value="(\d+)"/.exec(html)![1]!;

async function aBugFor(desk: DeskVisitor, people: number): Promise<string> {
  const { body } = await desk.api('POST', '/issues', {
    kind: 'bug',
    title: 'It is broken',
    message: 'We know.',
  });
  const reports = Array.from({ length: people }, (_, n) => ({
    email: `person${n}@example.com`,
    name: `P${n}`,
  }));
  await desk.api('POST', `/issues/${body.id}/reports`, reports);
  return body.id;
}

onBoth(
  t,
  'before it is said one sees who is told and what they read; after it each is told once',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const id = await aBugFor(desk, 47);
    const at = `/admin/issues/${id}/resolve`;
    const first = await desk.get(at);
    t.match(textOf(first.html), /47 people, each once/);
    t.match(textOf(first.html), /and 27 more/);
    t.notMatch(first.html, /value="resolve"/, 'one sees the mail first');
    const form = {
      revision: revision(first.html),
      resolution: 'fixed',
      message: 'The **queue** runs again.',
    };
    const seen = await desk.post(at, { ...form, do: 'review' });
    const text = textOf(seen.html);
    t.match(text, /Subject: Fixed: It is broken/);
    t.match(text, /Does it work for you\?/);
    t.match(text, /Say that it is over and mail 47 people/);
    t.equal((await desk.api('GET', `/issues/${id}`)).body.status, 'investigating', 'nothing is said yet');
    const done = await desk.post(at, { ...form, revision: revision(seen.html), do: 'resolve' });
    t.equal(done.to, `/admin/issues/${id}/mail?said=resolved`);
    t.match(await desk.api('GET', `/issues/${id}/notifications`), { body: { total: 47, queued: 47 } });
    t.match(textOf((await desk.get(done.to)).html), /47/);
    t.equal((await desk.post(at, { ...form, do: 'resolve' })).status, 409, 'twice is not possible');
    t.match(await desk.api('GET', `/issues/${id}/notifications`), { body: { total: 47 } });
  },
);

onBoth(t, 'a mail to oneself goes to oneself alone', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBugFor(desk, 2);
  const at = `/admin/issues/${id}/resolve`;
  const form = { revision: revision((await desk.get(at)).html), resolution: 'fixed', message: 'My draft.' };
  const sent = await desk.post(at, { ...form, do: 'rehearse' });
  t.match(textOf(sent.html), /is on its way\. Nobody else has heard anything yet/);
  t.match(sent.html, /My draft\./);
  const mails = await base.db.selectFrom('delivery').select(['template', 'address']).execute();
  t.same(mails, [{ template: 'rehearsal', address: desk.staff.email }]);
  t.equal((await desk.api('GET', `/issues/${id}`)).body.status, 'investigating');
  const letter = await desk.post(`/admin/issues/${id}/letter`, { message: 'My draft.', resolution: 'fixed' });
  t.match(letter.html, /My draft\./);
  t.match(letter.headers['content-security-policy'], /default-src 'none'/);
});

onBoth(t, 'a colleague’s update in between is shown before it is over', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBugFor(desk, 1);
  const at = `/admin/issues/${id}/resolve`;
  const before = revision((await desk.get(at)).html);
  await desk.api('POST', `/issues/${id}/updates`, { status: 'identified', message: 'Not yet, says Ben.' });
  const form = { resolution: 'wont_fix', message: 'My long words.', do: 'resolve' };
  const refused = await desk.post(at, { ...form, revision: before });
  t.equal(refused.status, 409);
  t.match(refused.html, /My long words\./);
  t.match(refused.html, /value="wont_fix" checked/);
  t.match((await desk.post(at, { ...form, revision: revision(refused.html) })).status, 303);
});

onBoth(t, 'planned work is simply done; empty words are refused', async (t, base) => {
  const desk = await openDesk(t, base);
  const { body } = await desk.api('POST', '/issues', {
    kind: 'maintenance',
    title: 'We move',
    message: 'Soon.',
  });
  const at = `/admin/issues/${body.id}/resolve`;
  const { html } = await desk.get(at);
  t.notMatch(html, /name="resolution"/);
  t.equal((await desk.post(at, { revision: revision(html), message: ' ', do: 'resolve' })).status, 400);
  t.equal((await desk.post(at, { revision: revision(html), message: 'Done.', do: 'resolve' })).status, 303);
  t.match((await desk.api('GET', `/issues/${body.id}`)).body, { status: 'completed' });
  t.equal((await desk.get(at)).status, 409, 'what is over needs no end');
});
