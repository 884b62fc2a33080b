import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { connect, type Db } from '../../src/db.ts';
import { newId } from '../../src/ids.ts';
import { testWebhook } from '../../src/notifications/channels/webhooks.ts';
import { oweComponentChange } from '../../src/notifications/owe-component.ts';
import { oweNews } from '../../src/notifications/owe-news.ts';
import { openApp } from '../fixtures/app.ts';
import { freshDatabase, freshUrl, onBoth } from '../fixtures/db.ts';
import { aHook, aSubscriber, tellHooks } from '../fixtures/hooks.ts';
import {
  addresses,
  anIssue,
  deliveries,
  drained,
  notify,
  owe,
  reopen,
  reportsOf,
  resolve,
  states,
  until,
} from '../fixtures/outbox.ts';
import { answers, floods, type Got, hangs, receiver, taken } from '../fixtures/receiver.ts';
import { smtpServer } from '../fixtures/smtp.ts';

const hour = 3_600_000;

/** Says something in public, as the team does; the update's id. */
async function say(db: Db, issueId: string, message = 'We know more.', now = new Date()): Promise<string> {
  const id = newId();
  await db.transaction().execute(async (trx) => {
    await trx
      .insertInto('issue_update')
      .values({ id, issue_id: issueId, status: 'identified', message, created_at: now })
      .execute();
    await oweNews(trx, { template: 'update', issueId, updateId: id }, now);
  });
  return id;
}

async function aChange(
  db: Db,
  componentId: string,
  issueId: string | null,
  now = new Date(),
): Promise<string> {
  const id = newId();
  await db
    .insertInto('component_change')
    .values({
      id,
      component_id: componentId,
      issue_id: issueId,
      update_id: null,
      old_status: 'operational',
      new_status: 'major_outage',
      at: now,
    })
    .execute();
  await db.transaction().execute((trx) => oweComponentChange(trx, id, now));
  return id;
}

async function aComponent(db: Db, name: string): Promise<string> {
  const id = newId();
  const now = new Date();
  await db
    .insertInto('component')
    .values({ id, name, description: null, group_name: null, source: null, created_at: now, updated_at: now })
    .execute();
  return id;
}

const hookOf = (db: Db, id: string) =>
  db.selectFrom('webhook').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const saidIn = (got: Got[]) => got.map((one) => one.body.data.update.message);

