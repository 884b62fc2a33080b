import t, { type Test } from 'tap';
import { onBoth } from '../fixtures/db.ts';
import { type DeskVisitor, openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

const field = (html: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';

async function aBug(desk: DeskVisitor): Promise<string> {
  const { body } = await desk.api('POST', '/issues', {
    kind: 'bug',
    title: 'Uploads stop at 99 %',
    message: 'We know about this.',
  });
  return body.id;
}

async function lastAct(t: Test, owner: DeskVisitor) {
  const { html } = await owner.get('/admin/audit.jsonl');
  const lines = html
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.ok(lines.length > 0);
  return lines.at(-1);
}

onBoth(
  t,
  'an update goes through the desk to the public page, mails who asked, and leaves its trace',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const owner = await desk.colleague({ role: 'owner', name: 'Olga' });
    const id = await aBug(desk);
    await desk.api('POST', `/issues/${id}/reports`, { email: 'ana@example.com' });
    const { html } = await desk.get(`/admin/issues/${id}`);
    const said = await desk.post(`/admin/issues/${id}/updates`, {
      revision: field(html, 'revision'),
      status: 'identified',
      message: 'Found: **a limit** of ours.',
      next_update: '2h',
      notify: 'yes',
    });
    t.equal(said.to, `/admin/issues/${id}?said=mailed`);
    const { body: issue } = await desk.api('GET', `/issues/${id}`);
    t.match(issue, { status: 'identified', next_update_at: '2026-11-21T14:00:00.000Z' });
    t.match((await desk.app.inject(`/issues/${id}`)).body, /Found: <strong>a limit<\/strong> of ours/);
    t.match(await desk.api('GET', `/issues/${id}/notifications`), { body: { total: 1 } });
    t.match(await lastAct(t, owner), {
      who: 'Sue',
      act: 'posted an update',
      about: `issue:${id}`,
      detail: { mailed: true },
    });
    t.notOk('address' in (await lastAct(t, owner)), 'no address where the act was not about one');
  },
);

onBoth(t, 'what is wrong with an update is said beside the field, and no word is lost', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBug(desk);
  const cases: [Record<string, string>, RegExp][] = [
    [{ message: '' }, /Please say something/],
    [
      { message: 'We have not found the cause yet. What we have ruled out since our last update:' },
      /only our beginning/,
    ],
    [{ next_update: 'date', next_update_at: '' }, /Please give the day and the time, in UTC/],
    [{ next_update: 'date', next_update_at: 'tomorrow' }, /Please give the day and the time, in UTC/],
    [{ next_update: 'date', next_update_at: '2026-11-21T11:59' }, /This time has passed already/],
    [{ message: 'x'.repeat(25_001) }, /at most 25000 characters/],
  ];
  for (const [wrong, words] of cases) {
    const typed = {
      revision: '1',
      status: 'identified',
      message: 'My <b>words</b> &c.',
      next_update: '1h',
      ...wrong,
    };
    const { status, html } = await desk.post(`/admin/issues/${id}/updates`, typed);
    t.equal(status, 400);
    t.match(html, words);
    t.ok(textOf(html).includes(typed.message), 'her words are there');
  }
  t.equal((await desk.api('GET', `/issues/${id}`)).body.updates.length, 1, 'and nothing was said');
});

onBoth(t, 'news of planned work begin with no words about a cause', async (t, base) => {
  const desk = await openDesk(t, base);
  const work = { kind: 'maintenance', title: 'New disks', message: 'We put in new disks.' };
  const { body } = await desk.api('POST', '/issues', work);
  const began = async (id: string) =>
    /<textarea id="message"[^>]*>([^<]*)</.exec((await desk.get(`/admin/issues/${id}`)).html)?.[1]?.trim();
  t.equal(await began(body.id), '');
  t.match(await began(await aBug(desk)), /We have not found the cause yet/);
});

