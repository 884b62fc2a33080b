import { sql } from 'kysely';
import PostalMime from 'postal-mime';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { newId } from '../../src/ids.ts';
import { openIssue } from '../../src/issues/open-issue.ts';
import { keepTimes } from '../../src/issues/planned-work.ts';
import { postUpdate } from '../../src/issues/post-update.ts';
import { type IssueBody, issueBody } from '../../src/issues/schemas.ts';
import { oweReminders } from '../../src/notifications/remind.ts';
import { onBoth } from '../fixtures/db.ts';
import { deliveries, drained, links, notify, reportsOf } from '../fixtures/outbox.ts';
import { smtpServer } from '../fixtures/smtp.ts';

const hour = 3_600_000;

function open(
  db: Db,
  body: Partial<IssueBody> & { components?: { id: string; status: string }[] } = {},
  now = new Date(),
) {
  const whole = issueBody.parse({
    title: 'Uploads stop at 99 %',
    kind: 'incident',
    message: 'We are looking into it.',
    ...body,
  });
  return db.transaction().execute((trx) => openIssue(trx, whole, now));
}

function say(db: Db, issueId: string, body: Parameters<typeof postUpdate>[2], now = new Date()) {
  return db.transaction().execute((trx) => postUpdate(trx, issueId, body, now));
}

async function aComponent(db: Db, name: string): Promise<string> {
  const now = new Date();
  const id = newId();
  await db.insertInto('component').values({ id, name, created_at: now, updated_at: now }).execute();
  return id;
}

interface Choices {
  state?: 'unconfirmed' | 'active' | 'paused' | 'left';
  hears?: 'everything' | 'components' | 'issues';
  incidents_only?: boolean;
  components?: string[];
  issues?: string[];
}

async function subscribe(db: Db, email: string, choices: Choices = {}): Promise<string> {
  const { components = [], issues = [], state = 'active', ...rest } = choices;
  const id = newId();
  const now = new Date();
  await db
    .insertInto('subscriber')
    .values({ id, email, state, source: 'form', created_at: now, confirmed_at: now, ...rest })
    .execute();
  for (const component_id of components)
    await db.insertInto('subscriber_component').values({ subscriber_id: id, component_id }).execute();
  for (const issue_id of issues)
    await db.insertInto('subscriber_issue').values({ subscriber_id: id, issue_id }).execute();
  return id;
}

const told = async (db: Db, template: 'opened' | 'update' | 'resolved' | 'reminder') =>
  (await deliveries(db, { template })).map(({ address }) => address).sort();

onBoth(t, 'each of 10,000 subscribers hears what she chose, and nothing else', async (t, { db }) => {
  const [api, app, shop] = [
    await aComponent(db, 'API'),
    await aComponent(db, 'App'),
    await aComponent(db, 'Shop'),
  ];
  const parts = [api, app, shop];
  // What number n chose, told apart by its remainders.
  await sql`
    insert into subscriber (id, email, state, hears, incidents_only, source, created_at, confirmed_at)
    select lpad(to_hex(n), 12, '0'), 'person' || n || '@example.com',
      (array['active', 'active', 'active', 'paused', 'left', 'unconfirmed'])[1 + n % 6],
      (array['everything', 'components', 'issues', 'components'])[1 + n % 4], n % 5 = 0, 'form', now(), now()
    from generate_series(1, 10000) as n`.execute(db);
  await sql`
    insert into subscriber_component (subscriber_id, component_id)
    select lpad(to_hex(n), 12, '0'), (${parts}::text[])[1 + n % 3] from generate_series(1, 10000) as n
    where n % 4 in (1, 3)`.execute(db);
  const incident = await open(db, { notify: false, components: [{ id: api, status: 'major_outage' }] });
  const bug = await open(db, {
    notify: false,
    kind: 'bug',
    components: [{ id: shop, status: 'degraded_performance' }],
  });
  await sql`
    insert into subscriber_issue (subscriber_id, issue_id)
    select lpad(to_hex(n), 12, '0'), ${bug} from generate_series(1, 10000) as n where n % 7 = 0`.execute(db);
  t.equal((await deliveries(db)).length, 0, 'notify: false tells nobody');

  const expected = (kind: 'incident' | 'bug', part: number) => {
    const hears = (n: number) => {
      if (n % 6 > 2) return false;
      if (kind === 'bug' && n % 7 === 0) return true;
      if (kind === 'bug' && n % 5 === 0) return false;
      return n % 4 === 0 || ((n % 4 === 1 || n % 4 === 3) && n % 3 === part);
    };
    return Array.from({ length: 10_000 }, (_, i) => i + 1)
      .filter(hears)
      .map((n) => `person${n}@example.com`)
      .sort();
  };
  await say(db, incident, { status: 'identified', message: 'A disk is full.' });
  t.same(await told(db, 'update'), expected('incident', 0));
  await db.deleteFrom('delivery').execute();
  await say(db, bug, { status: 'identified', message: 'A comma is missing.' });
  t.same(await told(db, 'update'), expected('bug', 2));
});

