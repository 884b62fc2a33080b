import PostalMime from 'postal-mime';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { mergeIssues, splitIssues } from '../../src/desk/merging.ts';
import { mergedWords, splitWords } from '../../src/domain/merging.ts';
import { holdMs } from '../../src/domain/undo.ts';
import { newId } from '../../src/ids.ts';
import { postUpdate } from '../../src/issues/post-update.ts';
import { addReports } from '../../src/reports/add-reports.ts';
import { answerReports } from '../../src/reports/answer-report.ts';
import { meToo } from '../../src/reports/file-report.ts';
import { linkReport } from '../../src/reports/link-report.ts';
import { takeBack } from '../../src/reports/take-back.ts';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { anIssue, deliveries, drained, links, notify, reportsOf, until } from '../fixtures/outbox.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';
import { textOf } from '../fixtures/text.ts';

const show = process.env.SHOW_MAILS === '1';
const before = (ms: number) => new Date(Date.now() - ms);
/** So long ago that mails made then are due. */
const held = () => before(holdMs + 1_000);

onBoth(t, 'a merge carries everybody along, and tells each once', async (t, { db }) => {
  const { from, into } = await two(db);
  await reportsOf(db, from, ['Ann@Example.com', 'bob@example.com', 'both@example.com']);
  await reportsOf(db, from, ['ann@example.com'], { created_at: new Date() });
  await reportsOf(db, from, ['gone@example.com'], { state: 'withdrawn', withdrawn_at: new Date() });
  await reportsOf(db, from, ['spam@example.com'], { state: 'spam' });
  await reportsOf(db, from, [null] as never);
  await reportsOf(db, into, ['both@example.com', 'own@example.com']);
  const now = new Date();
  t.same(await merge(db, from, into, now), { carried: 7, told: 3 });
  t.same(await owed(db), ['merged ann@example.com', 'merged bob@example.com', 'merged both@example.com']);
  t.ok(
    (await deliveries(db)).every((one) => one.due_at.getTime() === now.getTime() + holdMs),
    'they wait, so that it can be taken back',
  );
  t.match(await issueOf(db, from), {
    status: 'resolved',
    resolution: 'duplicate',
    merged_into: into,
    next_update_at: null,
  });
  t.match(await issueOf(db, into), { status: 'identified', merged_into: null });
  t.same(await standing(db, from), []);
  t.equal(
    (await standing(db, into)).length,
    7,
    'both, own, Ann twice, Bob, both, and one without an address',
  );
  await t.rejects(merge(db, from, into), /merged already/, 'a second time is refused');
  t.equal((await deliveries(db)).length, 3);
});

onBoth(t, 'the mail of a merge, as she reads it', async (t, { db }) => {
  const smtp = await smtpServer(t, { drop: () => (smtp.received.length < 1 ? 'after' : null) });
  const from = await anIssue(db, { title: 'Saving takes *long*' });
  const into = await anIssue(db, {
    title: 'Größe: uploads <stop>',
    workaround: 'Upload it in **two parts**.',
    next_update_at: new Date('2099-11-21T19:00:00Z'),
  });
  const [mine] = await reportsOf(db, from, ['ann@example.com']);
  await reportsOf(db, into, ['other@example.com'], { message: 'others canary words', name: 'Other Canary' });
  await merge(db, from, into, held());
  notify(t, db, smtp.url, { random: () => 0 });
  await until(async () => (await deliveries(db))[0]?.maybe_delivered === 1);
  await until(() => smtp.accepted().length === 1);
  t.equal(smtp.received[1]!.raw, smtp.received[0]!.raw, 'the same bytes on a retry');
  const mail = await read(smtp, 'ann@example.com');
  t.equal(mail.subject, 'Now followed as: Größe: uploads <stop>');
  t.match(
    mail.text,
    'you told us about “Saving takes *long*”. We found that it is the same problem as “Größe: uploads <stop>”.',
  );
  t.match(mail.text, 'What you can do meanwhile:\n\nUpload it in **two parts**.');
  t.match(mail.text, 'Next update by: 21 November 2099, 19:00 UTC');
  t.match(mail.text, `See your report:\nhttps://status.example.org/r/${links.token('report', mine!)}`);
  t.notMatch(mail.text, 'What we wrote about it', 'our usual words say no more than the mail');
  t.match(mail.html, 'Saving takes *long*');
  t.notMatch(mail.html, '<stop>');
  t.equal(header(mail, 'in-reply-to'), `<issue.${into}@localhost>`, 'it belongs to what she follows now');
  const leave = `https://status.example.org/r/${links.token('leave', mine!)}/unsubscribe`;
  t.equal(header(mail, 'list-unsubscribe'), `<${leave}>`);
  t.notMatch(smtp.received[1]!.raw, /canary|other@/i, 'nobody else’s words or address');
});

