import PostalMime, { type Email } from 'postal-mime';
import t, { type Test } from 'tap';
import type { Database, Db } from '../../src/db.ts';
import { mergeIssues, splitIssues } from '../../src/desk/merging.ts';
import { links, openApp, testConfig } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { aHook, aSubscriber } from '../fixtures/hooks.ts';
import { deliveries, notify, reportsOf, until } from '../fixtures/outbox.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';

const show = process.env.SHOW_MAILS === '1';
const bug = { kind: 'bug', title: 'Uploads stop at 99 %', message: 'We know about this.' };

/** A bug that Ana and Bea told us of, and that is over; both were told so, as was Cy, who subscribes. */
async function over(t: Test, base: Database) {
  const { db } = base;
  const opened = await openApp(t, base);
  const { api, clock } = opened;
  const id: string = (await api('POST', '/issues', bug)).body.id;
  const [ana, bea] = await reportsOf(db, id, ['ana@example.com', 'bea@example.com']);
  await aSubscriber(db, 'cy@example.com');
  await say(opened, id, { status: 'resolved', message: 'It has more room now.' });
  await sent(db);
  clock.now = new Date(clock.now.getTime() + 3_600_000);
  return {
    ...opened,
    id,
    ana: ana!,
    bea: bea!,
    own: (report: string) => `/r/${links.token('report', report)}`,
  };
}