onBoth(t, 'a preview shows what the page will show, and advice; nothing is said by it', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBug(desk);
  const typed = {
    revision: '1',
    status: 'investigating',
    message: 'Please **clear your cache**. <script>alert(1)</script> ![x](https://a.example/x.png)',
    next_update: 'none',
  };
  const { html } = await desk.post(`/admin/issues/${id}/updates`, { ...typed, do: 'preview' });
  t.match(html, /<strong>clear your cache<\/strong>/);
  t.match(html, /How it may sound/);
  t.notMatch(html, /<script>alert|<img/);
  const live = await desk.post('/admin/preview', { message: typed.message, occasion: 'update' });
  const shown = /<div class="prose preview">[\s\S]*?<\/div>/;
  t.equal(shown.exec(live.html)?.[0], shown.exec(html)?.[0], 'live it is the same');
  t.equal((await desk.api('GET', `/issues/${id}`)).body.updates.length, 1);
  await desk.post(`/admin/issues/${id}/updates`, { ...typed, do: 'post' });
  const page = (await desk.app.inject(`/issues/${id}`)).body;
  const inner = shown
    .exec(html)![0]
    .replace(/^<div[^>]*>|<\/div>$/g, '')
    .trim();
  t.ok(page.includes(inner), 'and the page shows just that: advice, never a block');
});

onBoth(
  t,
  'two people at one issue: the second sees what the first did and loses no word',
  async (t, base) => {
    const sue = await openDesk(t, base);
    const ben = await sue.colleague({ name: 'Ben' });
    const id = await aBug(sue);
    const [hers, his] = [await sue.get(`/admin/issues/${id}`), await ben.get(`/admin/issues/${id}`)];
    const update = { status: 'identified', next_update: '1h' };
    await ben.post(`/admin/issues/${id}/updates`, {
      ...update,
      revision: field(his.html, 'revision'),
      message: 'Ben was here.',
    });
    sue.clock.now = new Date(sue.clock.now.getTime() + 120_000);
    const refused = await sue.post(`/admin/issues/${id}/updates`, {
      ...update,
      revision: field(hers.html, 'revision'),
      message: 'Sue says the same.',
      next_update: '4h',
    });
    t.equal(refused.status, 409);
    const text = textOf(refused.html);
    t.match(text, /While you wrote: Ben posted an update 2 minutes ago\./);
    t.match(text, /Ben was here\./);
    t.match(text, /Sue says the same\./);
    t.match(refused.html, /<option value="4h" selected>/);
    await sue.post(`/admin/issues/${id}/updates`, {
      ...update,
      revision: field(refused.html, 'revision'),
      message: 'Sue says the same.',
    });
    t.equal(
      (await sue.api('GET', `/issues/${id}`)).body.updates.length,
      3,
      'sent once more, it goes through',
    );
  },
);

onBoth(
  t,
  'two people edit one issue: what stands there now is shown beside what the second typed',
  async (t, base) => {
    const sue = await openDesk(t, base);
    const ben = await sue.colleague({ name: 'Ben' });
    const id = await aBug(sue);
    const { html } = await sue.get(`/admin/issues/${id}/edit`);
    const form = {
      revision: field(html, 'revision'),
      impact: 'minor',
      workaround: '',
      started_at: '2026-11-21T12:00',
    };
    await ben.post(`/admin/issues/${id}/edit`, {
      ...form,
      title: 'Large uploads stop',
      workaround: 'Zip it.',
    });
    const refused = await sue.post(`/admin/issues/${id}/edit`, { ...form, title: 'Uploads stop at the end' });
    t.equal(refused.status, 409);
    t.match(textOf(refused.html), /Ben edited an issue/);
    t.match(refused.html, /Now it says: <b>Large uploads stop<\/b>/);
    t.match(refused.html, /Now it says: <b class="words">Zip it\.<\/b>/);
    t.match(refused.html, /value="Uploads stop at the end"/);
    await sue.post(`/admin/issues/${id}/edit`, {
      ...form,
      title: 'Uploads stop at the end',
      workaround: 'Zip it.',
      revision: field(refused.html, 'revision'),
    });
    const page = textOf((await sue.app.inject(`/issues/${id}`)).body);
    t.match(page, /Uploads stop at the end/);
    t.match(page, /Large uploads stop/, 'both titles before stay readable');
    t.match(page, /Uploads stop at 99 %/);
  },
);

onBoth(t, 'an edit that is wrong is given back; a beginning cannot lie in the future', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBug(desk);
  const form = {
    revision: '1',
    title: 'A',
    impact: 'minor',
    workaround: 'W',
    started_at: '2026-11-21T12:00',
  };
  t.match(await desk.post(`/admin/issues/${id}/edit`, { ...form, title: '' }), {
    status: 400,
    html: /Please say in a few words/,
  });
  t.match(await desk.post(`/admin/issues/${id}/edit`, { ...form, started_at: 'never' }), {
    status: 400,
    html: /in UTC/,
  });
  const future = await desk.post(`/admin/issues/${id}/edit`, { ...form, started_at: '2027-01-01T00:00' });
  t.equal(future.status, 400);
  t.match(textOf(future.html), /it cannot have begun in the future/);
  t.match(future.html, /Nothing you typed is lost/);
});