onBoth(t, 'split before anybody heard: nobody ever does, and all stands as before', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const { from, into } = await two(db);
  await reportsOf(db, from, ['ann@example.com', 'bob@example.com', 'both@example.com']);
  await reportsOf(db, into, ['both@example.com']);
  await merge(db, from, into);
  await db.transaction().execute((trx) => meToo(trx, into, { email: null }, new Date()));
  await db.transaction().execute((trx) => meToo(trx, from, { email: null }, new Date()));
  t.same(await split(db, from), { carried: 4, told: 0, into });
  t.match(await issueOf(db, from), { status: 'identified', resolution: null, merged_into: null });
  t.same(await standing(db, from), ['ann@example.com', 'bob@example.com', 'both@example.com', null]);
  t.same(await standing(db, into), ['both@example.com', null], 'what came there by itself stays');
  await db.updateTable('delivery').set({ due_at: new Date() }).execute();
  notify(t, db, smtp.url);
  t.same(await drained(db), { cancelled: 3 });
  t.equal(smtp.received.length, 0);
  await t.rejects(split(db, from), /not merged/, 'a second time is refused');
});

onBoth(
  t,
  'split after some heard: these are told once more, and again if it is merged again',
  async (t, { db }) => {
    const smtp = await smtpServer(t);
    const { from, into } = await two(db);
    await reportsOf(db, from, ['ann@example.com', 'bob@example.com']);
    await merge(db, from, into, held());
    const [, bob] = await deliveries(db);
    await db
      .updateTable('delivery')
      .set({ due_at: new Date('2099-01-01T00:00:00Z') })
      .where('id', '=', bob!.id)
      .execute();
    const { notifier } = notify(t, db, smtp.url);
    await until(() => smtp.accepted().length === 1);
    t.same(await split(db, from, held()), { carried: 2, told: 1, into });
    await drained(db);
    t.same(
      smtp.accepted().map((mail) => mail.to[0]),
      ['ann@example.com', 'ann@example.com'],
    );
    const mail = await read(smtp, 'ann@example.com', 1);
    t.equal(mail.subject, 'Not the same after all: Saving fails');
    t.match(
      mail.text,
      'you told us about “Saving fails”, and we wrote to you that it is the same problem as “Uploads stop”. We were wrong',
    );
    t.equal(header(mail, 'in-reply-to'), `<issue.${from}@localhost>`);

    t.same(
      await merge(db, from, into, held()),
      { carried: 2, told: 2 },
      'both: the one told of the split, too',
    );
    await drained(db);
    t.same(await sentTo(db, 'ann@example.com'), ['merged', 'split', 'merged']);
    t.same(await sentTo(db, 'bob@example.com'), ['merged']);

    await split(db, from);
    t.same(
      await merge(db, from, into),
      { carried: 2, told: 0 },
      'they know it, and never heard of the split',
    );
    await db.updateTable('delivery').set({ due_at: new Date() }).where('state', '=', 'queued').execute();
    notifier.poke();
    await drained(db);
    t.equal(smtp.accepted().length, 4);
  },
);

