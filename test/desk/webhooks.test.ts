import { randomUUID } from 'node:crypto';
import t from 'tap';
import { newId } from '../../src/ids.ts';
import { links } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { aHook, aSubscriber, tellHooks } from '../fixtures/hooks.ts';
import { anIssue } from '../fixtures/outbox.ts';
import { answers, receiver } from '../fixtures/receiver.ts';
import { textOf } from '../fixtures/text.ts';

const env = { WEBHOOKS_ALLOW_PRIVATE: 'on' };

onBoth(t, 'an owner adds a webhook, tests it, lets it go on and removes it', async (t, base) => {
  const { db } = base;
  const there = await receiver(t);
  const desk = await openDesk(t, base, { role: 'owner', env });
  tellHooks(t, db, { now: () => new Date(desk.clock.now) });
  const secretUrl = `${there.url}/canary-key`;
  const added = await desk.post('/admin/webhooks', {
    kind: 'candor',
    url: secretUrl,
    name: 'The <pipeline>',
  });
  const [, id = ''] = /^\/admin\/webhooks\/([0-9a-z]{12})\?said=hooked$/.exec(added.to) ?? [];
  const row = () => db.selectFrom('webhook').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  t.match(await row(), {
    staff_id: desk.staff.id,
    subscriber_id: null,
    url: secretUrl,
    name: 'The <pipeline>',
  });
  const page = await desk.get(added.to);
  t.match(page.html, `<code>${(await row()).secret}</code>`);
  t.match(page.html, 'The &lt;pipeline&gt;');
  t.match(page.html, 'Nothing has been sent there yet');
  const test = async () => (await desk.get((await desk.post(`/admin/webhooks/${id}/test`)).to)).html;
  t.match(await test(), 'The test to “The &lt;pipeline&gt;” arrived.');
  t.match(there.got[0]!.body, { type: 'test' });
  t.match((await desk.get(`/admin/webhooks/${id}`)).html, 'Works. The last message arrived');
  there.manner = answers(500);
  const failed = await test();
  t.match(failed, 'The test to “The &lt;pipeline&gt;” did not arrive: it had trouble of its own (5xx).');
  t.notMatch(failed, 'a secret of ours', 'never what the receiver said');
  t.equal((await row()).failures, 0, 'a test counts for nothing');

  await db.updateTable('webhook').set({ paused_at: desk.clock.now, failures: 20 }).execute();
  t.match((await desk.get('/admin')).html, 'Nothing is sent to The &lt;pipeline&gt; any more');
  t.match((await desk.get('/admin/webhooks')).html, 'Paused: nothing is sent there since');
  const ben = await desk.colleague({ role: 'support' });
  t.notMatch((await ben.get('/admin')).html, 'A webhook is paused');
  t.equal((await desk.post(`/admin/webhooks/${id}/resume`)).to, `/admin/webhooks/${id}?said=rehooked`);
  t.match(await row(), { paused_at: null, failures: 0 });
  t.notMatch((await desk.get('/admin')).html, 'A webhook is paused');

  const issueId = await anIssue(db);
  for (const state of ['queued', 'failed'] as const)
    await db
      .insertInto('delivery')
      .values({
        id: randomUUID(),
        event: `update:${state}`,
        template: 'update',
        issue_id: issueId,
        webhook_id: id,
        address: `hook@${id}`,
        message_id: `<${state}@example.com>`,
        state,
        due_at: new Date(desk.clock.now.getTime() + 3_600_000),
        ended_at: state === 'failed' ? desk.clock.now : null,
        created_at: desk.clock.now,
      })
      .execute();
  t.match((await desk.get('/admin')).html, 'Nothing waits and nothing failed', 'a message is no mail');

  const hers = await aHook(db, secretUrl, { subscriber_id: await aSubscriber(db, 'her@example.com') });
  for (const other of [hers, newId()]) {
    t.equal((await desk.get(`/admin/webhooks/${other}`)).status, 404, 'only the page’s own');
    for (const deed of ['test', 'resume', 'remove'])
      t.equal((await desk.post(`/admin/webhooks/${other}/${deed}`)).status, 404, deed);
  }
  t.equal((await desk.post(`/admin/webhooks/${id}/remove`)).to, '/admin/webhooks?said=unhooked');
  t.equal((await desk.get(`/admin/webhooks/${id}`)).status, 404);
  t.notMatch((await desk.get('/admin/webhooks')).html, 'canary-key');
  const audit = await db.selectFrom('audit').selectAll().orderBy('seq').execute();
  t.same(
    audit.map(({ act, about }) => `${act} ${about}`),
    ['added', 'tested', 'tested', 'let', 'removed'].map(
      (act) => `${act === 'let' ? 'let a webhook go on' : `${act} a webhook`} webhook:${id}`,
    ),
  );
  t.notMatch(JSON.stringify(audit), /canary-key|whsec_/);
});

