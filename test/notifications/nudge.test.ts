import PostalMime from 'postal-mime';
import t, { type Test } from 'tap';
import type { Database, Db } from '../../src/db.ts';
import { rights } from '../../src/desk/rights.ts';
import { oweNudges, speaking } from '../../src/notifications/nudge.ts';
import { links, testConfig } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { type DeskVisitor, openDesk } from '../fixtures/desk.ts';
import { aHook, aSubscriber, tellHooks } from '../fixtures/hooks.ts';
import { deliveries, notify, reportsOf, until } from '../fixtures/outbox.ts';
import { receiver } from '../fixtures/receiver.ts';
import { smtpServer } from '../fixtures/smtp.ts';

const show = process.env.SHOW_MAILS === '1';
const at = (time: string) => new Date(`2026-11-21T${time}Z`);

/** Sue of support has promised, at 12:00, to say more by 13:00; Ben is her colleague. */
async function promised(t: Test, base: Database) {
  const sue = await openDesk(t, base);
  const ben = await sue.colleague({ name: 'Ben' });
  const { body } = await sue.api('POST', '/issues', {
    kind: 'incident',
    title: 'Uploads stop at 99 %',
    message: 'We know about this.',
  });
  await say(sue, body.id, { next_update: '1h' });
  return { sue, ben, id: body.id as string };
}

async function say({ get, post }: DeskVisitor, id: string, fields: Record<string, string> = {}) {
  const [, revision = ''] =
    /name="revision" value="(\d+)"/.exec((await get(`/admin/issues/${id}`)).html) ?? [];
  return post(`/admin/issues/${id}/updates`, {
    revision,
    status: 'identified',
    message: 'The *disk* is full.',
    do: 'post',
    ...fields,
  });
}

async function nudged(db: Db) {
  const rows = await deliveries(db, { template: 'nudge' });
  return rows
    .map(({ event, address }) => `${event.replace(/^.*:/, '')} ${address.replace(/[-@].*/, '')}`)
    .sort();
}

onBoth(t, 'a promise is reminded of once before it runs out, and once when it has', async (t, base) => {
  const { db } = base;
  const { sue, ben, id } = await promised(t, base);
  const [quiet, gone] = [
    await sue.colleague({ name: 'Quiet', role: 'owner' }),
    await sue.colleague({ name: 'Gone' }),
  ];
  await sue.colleague({ name: 'Reader', role: 'reader' });
  await quiet.post('/admin/me', { what: 'nudges' });
  await db.updateTable('staff').set({ disabled_at: sue.clock.now }).where('id', '=', gone.staff.id).execute();
  await aHook(db, 'https://chat.example.com/staff', { id: 'staffroom000', nudges: true });
  await aHook(db, 'https://chat.example.com/all', { id: 'everybody000' });
  const look = (now: Date) => Promise.all([oweNudges(db, now), oweNudges(db, now), oweNudges(db, now)]);

  await look(at('12:44:59'));
  t.same(await nudged(db), [], 'not yet');
  await look(at('12:45:00'));
  await look(at('12:59:00'));
  t.same(await nudged(db), ['soon hook', 'soon sue'], 'who spoke last, and the room of staff');
  await look(at('13:00:01'));
  await look(at('13:05:00'));
  const once = ['lapsed ben', 'lapsed hook', 'lapsed sue', 'soon hook', 'soon sue'];
  t.same(await nudged(db), once, 'everybody who wants reminders');

  sue.clock.now = at('13:10:00');
  t.equal((await say(ben, id, { next_update: '2h' })).status, 303);
  await look(at('14:39:59'));
  t.same(await nudged(db), once, 'an update before that: no reminder');
  await look(at('14:40:00'));
  t.same(
    await nudged(db),
    [...once, 'soon ben', 'soon hook'].sort(),
    'the next promise begins anew, with who spoke',
  );

  sue.clock.now = at('15:00:00');
  await sue.api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'It has more room now.' });
  await look(at('16:00:00'));
  t.equal((await nudged(db)).length, 7, 'what is over promises nothing');
});

onBoth(
  t,
  'where nobody of staff spoke, all are reminded; a promise moved is reminded of anew',
  async (t, base) => {
    const { db } = base;
    const sue = await openDesk(t, base);
    await sue.colleague({ name: 'Ben' });
    const { body } = await sue.api('POST', '/issues', {
      kind: 'bug',
      title: 'Slow',
      message: 'Known.',
      next_update_at: at('12:20:00'),
    });
    await oweNudges(db, at('12:15:00'));
    t.same(await nudged(db), ['soon ben', 'soon sue']);
    sue.clock.now = at('12:19:00');
    await sue.api('PATCH', `/issues/${body.id}`, { next_update_at: at('14:19:00') });
    await oweNudges(db, at('12:25:00'));
    t.equal((await nudged(db)).length, 2, 'the promise before cannot run out any more');
    await oweNudges(db, at('13:49:00'));
    t.equal((await nudged(db)).length, 4, 'a quarter of its two hours before its end');
  },
);