onBoth(
  t,
  'every kind is told of an issue from its opening to its end, in order and signed',
  async (t, base) => {
    const { db } = base;
    const { api, clock } = await openApp(t, base);
    const there = await receiver(t);
    const kinds = ['candor', 'statuspage', 'slack', 'teams', 'discord'] as const;
    const ids: Record<string, string> = {};
    for (const kind of kinds) ids[kind] = await aHook(db, `${there.url}/${kind}?canary`, { kind });
    clock.now = new Date();
    const tick = () => (clock.now = new Date(clock.now.getTime() + 10));
    const { body: part } = await api('POST', '/components', { name: 'Uploads' });
    tick();
    const { body: issue } = await api('POST', '/issues', {
      title: 'Uploads stop',
      kind: 'incident',
      impact: 'major',
      message: 'We look **into** it.',
      components: [{ id: part.id, status: 'partial_outage' }],
    });
    await api('POST', `/issues/${issue.id}/reports`, {
      email: 'canary@example.com',
      message: 'canary words',
    });
    tick();
    await api('POST', `/issues/${issue.id}/updates`, { status: 'monitoring', message: 'A fix is in.' });
    tick();
    await api('POST', `/issues/${issue.id}/updates`, { status: 'resolved', message: 'It works.' });
    tick();
    const change = await aChange(db, part.id, null, clock.now);
    const { lines } = tellHooks(t, db, { now: () => new Date(clock.now) });
    await until(async () =>
      (await deliveries(db, { state: 'queued' })).every((one) => one.webhook_id === null),
    );
    t.ok((await deliveries(db)).every((one) => one.webhook_id === null || one.state === 'sent'));
    const at = (kind: string) => there.got.filter((one) => one.path.startsWith(`/${kind}?`));

    const secret = (await hookOf(db, ids.candor!)).secret;
    const own = at('candor');
    for (const one of own) t.ok(new Webhook(secret).verify(one.raw, one.headers), 'signed');
    t.equal(new Set(own.map((one) => one.headers['webhook-id'])).size, own.length);
    const ofIssue = own.filter((one) => one.body.type.startsWith('issue.'));
    t.same(
      ofIssue.map((one) => [one.body.type, one.body.data.update.message]),
      [
        ['issue.opened', 'We look **into** it.'],
        ['issue.updated', 'A fix is in.'],
        ['issue.resolved', 'It works.'],
      ],
    );
    const {
      reporters_count,
      worked: _,
      workarounds: _ways,
      ...shown
    } = (await api('GET', `/issues/${issue.id}`)).body;
    t.same(ofIssue.at(-1)!.body.data.issue, shown, 'as the API shows it');
    t.equal(reporters_count, 1);
    t.match(own.at(-1)!.body, {
      type: 'component.changed',
      data: {
        component: { id: part.id, name: 'Uploads' },
        change: { id: change, new_status: 'major_outage' },
      },
    });

    const asStatuspage = at('statuspage');
    const statuspageSecret = (await hookOf(db, ids.statuspage!)).secret;
    for (const one of asStatuspage)
      t.ok(new Webhook(statuspageSecret).verify(one.raw, one.headers), 'signed');
    const incident = asStatuspage.find((one) => one.body.incident)!.body;
    t.same(Object.keys(incident), ['meta', 'page', 'incident']);
    t.same(Object.keys(incident.meta), ['unsubscribe', 'documentation', 'generated_at']);
    t.same(Object.keys(incident.page), ['id', 'status_indicator', 'status_description']);
    t.same(
      Object.keys(incident.incident),
      'name status created_at updated_at monitoring_at resolved_at impact shortlink postmortem_ignored postmortem_body postmortem_body_last_updated_at postmortem_published_at postmortem_notified_subscribers postmortem_notified_twitter backfilled scheduled_for scheduled_until scheduled_remind_prior scheduled_reminded_at impact_override scheduled_auto_in_progress scheduled_auto_completed id page_id incident_updates'.split(
        ' ',
      ),
    );
    t.same(
      Object.keys(incident.incident.incident_updates[0]),
      'status body created_at wants_twitter_update twitter_updated_at updated_at display_at affected_components custom_tweet id incident_id'.split(
        ' ',
      ),
    );
    t.match(incident.incident, { name: 'Uploads stop', status: 'resolved', impact: 'major', id: issue.id });
    const moved = asStatuspage.at(-1)!.body;
    t.same(Object.keys(moved), ['meta', 'page', 'component', 'component_update']);
    t.same(
      Object.keys(moved.component),
      'status name created_at updated_at position description showcase id page_id group_id'.split(' '),
    );
    t.same(
      Object.keys(moved.component_update),
      'old_status new_status created_at component_type id component_id'.split(' '),
    );
    t.match(moved.component_update, { new_status: 'major_outage', component_id: part.id });

    for (const [chat, title] of [
      ['slack', (body: Got['body']) => body.blocks[0].text.text],
      ['teams', (body: Got['body']) => body.attachments[0].content.body[1].text],
      ['discord', (body: Got['body']) => body.embeds[0].title],
    ] as const)
      t.same(
        at(chat).map((one) => title(one.body)),
        ['🔴 Uploads stop', '🔴 Uploads stop', '✅ Uploads stop', '🔴 Uploads: Down'],
        `${chat}: a component that an issue speaks of is told of once`,
      );
    t.notMatch(JSON.stringify(there.got), /canary@|canary words/, 'nothing of the people who told us');
    t.notMatch(lines.join('\n'), /canary|127\.0\.0\.1|whsec/, 'no address and no secret in the log');
  },
);