onBoth(t, 'into what is over already: they are told that it is, once', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const { from, into } = await two(db);
  notify(t, db, smtp.url);
  await reportsOf(db, into, ['both@example.com']);
  await reportsOf(db, from, ['ann@example.com', 'both@example.com'], { created_at: before(900_000) });
  await close(db, into, 'The disk was full.', before(600_000));
  await drained(db);
  t.same(await merge(db, from, into, held()), { carried: 2, told: 2 });
  await drained(db);
  t.same(await sentTo(db, 'ann@example.com'), ['resolved']);
  t.same(
    await sentTo(db, 'both@example.com'),
    ['resolved', 'merged'],
    'of her other report she had not heard',
  );
  const mail = await read(smtp, 'ann@example.com');
  t.equal(mail.subject, 'Fixed: Uploads stop');
  t.match(mail.text, 'you told us about “Saving fails”. It is the same problem as “Uploads stop”');
  t.match(mail.text, 'The disk was full.');
  const other = await read(smtp, 'both@example.com', 1);
  t.match(other.text, /same problem as “Uploads stop”[\s\S]*It is fixed since/);
  t.same(await split(db, from, held()), { carried: 2, told: 2, into });
  await drained(db);
  t.same(await merge(db, from, into, held()), { carried: 2, told: 2 });
  await drained(db);
  t.same(await sentTo(db, 'ann@example.com'), ['resolved', 'split', 'merged']);
});

onBoth(t, 'resolved while the mails of the merge wait: one mail says both', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const { from, into } = await two(db);
  await reportsOf(db, from, ['ann@example.com'], { created_at: before(60_000) });
  await merge(db, from, into);
  await close(db, into, 'The disk was full.');
  await db.updateTable('delivery').set({ due_at: new Date() }).execute();
  notify(t, db, smtp.url);
  t.same(await drained(db), { sent: 1, cancelled: 1 });
  t.same(await sentTo(db, 'ann@example.com'), ['resolved']);
  t.match((await read(smtp, 'ann@example.com')).text, 'you told us about “Saving fails”. It is the same');
});

onBoth(t, 'an update that was on its way when they merged still goes', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const { from, into } = await two(db);
  await reportsOf(db, from, ['ann@example.com']);
  const now = before(1_000);
  await db
    .transaction()
    .execute((trx) =>
      postUpdate(trx, from, { status: 'monitoring', message: 'Watching it.', notify: true }, now),
    );
  await merge(db, from, into);
  notify(t, db, smtp.url);
  await until(() => smtp.accepted().length === 1);
  const mail = await read(smtp, 'ann@example.com');
  t.match(mail.text, 'you told us about “Saving fails”. This is how it stands: a fix is in place');
});

onBoth(
  t,
  'three that are one: each can be split off again with those who came with it',
  async (t, { db }) => {
    const [a, b, c] = [
      await anIssue(db, { title: 'A' }),
      await anIssue(db, { title: 'B' }),
      await anIssue(db, { title: 'C' }),
    ];
    const smtp = await smtpServer(t);
    await reportsOf(db, a, ['a@example.com']);
    await reportsOf(db, b, ['b@example.com']);
    await reportsOf(db, c, ['c@example.com']);
    await merge(db, a, b);
    t.same(await merge(db, b, c, held()), { carried: 2, told: 2 });
    await t.rejects(merge(db, c, a), /merged into another itself/, 'no circle');
    await db.transaction().execute((trx) => meToo(trx, a, { email: 'late@example.com' }, new Date()));
    t.equal((await standing(db, c)).length, 4, 'who says "me too" on the first is counted at the last');
    notify(t, db, smtp.url);
    await drainedButHeld(db);
    t.same(await sentTo(db, 'a@example.com'), ['merged'], 'told once, of where it ends');
    t.match(
      (await read(smtp, 'a@example.com')).text,
      'about “A”. We found that it is the same problem as “C”',
    );

    await split(db, b);
    t.same(await standing(db, c), ['c@example.com']);
    t.same(
      await standing(db, b),
      ['a@example.com', 'b@example.com', 'late@example.com'],
      'A is with B still',
    );
    await split(db, a);
    t.same(await standing(db, a), ['a@example.com', 'late@example.com']);
    t.same(await standing(db, b), ['b@example.com']);
  },
);

onBoth(t, 'the first of three is split off past the one between', async (t, { db }) => {
  const [a, b, c] = [await anIssue(db), await anIssue(db), await anIssue(db)];
  await reportsOf(db, a, ['a@example.com']);
  await reportsOf(db, b, ['b@example.com']);
  await merge(db, a, b);
  await merge(db, b, c);
  t.same(await split(db, a), { carried: 1, told: 0, into: b });
  t.same(await standing(db, a), ['a@example.com']);
  t.same(await standing(db, c), ['b@example.com']);
  t.same(await owed(db), ['merged b@example.com']);
});