onBoth(t, 'the words of an update are changed in plain sight', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBug(desk);
  const { updates } = (await desk.api('GET', `/issues/${id}`)).body;
  const at = `/admin/issues/${id}/updates/${updates[0].id}`;
  const { html } = await desk.get(at);
  t.match(textOf(html), /We know about this\./);
  const saved = await desk.post(at, { revision: field(html, 'revision'), message: 'We know this well.' });
  t.match(saved.to, `/admin/issues/${id}?said=saved#u-`);
  const page = textOf((await desk.app.inject(`/issues/${id}`)).body);
  t.match(page, /We know this well\./);
  t.match(page, /What stood there before: We know about this\./);
  t.equal((await desk.get(`/admin/issues/${id}/updates/000000000000`)).status, 404);
});

onBoth(t, 'a note is for staff alone', async (t, base) => {
  const desk = await openDesk(t, base);
  const reader = await desk.colleague({ role: 'reader', name: 'Rea' });
  const id = await aBug(desk);
  await desk.post(`/admin/issues/${id}/notes`, { note: 'Ticket 4711 is **the same**.' });
  t.match((await reader.get(`/admin/issues/${id}`)).html, /Ticket 4711 is <strong>the same<\/strong>/);
  for (const path of [`/issues/${id}`, '/', '/history', `/search?q=4711`, `/search.json?q=ticket+4711`])
    t.notMatch((await desk.app.inject(path)).body, /Ticket 4711/, path);
  t.notMatch(JSON.stringify((await desk.api('GET', `/issues/${id}`)).body), /4711/);
  t.equal((await desk.post(`/admin/issues/${id}/notes`, { note: ' ' })).status, 400);
});

onBoth(
  t,
  'what is over is opened again with a reason, and whoever was told hears first that it came back',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const id = await aBug(desk);
    await desk.api('POST', `/issues/${id}/reports`, { email: 'ana@example.com' });
    await desk.api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
    const unsent = await desk.get(`/admin/issues/${id}`);
    t.match(unsent.html, /Nobody was told by mail that it was over/);
    await base.db.updateTable('delivery').set({ state: 'sent', ended_at: desk.clock.now }).execute();
    const { html } = await desk.get(`/admin/issues/${id}`);
    t.match(html, /It is not over: what is different\?/);
    t.match(html, /One person who told us is mailed first, that it came back\./);
    t.notMatch(html, /name="notify"/, 'nobody is left believing it');
    t.notMatch(html, /It is over …/);
    await desk.post(`/admin/issues/${id}/updates`, {
      revision: field(html, 'revision'),
      status: 'investigating',
      message: 'It is back.',
      next_update: '30m',
    });
    t.match((await desk.api('GET', `/issues/${id}`)).body, { status: 'investigating', resolved_at: null });
    t.match(await desk.api('GET', `/issues/${id}/notifications`), { body: { total: 1, queued: 1 } });
  },
);

onBoth(
  t,
  'a form that was written before the session ended is sent after signing in again',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const id = await aBug(desk);
    const note = { note: 'Long words that took long.', csrf: desk.csrf };
    const send = (cookie: string, fields: Record<string, string>) =>
      desk.app.inject({
        method: 'POST',
        url: `/admin/issues/${id}/notes`,
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams(fields).toString(),
      });
    const out = await send('', note);
    t.equal(out.statusCode, 401);
    t.match(out.body, /Long words that took long\./);
    const door = /__Host-candor-door=[^;]+/.exec(String(out.headers['set-cookie']))![0];
    const csrf = /name="csrf" value="([^"]+)"/.exec(out.body)![1]!;
    const back = `${door}; ${desk.cookie.name}=${desk.cookie.value}`;
    t.equal((await send(back, { ...note, csrf })).statusCode, 303, 'what stands in that page goes through');
    t.equal((await send(back, { ...note, csrf: 'x'.repeat(csrf.length) })).statusCode, 403);
  },
);