onBoth(t, 'what does not arrive comes again under the same id, before what is newer', async (t, { db }) => {
  const there = await receiver(t, answers(503));
  const id = await aHook(db, there.url);
  const issueId = await anIssue(db);
  await say(db, issueId, 'one', new Date(Date.now() - 20));
  await say(db, issueId, 'two', new Date(Date.now() - 10));
  let ahead = 0;
  tellHooks(t, db, { now: () => new Date(Date.now() + ahead) });
  for (const tries of [1, 2, 3]) {
    await until(async () => (await hookOf(db, id)).failures === tries);
    const due = (await deliveries(db)).map((one) => one.due_at.getTime());
    t.equal(new Set(due).size, 1, 'what is newer waits as long');
    if (tries === 3) there.manner = taken;
    ahead += 2 * hour;
  }
  t.same(await drained(db), { sent: 2 });
  t.same(saidIn(there.got), ['one', 'one', 'one', 'one', 'two']);
  t.equal(new Set(there.got.map((one) => one.headers['webhook-id'])).size, 2);
  t.match(await hookOf(db, id), { failures: 0, failing_since: null, last_error: null });
  t.ok((await hookOf(db, id)).last_ok_at);

  there.manner = answers(422);
  await say(db, issueId, 'nobody likes it');
  await say(db, issueId, 'but this');
  there.manner = (got, answer) => answers(saidIn([got])[0] === 'but this' ? 200 : 422)(got, answer, null!);
  for (const tries of [1, 2, 3, 4]) {
    await until(async () => (await hookOf(db, id)).failures === tries);
    ahead += 2 * hour;
  }
  await until(async () => (await states(db)).sent === 3);
  t.match(await deliveries(db, { state: 'failed' }), [
    { attempts: 5, reason: 'it did not accept the message (4xx)' },
  ]);
});

onBoth(t, 'a broken receiver holds up neither mails nor other webhooks', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const good = await receiver(t);
  const hanging = await receiver(t, hangs);
  const issueId = await anIssue(db);
  const stuck = await aHook(db, hanging.url);
  for (const manner of [answers(500), answers(302, { location: good.url }), floods()])
    await aHook(db, (await receiver(t, manner)).url);
  await aHook(db, good.url, { name: 'good' });
  for (let n = 0; n < 10; n++) await say(db, issueId, `${n}`, new Date(Date.now() - 100 + n));
  await owe(db, 40);
  tellHooks(t, db, { posting: { timeoutMs: 120_000 } });
  notify(t, db, smtp.url);
  await until(() => good.got.length === 10 && smtp.accepted().length === 40);
  t.same(saidIn(good.got), [...'0123456789']);
  const [first, ...rest] = (await deliveries(db, { webhook_id: stuck })).sort(
    (a, b) => b.attempts - a.attempts,
  );
  t.ok(first!.state === 'queued' && first!.lease_token, 'all others are told while it still hangs');
  t.ok(
    rest.every((one) => one.state === 'queued' && one.attempts === 0),
    'one at a time',
  );
  t.equal(hanging.got.length, 1);
});

t.test('receivers that failed last have half of the slots and no more', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const hanging = await receiver(t, hangs);
  const good = await receiver(t);
  for (let n = 0; n < 6; n++) await aHook(db, hanging.url, { failures: 1, failing_since: new Date() });
  const issueId = await anIssue(db);
  await say(db, issueId, 'one', new Date(Date.now() - 1_000));
  await aHook(db, good.url);
  await say(db, issueId, 'two');
  tellHooks(t, db, { slots: 4, posting: { timeoutMs: 120_000 } });
  await until(() => good.got.length === 1 && hanging.got.length >= 2);
  t.equal(hanging.got.length, 2);
});