onBoth(t, 'what cannot be merged', async (t, { db }) => {
  const { from, into } = await two(db);
  const work = await anIssue(db, { kind: 'maintenance', status: 'scheduled' });
  await t.rejects(merge(db, from, from), /one and the same/);
  await t.rejects(merge(db, from, work), /Planned work/);
  await t.rejects(merge(db, from, 'zzzzzzzzzzzz'), /no issue/);
  await close(db, from, 'Done.');
  await t.rejects(merge(db, from, into), /over/);
  await t.rejects(
    db
      .transaction()
      .execute((trx) => mergeIssues(trx, { from: into, into: from, message: 'm' }, new Date()))
      .then(() =>
        db
          .transaction()
          .execute((trx) => postUpdate(trx, into, { status: 'identified', message: 'm' }, new Date())),
      ),
    /followed at another issue/,
    'what is merged is split, not just opened',
  );
});

onBoth(t, 'planned work that is part of other planned work does not claim to be done', async (t, base) => {
  const { db } = base;
  const planned = { kind: 'maintenance', status: 'scheduled' } as const;
  const from = await anIssue(db, { ...planned, title: 'New disks' });
  const into = await anIssue(db, { ...planned, title: 'New machines' });
  await merge(db, from, into);
  const { app } = await openApp(t, base);
  const html = (await app.inject({ url: `/issues/${from}` })).payload;
  t.match(textOf(html), 'We follow it here: New machines');
  t.notMatch(textOf(html), /it is done|Done/);
  await split(db, from);
  t.match(await issueOf(db, from), { status: 'scheduled', merged_into: null });
});

onBoth(t, 'the page of a merged issue leads on, and so does its "me too"', async (t, base) => {
  const { db } = base;
  const { from, into } = await two(db);
  await reportsOf(db, from, ['ann@example.com']);
  await merge(db, from, into);
  const { app } = await openApp(t, base);
  const page = (await app.inject({ url: `/issues/${from}` })).payload;
  t.match(page, `We follow it here: <a href="/issues/${into}">Uploads stop</a>`);
  t.match(textOf(page), 'This is the same problem as “Uploads stop”, so we follow it there');
  t.match(textOf(page), 'Does it happen to you too?');
  t.notMatch(textOf(page), 'Nobody has told us');
  const answer = await app.inject({
    method: 'POST',
    url: `/issues/${from}/me-too`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'email=bob%40example.com',
  });
  t.equal(answer.statusCode, 303);
  t.same(await standing(db, into), ['ann@example.com', 'bob@example.com']);
  await close(db, into, 'Fixed.');
  t.match(textOf((await app.inject({ url: `/issues/${from}` })).payload), 'Still broken for you?');
});

onBoth(t, 'whoever looks for what was merged finds what it is followed as, once', async (t, base) => {
  const { db } = base;
  const desk = await openDesk(t, base);
  const into = await anIssue(db, { title: 'Newsletters arrive late' });
  const middle = await anIssue(db, { title: 'Invoices are blank pages' });
  const from = await anIssue(db, { title: 'The invoice download is blank' });
  const found = async (words: string) =>
    (await desk.app.inject(`/search.json?q=${encodeURIComponent(words)}`)).json().results;
  t.same(
    new Set((await found('invoice blank')).map((one: { id: string }) => one.id)),
    new Set([from, middle]),
  );
  await merge(db, from, middle);
  await merge(db, middle, into);
  t.match(await found('invoice blank'), [
    { id: into, title: 'Newsletters arrive late', status: 'identified' },
  ]);
  t.equal((await found('invoice blank')).length, 1);
  const page = textOf((await desk.app.inject('/search?q=invoice+blank')).body);
  t.match(page, /Newsletters arrive late .* “[^”]*(invoice|Invoices)[^”]*” is a part of it\./);
  t.notMatch(page, /the same as another/);
  const { html } = await desk.get('/admin/lookup?q=invoice+blank');
  t.match(textOf(html), /“[^”]*(invoice|Invoices)[^”]*” was merged into it\./);
  t.match(html, 'Tell this customer when it is over');
  t.notMatch(html, 'Tell this customer that it is over');
  const front = textOf((await desk.app.inject('/')).body);
  t.match(front, 'Newsletters arrive late');
  t.notMatch(front, /Fixed lately|Invoices are blank/, 'what was merged is not fixed');
  t.match(
    (await desk.get('/admin/issues?q=invoice+blank')).html,
    from,
    'staff find the thing itself in their list',
  );
  await split(db, middle);
  t.match(await found('invoice blank'), [{ id: middle }]);
});