onBoth(t, 'the mail says what was promised to whom, and goes only while it is true', async (t, base) => {
  const { db } = base;
  const smtp = await smtpServer(t);
  const { sue, ben, id } = await promised(t, base);
  await reportsOf(db, id, ['ana@example.com', 'bea@example.com']);
  await aSubscriber(db, 'cy@example.com');
  await oweNudges(db, at('12:50:00'));
  const page = testConfig();
  const { notifier, mailer } = notify(t, db, smtp.url, { now: () => at('12:51:00'), page, links });
  await until(() => smtp.accepted().length === 1);
  const mail = await PostalMime.parse(smtp.accepted()[0]!.raw);
  if (show) console.error(`\n===== ${mail.subject}\n\n${mail.text}`);
  t.equal(mail.subject, 'Update promised by 13:00 UTC: Uploads stop at 99 %');
  t.match(mail.to, [{ address: sue.staff.email }]);
  t.match(mail.text, 'by 21 November 2026, 13:00 UTC. That is in about 10 minutes.');
  t.match(mail.text, '2 people told us about it, and one more follows it by mail.');
  t.match(mail.text, 'What we said last, on 21 November 2026, 12:00 UTC:\n\nThe *disk* is full.');
  t.match(mail.text, `Post an update:\nhttps://status.example.com/admin/issues/${id}\n`);
  t.notMatch(`${mail.text}${mail.html}`, /example\.com\/r\/|ana@|canary/i, 'nothing of those who told us');
  await notifier.stop(1_000);
  mailer.close();

  await oweNudges(db, at('13:00:05'));
  await db
    .updateTable('staff')
    .set({ disabled_at: at('13:00:06') })
    .where('id', '=', ben.staff.id)
    .execute();
  notify(t, db, smtp.url, { now: () => at('13:00:10'), page, links });
  await until(() => smtp.accepted().length === 2);
  const late = await PostalMime.parse(smtp.accepted()[1]!.raw);
  if (show) console.error(`\n===== ${late.subject}\n\n${late.text}`);
  t.equal(late.subject, 'Promised for 13:00 UTC, and not given: Uploads stop at 99 %');
  t.match(late.text, 'have not given one. The page says so to everybody who looks.');
  await until(async () => (await deliveries(db, { state: 'queued' })).length === 0);
  t.match(await deliveries(db, { state: 'cancelled' }), [{ staff_id: ben.staff.id, reason: /account/ }]);
});

onBoth(
  t,
  'a reminder that is overtaken does not go, nor does one of a promise that has run out since',
  async (t, base) => {
    const { db } = base;
    const smtp = await smtpServer(t);
    const room = await receiver(t);
    const { sue, id } = await promised(t, base);
    await aHook(db, `${room.url}/staff`, { kind: 'slack', nudges: true });
    await oweNudges(db, at('12:50:00'));
    sue.clock.now = at('12:51:00');
    await say(sue, id, { next_update: '30m', notify: '' });
    await db.deleteFrom('delivery').where('template', '<>', 'nudge').execute();
    await oweNudges(db, at('13:14:00'));
    notify(t, db, smtp.url, { now: () => at('13:21:30') });
    tellHooks(t, db, { now: () => at('13:15:00') });
    await until(async () => (await deliveries(db, { state: 'queued' })).length === 0);
    t.same(smtp.received.length, 0);
    t.same((await deliveries(db, { staff_id: sue.staff.id })).map(({ reason }) => reason).sort(), [
      'it has run out since, and another reminder says so',
      'the promise was kept, moved or dropped',
    ]);
    t.equal(room.got.length, 1, 'the room hears of the promise that still runs');
    t.match(room.got[0]!.body.text, 'Our promise runs out soon');
    t.match(JSON.stringify(room.got[0]!.body), `/admin/issues/${id}`, 'and leads to the desk');
    t.match(JSON.stringify(room.got[0]!.body), 'Next update promised by 21 November 2026, 13:21 UTC');
  },
);