onBoth(
  t,
  'a reporter who also subscribes gets one mail for one event, and leaves both by it',
  async (t, { db }) => {
    const smtp = await smtpServer(t);
    const issue = await open(db, { notify: false });
    const id = await subscribe(db, 'Ana@example.com');
    await subscribe(db, 'bo@example.com');
    await reportsOf(db, issue, ['ana@example.com']);
    await say(db, issue, { status: 'identified', message: 'A disk is full.', notify: true });
    await say(db, issue, { status: 'resolved', message: 'It has more room.' });
    notify(t, db, smtp.url);
    t.same(await drained(db), { sent: 4 });
    const mails = await Promise.all(
      smtp
        .accepted()
        .map(async (one) => ({ ...(await PostalMime.parse(one.raw)), to: one.to[0]!.toLowerCase() })),
    );
    const head = (mail: (typeof mails)[number], name: string) =>
      mail.headers.find(({ key }) => key === name)?.value ?? '';
    for (const mail of mails) {
      t.equal(head(mail, 'list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
      t.equal(head(mail, 'auto-submitted'), 'auto-generated');
    }
    const hers = mails.filter(({ to }) => to === 'ana@example.com');
    t.equal(hers.length, 2);
    for (const mail of hers) {
      t.match(mail.text, 'you told us about', 'it speaks to her as the one who told us');
      t.match(mail.text, /End both with one click: \S*\?r=/);
      t.match(head(mail, 'list-unsubscribe'), `/s/${links.token('subscriber', id)}/unsubscribe?r=`);
    }
    const his = mails.filter(({ to }) => to === 'bo@example.com');
    t.same(his.map(({ subject }) => subject).sort(), [
      'Fixed: Uploads stop at 99 %',
      'Update: Uploads stop at 99 %',
    ]);
    for (const mail of his) {
      t.match(mail.text, /asked to hear of such things/);
      t.match(mail.text, /\/s\/[\w-]+/);
      t.notMatch(mail.text, /you told us/);
    }
  },
);

onBoth(t, 'that it is fixed once more says so to whoever subscribes, too', async (t, { db }) => {
  const smtp = await smtpServer(t);
  notify(t, db, smtp.url);
  await subscribe(db, 'bo@example.com');
  const issue = await open(db, { notify: false });
  for (const [status, message] of [
    ['resolved', 'It has more room.'],
    ['investigating', 'It is full again.'],
    ['resolved', 'It has a second disk.'],
  ] as const) {
    await say(db, issue, { status, message });
    await drained(db);
  }
  const mails = await Promise.all(smtp.accepted().map(({ raw }) => PostalMime.parse(raw)));
  t.same(
    mails.map(({ subject }) => subject),
    ['Fixed', 'It came back', 'Fixed again'].map((head) => `${head}: Uploads stop at 99 %`),
  );
  t.match(mails[2]!.text, /it is fixed\. Last we wrote to you that it was back\./);
});

onBoth(t, 'what changed between the queue and the sending counts', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const [api, app] = [await aComponent(db, 'API'), await aComponent(db, 'App')];
  const left = await subscribe(db, 'left@example.com');
  const paused = await subscribe(db, 'paused@example.com');
  const erased = await subscribe(db, 'erased@example.com');
  const changed = await subscribe(db, 'changed@example.com', { hears: 'components', components: [api] });
  const stayed = 'stayed@example.com';
  await subscribe(db, stayed);
  const issue = await open(db, { components: [{ id: api, status: 'partial_outage' }] });
  const [report] = await reportsOf(db, issue, [stayed]);
  const update = await say(db, issue, { status: 'identified', message: 'We found it.', notify: true });
  await db.updateTable('subscriber').set({ state: 'left' }).where('id', '=', left).execute();
  await db.updateTable('subscriber').set({ state: 'paused' }).where('id', '=', paused).execute();
  await db.deleteFrom('subscriber').where('id', '=', erased).execute();
  await db
    .updateTable('subscriber_component')
    .set({ component_id: app })
    .where('subscriber_id', '=', changed)
    .execute();
  await db
    .updateTable('report')
    .set({ state: 'withdrawn', withdrawn_at: new Date() })
    .where('id', '=', report!)
    .execute();
  notify(t, db, smtp.url);
  await drained(db);
  t.same(
    smtp
      .accepted()
      .map(({ to }) => to[0])
      .sort(),
    [stayed, stayed],
    'she took her report back, and still subscribes',
  );
  const why = new Map((await deliveries(db, { template: 'opened' })).map((one) => [one.address, one.reason]));
  t.equal(why.get('left@example.com'), 'the subscriber left');
  t.equal(why.get('paused@example.com'), 'the subscriber paused it');
  t.equal(why.get('erased@example.com'), 'the subscription was erased');
  t.equal(why.get('changed@example.com'), 'the subscriber chose not to hear of this');
  t.equal((await deliveries(db, { update_id: update.id, address: stayed })).length, 1);
});

onBoth(
  t,
  'planned work is announced, reminded of a day and an hour before, begun and ended by the clock',
  async (t, base) => {
    const { db } = base;
    const smtp = await smtpServer(t);
    const start = new Date('2026-12-01T08:00:00.000Z');
    const at = (ms: number) => new Date(start.getTime() + ms);
    await subscribe(db, 'ana@example.com');
    await subscribe(db, 'only-incidents@example.com', { incidents_only: true });
    const planned = {
      kind: 'maintenance' as const,
      title: 'Moving the database',
      scheduled_for: at(0).toISOString() as never,
      scheduled_until: at(2 * hour).toISOString() as never,
      auto_start: true,
      auto_complete: true,
    };
    const issue = await open(db, planned, at(-48 * hour));
    await open(
      db,
      { ...planned, title: 'Silent', remind: false, auto_start: false, auto_complete: false, notify: false },
      at(-48 * hour),
    );
    await open(
      db,
      { ...planned, title: 'Announced late', auto_start: false, auto_complete: false, notify: false },
      at(-0.5 * hour),
    );
    const tick = async (ms: number) => [await oweReminders(db, at(ms)), await keepTimes(db, at(ms))];
    t.same(await tick(-25 * hour), [0, 0]);
    t.same(await tick(-24 * hour), [1, 0]);
    t.same(await tick(-23 * hour), [0, 0], 'once');
    t.same(await tick(-hour), [1, 0]);
    t.same(await told(db, 'reminder'), ['ana@example.com', 'ana@example.com']);
    const statusOf = async () =>
      (await db.selectFrom('issue').select('status').where('id', '=', issue).executeTakeFirstOrThrow())
        .status;
    t.same(await tick(-1), [0, 0]);
    t.same(await tick(0), [0, 1]);
    t.equal(await statusOf(), 'in_progress');
    t.same(await tick(2 * hour - 1), [0, 0]);
    t.same(
      await Promise.all([keepTimes(db, at(2 * hour)), keepTimes(db, at(2 * hour))]).then((all) => all.sort()),
      [0, 1],
      'one of two replicas',
    );
    t.equal(await statusOf(), 'completed');

    notify(t, db, smtp.url, { now: () => at(3 * hour) });
    await drained(db);
    const mails = await Promise.all(smtp.accepted().map(({ raw }) => PostalMime.parse(raw)));
    t.same(
      mails.map(({ subject }) => subject).sort(),
      [
        'Completed: Moving the database',
        'Planned work: Moving the database',
        'Under way: Moving the database',
      ],
      'by then no reminder is true any more',
    );
    t.same(
      (await deliveries(db, { template: 'reminder' })).map(({ reason }) => reason),
      ['the work is not ahead any more', 'the work is not ahead any more'],
    );
  },
);

onBoth(t, 'a reminder says how near the work is, and is not sent once it was moved', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const start = new Date('2026-12-01T08:00:00.000Z');
  const at = (ms: number) => new Date(start.getTime() + ms);
  await subscribe(db, 'ana@example.com');
  const component = await aComponent(db, 'API & <App>');
  const issue = await open(
    db,
    {
      kind: 'maintenance',
      title: 'Moving the database',
      notify: false,
      scheduled_for: start.toISOString() as never,
      scheduled_until: at(2 * hour).toISOString() as never,
      components: [{ id: component, status: 'under_maintenance' }],
    },
    at(-48 * hour),
  );
  await oweReminders(db, at(-hour));
  notify(t, db, smtp.url, { now: () => at(-hour) });
  await drained(db);
  const [day, sent] = await Promise.all(smtp.accepted().map(({ raw }) => PostalMime.parse(raw)));
  t.equal(sent!.subject, 'In an hour: Moving the database');
  t.equal(day!.subject, sent!.subject, 'a reminder that comes late says so');
  t.match(sent!.text, /In about an hour we begin some work that we had announced\./);
  t.match(sent!.text, 'When: 1 December 2026, 08:00 UTC to 1 December 2026, 10:00 UTC');
  t.match(sent!.text, 'What it touches: API & <App>');
  t.match(sent!.html, 'API &amp; &lt;App&gt;');
  await db
    .updateTable('issue')
    .set({ scheduled_for: at(hour) })
    .where('id', '=', issue)
    .execute();
  await oweReminders(db, at(0));
  t.equal((await deliveries(db, { template: 'reminder' })).length, 4, 'of the new time she is reminded anew');
});