onBoth(t, 'whoever is linked or added to a merged issue stands where it is followed', async (t, { db }) => {
  const { from, into } = await two(db);
  const now = new Date();
  const [answered] = await reportsOf(db, from, ['answered@example.com']);
  const [fresh] = await reportsOf(db, null, ['fresh@example.com']);
  const deed = await db
    .transaction()
    .execute((trx) =>
      answerReports(trx, [answered!], { verdict: 'need_more', message: 'Which one?' }, null, now),
    );
  await merge(db, from, into);
  await db.transaction().execute(async (trx) => {
    await linkReport(trx, fresh!, from, now);
    await linkReport(trx, fresh!, from, now);
    await addReports(trx, from, [{ email: 'added@example.com' }, { email: 'Answered@example.com' }], now);
    await takeBack(trx, deed.deedId, now);
  });
  t.same(await standing(db, from), []);
  t.same(await standing(db, into), ['added@example.com', 'answered@example.com', 'fresh@example.com']);
  t.same(await owed(db), ['linked fresh@example.com', 'merged answered@example.com']);
  t.same(await split(db, from), { carried: 3, told: 0, into });
  t.equal((await standing(db, from)).length, 3, 'and goes back with it');
  const smtp = await smtpServer(t);
  notify(t, db, smtp.url);
  t.same(await drained(db), { sent: 1, cancelled: 2 });
  t.equal((await read(smtp, 'fresh@example.com')).subject, 'We know about this: Saving fails');
});

onBoth(
  t,
  'merged while people say "me too" and somebody resolves the other: everybody is told, nobody twice',
  async (t, { db }) => {
    for (let round = 0; round < 4; round++) {
      const { from, into } = await two(db);
      const email = (n: number) => `r${round}-${n}@example.com`;
      await reportsOf(db, from, [email(0), email(1)], { created_at: before(5_000) });
      await reportsOf(db, into, [email(1)], { created_at: before(5_000) });
      const told = Array.from({ length: 24 }, (_, n) => n + 2);
      const done = await Promise.allSettled([
        ...told.map((n) =>
          db.transaction().execute((trx) => meToo(trx, n % 2 ? from : into, { email: email(n) }, new Date())),
        ),
        ...(round % 2
          ? [merge(db, from, into), close(db, into, 'Fixed.')]
          : [close(db, into, 'Fixed.'), merge(db, from, into)]),
      ]);
      t.same(
        done.filter((one) => one.status === 'rejected'),
        [],
        'nobody is turned away',
      );
      t.same(await standing(db, from), [], 'nobody is left behind');
      const people = [0, 1, ...told].map(email).sort();
      t.same([...new Set(await standing(db, into))].sort(), people);
      const news = await db
        .selectFrom('delivery')
        .select(['address', 'template'])
        .where('issue_id', '=', into)
        .where('template', '=', 'resolved')
        .execute();
      t.same(news.map((one) => one.address).sort(), people, 'each is owed the end, once');
    }
    const smtp = await smtpServer(t);
    await db.updateTable('delivery').set({ due_at: new Date() }).execute();
    notify(t, db, smtp.url);
    await drained(db);
    const rows = await deliveries(db);
    t.same(
      rows.filter((one) => one.state === 'sent' && one.template === 'merged'),
      [],
      'one mail said both',
    );
  },
);