onBoth(
  t,
  'who is without hope is paused, what waits is cancelled, and the owner is told',
  async (t, base) => {
    const { db } = base;
    const smtp = await smtpServer(t);
    const there = await receiver(t, answers(500));
    const ended = { failures: 19, failing_since: new Date(Date.now() - 25 * hour) };
    const her = await aSubscriber(db, 'her@example.com', { hears: 'issues' });
    await aSubscriber(db, 'other@example.com', { hears: 'issues' });
    const staff = { role: 'owner' as const, password: null, subject: null, created_at: new Date() };
    const now = { disabled_at: null, last_seen_at: null };
    await db
      .insertInto('staff')
      .values([
        { ...staff, ...now, id: 'adder0000000', name: 'Ada', email: 'ada@example.com', role: 'support' },
        { ...staff, ...now, id: 'owner0000000', name: 'Olga', email: 'olga@example.com' },
        {
          ...staff,
          ...now,
          id: 'gone00000000',
          name: 'Gus',
          email: 'gus@example.com',
          disabled_at: new Date(),
        },
      ])
      .execute();
    const hers = await aHook(db, `${there.url}/secret`, {
      subscriber_id: her,
      name: 'Her *program*',
      ...ended,
    });
    const adders = await aHook(db, there.url, { staff_id: 'adder0000000', name: 'of Ada', ...ended });
    const orphan = await aHook(db, there.url, { staff_id: 'gone00000000', name: 'of Gus', ...ended });
    const young = await aHook(db, there.url, { name: 'young', failures: 30, failing_since: new Date() });
    const issueId = await anIssue(db);
    await db.insertInto('subscriber_issue').values({ subscriber_id: her, issue_id: issueId }).execute();
    await say(db, issueId, 'one', new Date(Date.now() - 10));
    await say(db, issueId, 'two');
    await db.deleteFrom('delivery').where('webhook_id', 'is', null).execute(); // her mails are another matter
    const { lines } = tellHooks(t, db);
    await until(async () => (await hookOf(db, young)).failures === 31);
    for (const id of [hers, adders, orphan]) {
      await until(async () => (await hookOf(db, id)).paused_at !== null);
      t.match(
        (await deliveries(db, { webhook_id: id })).sort((a, b) => b.attempts - a.attempts),
        [
          { state: 'cancelled', attempts: 1 },
          { state: 'cancelled', attempts: 0, reason: 'the webhook was paused, for nothing arrived there' },
        ],
      );
    }
    t.equal((await hookOf(db, young)).paused_at, null, 'not for a bad hour');
    t.equal(lines.filter((line) => line.includes('a webhook is paused')).length, 3);
    await say(db, issueId, 'three');
    t.equal((await deliveries(db, { webhook_id: hers })).length, 2, 'nothing more is owed to it');

    await db.deleteFrom('delivery').where('template', '=', 'update').execute();
    notify(t, db, smtp.url);
    await drained(db);
    t.same(
      smtp
        .accepted()
        .map((mail) => mail.to[0])
        .sort(),
      ['ada@example.com', 'her@example.com', 'olga@example.com'],
    );
    const text = (to: string) =>
      smtp
        .accepted()
        .find((mail) => mail.to[0] === to)!
        .raw.replace(/=\r\n/g, '')
        .replace(/\r\n/g, '\n');
    t.match(text('her@example.com'), /Subject: We have stopped sending to your webhook\n/);
    t.match(text('her@example.com'), 'Her *program*');
    t.match(text('her@example.com'), /\/s\/[\w-]{44}\/webhooks/);
    t.match(text('her@example.com'), 'it had trouble of its own (5xx)');
    t.match(text('ada@example.com'), `/admin/webhooks/${adders}`);
    t.notMatch(text('her@example.com'), '/secret', 'the address may hold a secret');

    there.manner = answers(410);
    await db.updateTable('webhook').set({ paused_at: null, failures: 0 }).where('id', '=', adders).execute();
    await say(db, issueId, 'four');
    await until(async () => (await hookOf(db, adders)).paused_at !== null);
    t.match(await deliveries(db, { webhook_id: adders }), [
      { state: 'failed', reason: 'it answered that it is gone for good (410)' },
    ]);
  },
);

onBoth(t, 'nothing goes that is not wanted or true any more, and each row says why', async (t, { db }) => {
  const there = await receiver(t);
  const her = await aSubscriber(db, 'her@example.com');
  const [removed, paused, hers, stays] = [
    await aHook(db, there.url),
    await aHook(db, there.url),
    await aHook(db, there.url, { subscriber_id: her }),
    await aHook(db, there.url),
  ];
  const [open, back, gone] = [await anIssue(db), await anIssue(db), await anIssue(db)];
  await say(db, open, 'still true');
  const closing = await resolve(db, back);
  await db
    .transaction()
    .execute((trx) => oweNews(trx, { template: 'resolved', issueId: back, updateId: closing }, new Date()));
  await reopen(db, back);
  await say(db, gone, 'never mind');
  await db.deleteFrom('issue').where('id', '=', gone).execute();
  await db.deleteFrom('webhook').where('id', '=', removed!).execute();
  await db.updateTable('webhook').set({ paused_at: new Date() }).where('id', '=', paused!).execute();
  await db.updateTable('subscriber').set({ state: 'left' }).where('id', '=', her).execute();
  tellHooks(t, db);
  await until(async () =>
    (await deliveries(db, { state: 'queued' })).every((one) => one.webhook_id === null),
  );
  const ends = async (id: string) =>
    (await deliveries(db, { webhook_id: id })).map((one) => one.reason ?? one.state).sort();
  t.same(await ends(removed!), []);
  t.same(await ends(paused!), Array(2).fill('the webhook is paused'));
  t.same(await ends(hers!), Array(2).fill('the subscriber does not hear of this any more'));
  t.same(await ends(stays!), ['sent', 'the issue was opened again']);
  t.same(saidIn(there.got), ['still true']);

  await db.updateTable('sending').set({ held_since: new Date(), held_reason: 'a backup' }).execute();
  await say(db, open, 'after the backup');
  const test = await db.transaction().execute((trx) => testWebhook(trx, null, stays!, new Date()));
  await until(async () => (await deliveries(db, { id: test }))[0]!.state === 'sent');
  t.equal(there.got.at(-1)!.body.type, 'test', 'only what somebody asks for just now');
  t.equal(there.got.length, 2);
  await db.updateTable('sending').set({ held_since: null }).execute();
  await until(() => there.got.length === 3);
});