async function say({ api }: Pick<Awaited<ReturnType<typeof openApp>>, 'api'>, id: string, body: object) {
  const answer = await api('POST', `/issues/${id}/updates`, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.id as string;
}

function sent(db: Db) {
  return db
    .updateTable('delivery')
    .set({ state: 'sent', ended_at: new Date(), lease_token: null, lease_until: null })
    .where('state', '=', 'queued')
    .execute();
}

function to(all: Email[], who: string): Email | undefined {
  return all.find((mail) => mail.to?.[0]?.address?.toLowerCase() === `${who}@example.com`);
}

/** What waits, in the order in which it goes. */
async function waiting(db: Db) {
  const rows = await db
    .selectFrom('delivery')
    .select(['template', 'address'])
    .where('state', '=', 'queued')
    .where('webhook_id', 'is', null)
    .orderBy('due_at')
    .orderBy('address')
    .execute();
  return rows.map(({ template, address }) => `${template} ${address.replace(/@.*/, '')}`);
}

async function mails(t: Test, db: Db, smtp: SmtpStandIn) {
  const { notifier, mailer } = notify(t, db, smtp.url, { page: testConfig(), links, concurrency: 1 });
  await until(async () =>
    (await deliveries(db, { state: 'queued' })).every((one) => one.webhook_id !== null),
  );
  await notifier.stop(1_000);
  mailer.close();
  const all = await Promise.all(smtp.accepted().map(({ raw }) => PostalMime.parse(raw)));
  if (show) for (const { subject, text } of all) console.error(`\n===== ${subject}\n\n${text}`);
  return all;
}

onBoth(
  t,
  'opened again: whoever told us hears first that it came back, and what is different',
  async (t, base) => {
    const { db } = base;
    const smtp = await smtpServer(t);
    const opened = await over(t, base);
    const { id, ana, own } = opened;
    await aSubscriber(db, 'ANA@example.com', { hears: 'everything' });
    await aHook(db, 'https://chat.example.com/', { kind: 'slack' });
    await say(opened, id, { status: 'identified', message: 'This time the *second* disk is full.' });
    t.same(
      await waiting(db),
      ['reopened ana', 'reopened bea', 'reopened cy'],
      'one mail each, reporters first',
    );
    t.match(await deliveries(db, { template: 'reopened' }), { length: 4 }, 'and the program hears it too');

    const got = await mails(t, db, smtp);
    t.equal(got.length, 3);
    t.match(got[2], { to: [{ address: 'cy@example.com' }] }, 'reporters had theirs first');
    const [hers, cys] = [to(got, 'ana'), to(got, 'cy')];
    t.equal(hers!.subject, 'It came back: Uploads stop at 99 %');
    t.match(hers!.text, 'What is different now:\n\nThis time the *second* disk is full.');
    t.match(hers!.text, 'What you told us still stands. You need not tell us again.');
    t.match(hers!.text, 'When it is fixed, or if it turns out that it will not be, we write to you.');
    t.match(hers!.text, `See your report:\nhttps://status.example.com${own(ana)}`);
    t.match(hers!.text, 'or end both with one click', 'she subscribes too');
    t.equal(cys!.subject, 'It came back: Uploads stop at 99 %');
    t.match(cys!.text, 'We had said that this is over. It is not');

    await say(opened, id, { status: 'resolved', message: 'Both have more room now.' });
    t.same(
      await waiting(db),
      ['resolved ana', 'resolved bea', 'resolved cy'],
      'and all hear of its end again',
    );
  },
);

onBoth(t, 'who was not told yet that it was over is not told that it came back', async (t, base) => {
  const { db } = base;
  const opened = await over(t, base);
  const { id } = opened;
  await db
    .updateTable('delivery')
    .set({ state: 'queued', ended_at: null })
    .where('address', '=', 'bea@example.com')
    .execute();
  await reportsOf(db, id, ['dee@example.com', 'eve@example.com']);
  const dee = { template: 'resolved', address: 'dee@example.com', reason: 'no such mailbox' } as const;
  const [{ event, update_id } = { event: '', update_id: '' }] = await deliveries(db, {
    template: 'resolved',
  });
  await db
    .insertInto('delivery')
    .values({
      ...dee,
      event,
      update_id,
      issue_id: id,
      report_id: null,
      message_id: '<x@y>',
      state: 'failed',
      last_error: null,
      due_at: new Date(),
      lease_token: null,
      lease_until: null,
      created_at: new Date(),
      ended_at: new Date(),
    })
    .execute();
  await say(opened, id, { status: 'identified', message: 'Not yet.' });
  t.same(
    await waiting(db),
    ['reopened ana', 'reopened eve', 'reopened cy'],
    'Bea’s word was taken back, Dee’s never arrived; Eve was owed none and may have read it',
  );
  t.match(await deliveries(db, { address: 'bea@example.com', template: 'resolved' }), [
    { state: 'cancelled', reason: /reopened/ },
  ]);
});

onBoth(t, 'quietly opened again, nobody is mailed; aloud, everybody is, once', async (t, base) => {
  const { db } = base;
  const opened = await over(t, base);
  const { id } = opened;
  await say(opened, id, { status: 'identified', message: 'A slip of the finger.', notify: false });
  t.same(await waiting(db), []);
  await say(opened, id, { status: 'resolved', message: 'Over.' });
  await db
    .updateTable('delivery')
    .set({ state: 'sent', ended_at: new Date() })
    .where('address', 'like', 'ana%')
    .where('state', '=', 'queued')
    .execute();
  await say(opened, id, { status: 'identified', message: 'It is back.', notify: true });
  t.same(
    await waiting(db),
    ['reopened ana', 'update bea', 'reopened cy'],
    'Bea never heard that it was over',
  );
  await say(opened, id, { status: 'resolved', message: 'Over.' });
  const smtp = await smtpServer(t);
  const got = await mails(t, db, smtp);
  t.notOk(
    got.some(({ subject }) => subject?.startsWith('It came back')),
    'over again before it could be sent',
  );
});

onBoth(t, 'a split tells of itself, and not that anything came back', async (t, base) => {
  const { db } = base;
  const opened = await openApp(t, base);
  const [from, into] = await Promise.all(
    [1, 2].map(async () => (await opened.api('POST', '/issues', bug)).body.id as string),
  );
  await reportsOf(db, from!, ['ana@example.com']);
  const now = opened.clock.now;
  await db
    .transaction()
    .execute((trx) => mergeIssues(trx, { from: from!, into: into!, message: 'The same.' }, now));
  await sent(db);
  await db.transaction().execute((trx) => splitIssues(trx, { from: from!, message: 'Not the same.' }, now));
  t.same(await waiting(db), ['split ana']);
});

onBoth(
  t,
  'a return: the old one’s reporters hear first, are asked, and are counted only when they say so',
  async (t, base) => {
    const { db } = base;
    const smtp = await smtpServer(t);
    const opened = await over(t, base);
    const { api, app, id, ana, bea, own } = opened;
    const before = smtp.accepted().length;
    const again = {
      ...bug,
      title: 'Uploads stop at 98 %',
      message: 'This time it is the network.',
      return_of: id,
    };
    const made = await api('POST', '/issues', again);
    t.match(made, { status: 201, body: { return_of: id, reporters_count: 0 } });
    const back: string = made.body.id;
    t.same(await waiting(db), ['returned ana', 'returned bea', 'opened cy']);
    t.match(await db.selectFrom('ledger').select('body').where('issue_id', '=', back).executeTakeFirst(), {
      body: { return_of: id },
    });

    const hers = to((await mails(t, db, smtp)).slice(before), 'ana');
    t.equal(hers!.subject, 'It may be back: Uploads stop at 98 %');
    t.match(hers!.text, 'you told us about “Uploads stop at 99 %”, and that was over.');
    t.match(hers!.text, 'what is different:\n\nThis time it is the network.');
    t.match(hers!.text, `To the button on my page:\nhttps://status.example.com${own(ana)}#returned\n`);
    t.match(hers!.headers.find(({ key }) => key === 'list-unsubscribe')?.value, links.token('leave', ana));

    const page = async (url: string) => (await app.inject(url)).payload;
    t.match(
      await page(`/issues/${id}`),
      new RegExp(`It came back:</b> <a href="/issues/${back}">Uploads stop at 98 %</a>`),
    );
    t.match(await page(`/issues/${back}`), new RegExp(`This is the return of <a href="/issues/${id}">`));
    t.match(await page(own(ana)), 'Yes, it is back for me');
    await page(`${own(ana)}/returned`);
    t.equal((await api('GET', `/issues/${back}`)).body.reporters_count, 0, 'a GET says nothing');

    const press = (report: string) => app.inject({ method: 'POST', url: `${own(report)}/returned` });
    const pressed = await press(ana);
    t.match([pressed.statusCode, pressed.headers.location], [303, `${own(ana)}#returned`]);
    await Promise.all([press(ana), press(ana)]);
    t.equal((await api('GET', `/issues/${back}`)).body.reporters_count, 1, 'twice is once');
    t.match(await page(own(ana)), 'You told us that it is back for you. We write to you once it is over.');
    t.match(await page(own(ana)), 'You told us that it is back. We are on it.');
    t.notMatch(await page(own(ana)), 'Does it work for me?');
    t.match(await page(own(bea)), 'Yes, it is back for me', 'nothing was said for her');

    await sent(db);
    await say(opened, back, { status: 'resolved', message: 'The network is well.' });
    t.same(await waiting(db), ['resolved ana', 'resolved cy'], 'Bea hears no more of it');
    t.match(await page(own(bea)), 'It had come back, and that is over too.');
    t.equal((await press(bea)).statusCode, 409);
  },
);

onBoth(
  t,
  'without an address the button leads to a page of its own; taken back, it counts no more',
  async (t, base) => {
    const { db } = base;
    const { api, app, id, own } = await over(t, base);
    const [silent] = await reportsOf(db, id, [null as never]);
    const back = (await api('POST', '/issues', { ...bug, return_of: id })).body.id;
    const press = () => app.inject({ method: 'POST', url: `${own(silent!)}/returned` });
    const to = String((await press()).headers.location);
    t.match((await app.inject(to)).payload, /That it happens to you too/);
    const count = async () => (await api('GET', `/issues/${back}`)).body.reporters_count;
    t.equal(await count(), 1);
    await app.inject({ method: 'POST', url: `${to}/withdraw` });
    t.equal(await count(), 0);
    t.equal((await press()).statusCode, 303, 'she may think again');
    t.equal(await count(), 1);
    await app.inject({ method: 'POST', url: `${own(silent!)}/withdraw` });
    t.equal((await press()).statusCode, 409, 'who took back the first report says nothing by it');
  },
);

onBoth(t, 'only what is over comes back', async (t, base) => {
  const { db } = base;
  const { api, id } = await over(t, base);
  const count = async () => (await api('GET', '/issues')).body.data.length;
  const open = (await api('POST', '/issues', bug)).body.id;
  const before = await count();
  for (const [body, why] of [
    [{ ...bug, return_of: open }, /not over/],
    [{ ...bug, return_of: 'nothere00000' }, /no such issue/],
    [{ ...bug, return_of: 'x' }, /./],
    [{ ...bug, kind: 'maintenance', return_of: id }, /Planned work/],
  ] as const) {
    const answer = await api('POST', '/issues', body);
    t.match([answer.status, answer.body.errors], [400, [{ path: 'return_of', message: why }]]);
  }
  t.equal(await count(), before);
  t.equal(
    (await api('PATCH', `/issues/${open}`, { return_of: id })).status,
    400,
    'it is said at the opening',
  );
  await sent(db);
  const quiet = await api('POST', '/issues', { ...bug, return_of: id, notify: false });
  t.equal(quiet.status, 201);
  t.same(await waiting(db), [], 'quietly, nobody is told');
});

onBoth(t, 'at the desk: what is over leads to its return, and the form says who is told', async (t, base) => {
  const { db } = base;
  const desk = await openDesk(t, base);
  const id: string = (await desk.api('POST', '/issues', bug)).body.id;
  await reportsOf(db, id, ['ana@example.com']);
  await say(desk, id, { status: 'resolved', message: 'Over.' });
  await sent(db);
  const [, href = ''] =
    /href="([^"]+)">It came back as a new issue/.exec((await desk.get(`/admin/issues/${id}`)).html) ?? [];
  const { html } = await desk.get(href.replaceAll('&amp;', '&'));
  t.match(html, 'One person who told us about it then is told first, and asked whether it is back.');
  t.match(html, new RegExp(`<option value="${id}" selected>Uploads stop at 99 % \\(Fixed, `));
  const typed = {
    kind: 'bug',
    title: 'Again',
    message: 'The network now.',
    next_update: 'none',
    impact: 'minor',
    do: 'publish',
  };
  const wrong = await desk.post('/admin/issues/new', {
    ...typed,
    return_of_other: 'https://status.example.com/issues/nothere00000',
  });
  t.match([wrong.status, wrong.html], [400, /There is no such issue\./]);
  t.match(
    wrong.html,
    /value="https:\/\/status.example.com\/issues\/nothere00000"/,
    'what she pasted is still there',
  );
  const right = await desk.post('/admin/issues/new', {
    ...typed,
    return_of_other: `https://status.example.com/issues/${id}`,
  });
  t.equal(right.status, 303);
  const back = /issues\/(\w{12})/.exec(right.to)![1]!;
  t.match((await desk.api('GET', `/issues/${back}`)).body, { return_of: id });
  t.same(await waiting(db), ['returned ana']);
  t.match(
    (await desk.get(`/admin/issues/${back}`)).html,
    new RegExp(`Return of</dt><dd><a href="/admin/issues/${id}"`),
  );
  t.match(
    (await desk.get(`/admin/issues/${id}`)).html,
    new RegExp(`Came back</dt><dd><a href="/admin/issues/${back}"`),
  );
});