onBoth(
  t,
  'moving a promise mails nobody, calls no program and is no news; the page shows it',
  async (t, base) => {
    const { db } = base;
    const { sue, id } = await promised(t, base);
    await reportsOf(db, id, ['ana@example.com']);
    await aSubscriber(db, 'cy@example.com');
    await aHook(db, 'https://chat.example.com/all', { nudges: true });
    const before = (await deliveries(db)).length;
    const feed = async () =>
      (await sue.app.inject('/history.atom')).payload.match(/<updated>.*?<\/updated>/g);
    const updated = await feed();

    sue.clock.now = at('12:30:00');
    await sue.api('PATCH', `/issues/${id}`, { next_update_at: at('13:30:00') });
    const [, revision = ''] = /name="revision" value="(\d+)"/.exec(
      (await sue.get(`/admin/issues/${id}`)).html,
    )!;
    sue.clock.now = at('13:40:00');
    const moved = await sue.post(`/admin/issues/${id}/promise`, { revision, next_update: '30m' });
    t.equal(moved.to, `/admin/issues/${id}?said=promised`);
    t.equal((await deliveries(db)).length, before, 'nobody was told');
    t.same(await feed(), updated, 'no reader of feeds is shown it as new');
    const page = (await sue.app.inject(`/issues/${id}`)).payload;
    t.match(page, /Next update by <time [^>]*>21 Nov 2026, 14:10 UTC/);
    t.match(
      page,
      /We had promised an update by <time [^>]*>21 Nov 2026, 13:00 UTC<\/time>\.</,
      'moved in time',
    );
    t.match(
      page,
      /by <time [^>]*>21 Nov 2026, 13:30 UTC<\/time>, and had given none by then\./,
      'moved too late',
    );

    const stale = await sue.post(`/admin/issues/${id}/promise`, { revision, next_update: '1h' });
    t.equal(stale.status, 409, 'a form of an issue that changed meanwhile is given back');
    const nothing = await sue.post(`/admin/issues/${id}/promise`, { revision, next_update: 'none' });
    t.match([nothing.status, nothing.html], [400, 'Please choose by when you say more.']);
  },
);

onBoth(
  t,
  'a lapse is said in public from the moment it is one, and stays beside what mended it',
  async (t, base) => {
    const { sue, id } = await promised(t, base);
    const token = links.token('report', (await reportsOf(base.db, id, [null as never]))[0]!);
    const pages = async () =>
      Promise.all(
        ['/', `/issues/${id}`, `/r/${token}`].map(async (url) => (await sue.app.inject(url)).payload),
      );
    const lapse =
      /We promised an update by <time [^>]*>21 Nov 2026, 13:00 UTC<\/time> and have not given one. Sorry./;

    sue.clock.now = at('13:00:00.000');
    for (const page of await pages()) {
      t.notMatch(page, lapse);
      t.match(page, /Next update by <time [^>]*>21 Nov 2026, 13:00 UTC/);
    }
    sue.clock.now = at('13:00:00.001');
    for (const page of await pages()) t.match(page, lapse);
    const desk = async (path: string) => (await sue.get(path)).html;
    sue.clock.now = at('12:48:00');
    for (const path of ['/admin', `/admin/issues/${id}`]) t.match(await desk(path), 'runs out in 12 minutes');
    sue.clock.now = at('13:20:00');
    for (const path of ['/admin', `/admin/issues/${id}`]) t.match(await desk(path), 'ran out 20 minutes ago');

    t.match(
      (await say(sue, id)).html,
      'The promise before has run out. Please choose',
      'no new one by oversight',
    );
    sue.clock.now = at('14:10:00');
    t.equal((await say(sue, id, { next_update: 'none' })).status, 303);
    for (const page of await pages()) t.notMatch(page, lapse, 'mended');
    const late =
      /We had promised this by <time [^>]*>21 Nov 2026, 13:00 UTC<\/time>; it came 1 hour 10 minutes late\./g;
    const [, page = ''] = await pages();
    t.equal(page.match(late)?.length, 1, 'beside the one update that came late');
  },
);

t.test('whoever speaks at the desk is known by the words of the audit', async (t) => {
  const acts: string[] = Object.values(rights).flatMap((right) => ('act' in right ? [right.act] : []));
  for (const act of speaking) t.ok(acts.includes(act), act);
});

onBoth(t, 'an owner says which rooms are reminded; nothing made for Statuspage is', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner' });
  const add = (kind: string) =>
    owner.post('/admin/webhooks', {
      kind,
      url: `https://chat.example.com/${kind}`,
      name: kind,
      nudges: 'yes',
    });
  for (const kind of ['slack', 'statuspage']) t.equal((await add(kind)).status, 303);
  const hooks = await base.db
    .selectFrom('webhook')
    .select(['id', 'kind', 'nudges'])
    .orderBy('kind')
    .execute();
  t.match(hooks, [
    { kind: 'slack', nudges: true },
    { kind: 'statuspage', nudges: false },
  ]);
  t.match((await owner.get(`/admin/webhooks/${hooks[0]!.id}`)).html, /name="nudges" value="yes" checked/);
  t.notMatch((await owner.get(`/admin/webhooks/${hooks[1]!.id}`)).html, /name="nudges"/);
  t.equal((await owner.post(`/admin/webhooks/${hooks[1]!.id}/nudges`, { nudges: 'yes' })).status, 409);
  await owner.post(`/admin/webhooks/${hooks[0]!.id}/nudges`);
  t.same(await base.db.selectFrom('webhook').select('id').where('nudges', '=', true).execute(), []);
});