onBoth(t, 'a component’s change is told to whom it concerns', async (t, { db }) => {
  const [chosen, other] = [await aComponent(db, 'Uploads'), await aComponent(db, 'Search')];
  const bug = await anIssue(db, { kind: 'bug' });
  const hooks: Record<string, string> = {};
  const add = async (name: string, subscriber: object | null, kind: 'candor' | 'slack' = 'candor') => {
    const owner = subscriber && (await aSubscriber(db, `${name}@example.com`, subscriber));
    hooks[await aHook(db, 'https://example.com/', { kind, subscriber_id: owner })] = name;
    return owner!;
  };
  await add('page', null);
  await add('chat', null, 'slack');
  await add('everything', {});
  await add('paused', { state: 'paused' });
  await add('incidents', { incidents_only: true });
  const choosy = await add('choosy', { hears: 'components' });
  const follower = await add('follower', { hears: 'issues', incidents_only: true });
  await db
    .insertInto('subscriber_component')
    .values({ subscriber_id: choosy, component_id: chosen })
    .execute();
  await db.insertInto('subscriber_issue').values({ subscriber_id: follower, issue_id: bug }).execute();
  for (const [component, issue, told] of [
    [chosen, null, 'chat choosy everything incidents page'],
    [other, null, 'chat everything incidents page'],
    [chosen, bug, 'choosy everything follower page'],
  ] as const) {
    const change = await aChange(db, component, issue);
    const again = () => db.transaction().execute((trx) => oweComponentChange(trx, change, new Date()));
    await again();
    const rows = await deliveries(db, { component_change_id: change });
    t.equal(
      rows
        .map((one) => hooks[one.webhook_id!])
        .sort()
        .join(' '),
      told,
    );
    t.ok(rows.every((one) => one.domain === one.webhook_id));
  }
});

onBoth(t, 'a stop in the middle lets go, and the next process sends the same message', async (t, { db }) => {
  const there = await receiver(t, hangs);
  await aHook(db, there.url);
  await say(db, await anIssue(db));
  const { pump } = tellHooks(t, db);
  await until(() => there.got.length === 1);
  await pump.stop(100);
  t.match(await deliveries(db), [{ state: 'queued', attempts: 0, lease_token: null }]);
  t.equal(
    (await db.selectFrom('webhook').selectAll().executeTakeFirstOrThrow()).failures,
    0,
    'not its fault',
  );
  there.manner = taken;
  tellHooks(t, db);
  t.same(await drained(db), { sent: 1 });
  t.equal(there.got[0]!.headers['webhook-id'], there.got[1]!.headers['webhook-id']);
});

t.test('three processes at once: nothing twice, nothing lost, each receiver in order', async (t) => {
  const url = await freshUrl(t);
  const bases = await Promise.all(
    [1, 2, 3].map(() => connect({ databaseUrl: url, dataDir: '', poolSize: 4 })),
  );
  t.teardown(() => Promise.all(bases.map((base) => base.close())));
  const { db } = bases[0]!;
  const there = await receiver(t);
  const names = [...'abcdefgh'];
  for (const name of names) await aHook(db, `${there.url}/${name}`);
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, addresses(1));
  const messages = Array.from({ length: 20 }, (_, n) => `${n}`);
  for (const [n, message] of messages.entries())
    await say(db, issueId, message, new Date(Date.now() - 1_000 + n));
  const running = bases.map((base) => tellHooks(t, base.db));
  t.same(await drained(db), { sent: 160 });
  for (const name of names) t.same(saidIn(there.got.filter((one) => one.path === `/${name}`)), messages);
  const shares = running.map(({ lines }) => lines.filter((line) => line.includes('webhook told')).length);
  t.ok(
    shares.every((share) => share > 0),
    `they share the work: ${shares}`,
  );
});