onBoth(t, 'what cannot be a webhook is given back with a word that helps', async (t, base) => {
  const desk = await openDesk(t, base, { role: 'owner' });
  for (const [fields, field] of [
    [{ kind: 'candor', url: '' }, 'url'],
    [{ kind: 'candor', url: 'https://127.0.0.1/' }, 'url'],
    [{ kind: 'candor', url: 'http://example.com/' }, 'url'],
    [{ kind: 'fax', url: 'https://example.com/' }, 'kind'],
    [{ kind: 'slack', url: 'https://example.com/', name: 'x'.repeat(81) }, 'name'],
  ] as [Record<string, string>, string][]) {
    const refused = await desk.post('/admin/webhooks', fields);
    t.equal(refused.status, 400, JSON.stringify(fields));
    t.match(refused.html, `id="${field}-error"`);
    if (fields.url) t.match(refused.html, `value="${fields.url}"`);
  }
  t.match((await desk.get('/admin/webhooks')).html, 'It begins with https:// and is like a password');
  const odd = await desk.post('/admin/webhooks', { kind: 'slack', url: 'https://example.com/' });
  t.match((await desk.get(odd.to)).html, 'A webhook of Slack usually leads to hooks.slack.com');
  t.notMatch((await desk.get(odd.to)).html, 'whsec_', 'a chat checks no signature');
});

onBoth(t, 'a subscriber looks after her own webhooks, and nobody else’s', async (t, base) => {
  const { db } = base;
  const there = await receiver(t);
  const { app, clock } = await openDesk(t, base, { env });
  tellHooks(t, db, { now: () => new Date(clock.now) });
  const her = await aSubscriber(db, 'her@example.com');
  const own = `/s/${links.token('subscriber', her)}/webhooks`;
  const post = (url: string, payload: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams(payload).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  const get = (url: string) => app.inject({ url });
  const hooks = () => db.selectFrom('webhook').selectAll().where('subscriber_id', '=', her).execute();

  const empty = await get(own);
  t.match(empty.headers, {
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex',
    'referrer-policy': 'no-referrer',
  });
  t.match((await post(own, { kind: 'slack', url: 'javascript:x' })).payload, /id="url-error"/);
  t.equal(
    (await post(own, { kind: 'statuspage', url: there.url, name: 'mine' })).headers.location,
    `${own}?said=added`,
  );
  const [mine] = await hooks();
  const tested = (await post(`${own}/${mine!.id}/test`)).headers.location as string;
  t.match((await get(tested)).payload, 'The test to “mine” arrived.');
  t.match(there.got[0]!.body.incident, { status: 'resolved', impact: 'none' });
  t.ok(there.got[0]!.body.meta.unsubscribe.endsWith(own));

  const others = await aHook(db, there.url);
  for (const id of [others, newId()])
    for (const deed of ['test', 'resume', 'remove'])
      t.equal((await post(`${own}/${id}/${deed}`)).statusCode, 404, deed);
  t.notMatch((await get(`${own}?tested=${others}:${newId()}`)).payload, 'The test');
  for (let n = 1; n < 5; n++) await post(own, { kind: 'candor', url: there.url });
  t.equal((await post(own, { kind: 'candor', url: there.url })).statusCode, 409);
  for (const [path, end] of [
    ['/keys/f3c9a1', 'c9a1'],
    ['/abcde', 'de'],
  ]) {
    const other = await aSubscriber(db, `at${end}@example.com`);
    await aHook(db, `${there.url}${path}?token=canary`, { subscriber_id: other });
    const { payload } = await get(`/s/${links.token('subscriber', other)}/webhooks`);
    t.match(textOf(payload), new RegExp(`${there.url.slice(7)} · ends in …${end} · added \\d+ \\w+ 2026`));
    t.match(textOf(payload), `Send a test to A program of your own …${end}`);
    t.match(textOf(payload), 'It begins with https://, or http:// inside your own network');
    t.notMatch(payload, new RegExp(`canary|${path}`), 'what may be a key is not shown');
  }
  t.equal((await hooks()).length, 5);
  for (let n = 1; n < 10; n++) await post(`${own}/${mine!.id}/test`);
  const tooMany = await post(`${own}/${mine!.id}/test`);
  t.equal(tooMany.statusCode, 429);
  t.ok(Number(tooMany.headers['retry-after']) > 0);
  await post(`${own}/${mine!.id}/remove`);
  t.equal((await hooks()).length, 4);

  for (const state of ['unconfirmed', 'left'] as const) {
    const id = await aSubscriber(db, `${state}@example.com`, { state });
    const path = `/s/${links.token('subscriber', id)}`;
    t.equal((await get(`${path}/webhooks`)).headers.location, path, state);
    t.equal((await post(`${path}/webhooks`, { kind: 'candor', url: there.url })).headers.location, path);
    t.equal((await db.selectFrom('webhook').selectAll().where('subscriber_id', '=', id).execute()).length, 0);
  }
  for (const forged of [links.token('report', her), links.token('subscriber', newId()), 'x'])
    t.equal((await get(`/s/${forged}/webhooks`)).statusCode, 404);
});