onBoth(t, 'two merge each other at once: one of them does', async (t, { db }) => {
  for (let round = 0; round < 5; round++) {
    const { from, into } = await two(db);
    await reportsOf(db, from, [`a${round}@example.com`]);
    await reportsOf(db, into, [`b${round}@example.com`]);
    const done = await Promise.allSettled([
      merge(db, from, into),
      merge(db, into, from),
      close(db, from, 'm'),
    ]);
    const [one, other, end] = done.map((result) => result.status);
    t.ok([one, other].filter((status) => status === 'fulfilled').length <= 1);
    t.ok([one, other, end].includes('fulfilled'));
    for (const result of done)
      if (result.status === 'rejected') t.notMatch(String(result.reason), /deadlock/);
    const people = [...(await standing(db, from)), ...(await standing(db, into))];
    t.same(people.sort(), [`a${round}@example.com`, `b${round}@example.com`]);
  }
});

onBoth(t, 'split while people say "me too": everybody stands somewhere', async (t, { db }) => {
  for (let round = 0; round < 4; round++) {
    const { from, into } = await two(db);
    await reportsOf(db, from, [`r${round}@example.com`]);
    await merge(db, from, into);
    const done = await Promise.allSettled([
      ...Array.from({ length: 12 }, (_, n) =>
        db
          .transaction()
          .execute((trx) => meToo(trx, from, { email: `r${round}-${n}@example.com` }, new Date())),
      ),
      split(db, from),
      split(db, from),
    ]);
    t.equal(done.filter((one) => one.status === 'rejected').length, 1, 'the second split alone is refused');
    t.equal((await standing(db, from)).length + (await standing(db, into)).length, 13);
  }
});

async function two(db: Db): Promise<{ from: string; into: string }> {
  const from = await anIssue(db, { title: 'Saving fails' });
  const into = await anIssue(db, { title: 'Uploads stop' });
  for (const [n, issue_id] of [from, into].entries()) {
    await db
      .insertInto('issue_update')
      .values({
        id: newId(),
        issue_id,
        status: 'identified',
        message: `m${n}`,
        created_at: before(3_600_000),
      })
      .execute();
  }
  return { from, into };
}

async function merge(db: Db, from: string, into: string, now = new Date()) {
  const message = mergedWords('Uploads stop', `https://status.example.org/issues/${into}`);
  return db.transaction().execute((trx) => mergeIssues(trx, { from, into, message }, now));
}

function split(db: Db, from: string, now = new Date()) {
  const message = splitWords('Uploads stop');
  return db.transaction().execute((trx) => splitIssues(trx, { from, message }, now));
}

function close(db: Db, issueId: string, message: string, now = new Date()) {
  return db.transaction().execute((trx) => postUpdate(trx, issueId, { status: 'resolved', message }, now));
}

async function issueOf(db: Db, id: string) {
  return db.selectFrom('issue').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

async function standing(db: Db, issueId: string) {
  const rows = await db
    .selectFrom('report')
    .select('email_key')
    .where('issue_id', '=', issueId)
    .where('stands', '=', true)
    .orderBy('email_key')
    .execute();
  return rows.map((row) => row.email_key);
}

async function owed(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('delivery').selectAll().where('state', '=', 'queued').execute();
  return rows.map((row) => `${row.template} ${row.address_key}`).sort();
}

/** What an address was sent, in order. */
async function sentTo(db: Db, address: string): Promise<string[]> {
  const rows = await db
    .selectFrom('delivery')
    .select('template')
    .where('address_key', '=', address)
    .where('state', '=', 'sent')
    .orderBy('ended_at')
    .execute();
  return rows.map((row) => row.template);
}

async function drainedButHeld(db: Db): Promise<void> {
  await until(async () => {
    const due = await db
      .selectFrom('delivery')
      .select('id')
      .where('state', '=', 'queued')
      .where('due_at', '<=', new Date())
      .execute();
    return due.length === 0;
  });
}

async function read(smtp: SmtpStandIn, address: string, which = 0) {
  const raw = smtp.accepted().filter((one) => one.to[0] === address)[which]!.raw;
  const mail = await PostalMime.parse(raw);
  if (show) console.error(`\n===== ${mail.subject}\n\n${mail.text}`);
  return { ...mail, text: mail.text ?? '', html: mail.html ?? '' };
}

function header(mail: { headers: { key: string; value: string }[] }, name: string): string | undefined {
  return mail.headers.find(({ key }) => key === name)?.value;
}
