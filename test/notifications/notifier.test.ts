import PostalMime from 'postal-mime';
import t from 'tap';
import { connect } from '../../src/db.ts';
import { newId } from '../../src/ids.ts';
import { owePerson, oweReporters } from '../../src/notifications/outbox.ts';
import { oweReopened } from '../../src/notifications/owe-return.ts';
import { linkReport, linkReports } from '../../src/reports/link-report.ts';
import { freshDatabase, freshUrl, onBoth } from '../fixtures/db.ts';
import {
  addresses,
  anIssue,
  deliveries,
  drained,
  notify,
  reopen,
  reportsOf,
  resolve,
  until,
} from '../fixtures/outbox.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';

onBoth(t, 'every reporter is mailed once when the issue is resolved', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const people = addresses(200);
  const { lines } = notify(t, db, smtp.url);
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, ['Person0@Example.com'], { created_at: new Date(0) }); // the same person, once more
  await reportsOf(db, issueId, people);
  await resolve(db, issueId);
  t.same(await drained(db), { sent: 200 });
  t.same(mailed(smtp), [...people].sort());
  t.equal(new Set(smtp.received.map((mail) => mail.messageId)).size, 200);
  t.notMatch(lines.join('\n'), /person\d+@|canary/i, 'no address and no words in the log');
  t.equal(lines.filter((line) => line.includes('mail sent')).length, 200, 'one line per outcome');
});

onBoth(t, 'that we know of it is not mailed after the mail that it is over', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const [over, open] = [await anIssue(db), await anIssue(db)];
  const [ana] = await reportsOf(db, null, ['ana@example.com']);
  const [bob] = await reportsOf(db, null, ['bob@example.com']);
  await db.transaction().execute(async (trx) => {
    await linkReports(trx, [ana!], over, null, new Date());
    await linkReports(trx, [bob!], open, null, new Date());
  });
  await resolve(db, over);
  notify(t, db, smtp.url);
  await until(() => smtp.received.length === 1);
  await db.updateTable('delivery').where('template', '=', 'linked').set({ due_at: new Date() }).execute();
  t.same(await drained(db), { cancelled: 1, sent: 2 });
  t.same((await deliveries(db)).map((one) => [one.template, one.address_key, one.reason]).sort(), [
    ['linked', 'ana@example.com', 'the mail that it is over says it too'],
    ['linked', 'bob@example.com', null],
    ['resolved', 'ana@example.com', null],
  ]);
});

onBoth(t, 'that we know of it is not mailed after what happened next', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const issueId = await anIssue(db);
  const [ana, bob] = await reportsOf(db, null, ['ana@example.com', 'bob@example.com']);
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));
  await db.transaction().execute(async (trx) => {
    await linkReports(trx, [ana!], issueId, null, at(0));
    await linkReport(trx, bob!, issueId, at(0));
    const id = newId();
    const said = { issue_id: issueId, status: 'identified' as const, message: 'It is the disk.' };
    await trx
      .insertInto('issue_update')
      .values({ id, ...said, created_at: at(1) })
      .execute();
    await oweReporters(trx, 'update', { id, issueId }, at(1));
  });
  notify(t, db, smtp.url);
  t.same(await drained(db), { cancelled: 1, sent: 3 });
  t.same(
    (await deliveries(db)).map((one) => [one.template, one.address_key, one.reason]).sort(),
    [
      ['linked', 'ana@example.com', 'an update that was mailed meanwhile says it too'],
      ['linked', 'bob@example.com', null],
      ['update', 'ana@example.com', null],
      ['update', 'bob@example.com', null],
    ],
    'only where the word waited',
  );
  for (const { raw } of smtp.accepted())
    t.match(
      (await PostalMime.parse(raw)).text,
      /What we wrote about it:[\s\S]*It is the disk\./,
      'in each the words',
    );
});

onBoth(
  t,
  'withdrawn, removed, changed, erased or suppressed between queue and send: not sent, and why',
  async (t, { db }) => {
    const smtp = await smtpServer(t);
    const issueId = await anIssue(db);
    const [a, b, c, d, , f] = await reportsOf(db, issueId, addresses(7));
    await reportsOf(db, issueId, ['person5@example.com']); // stays, though her other report goes
    await resolve(db, issueId);
    const report = (id: string) => db.updateTable('report').where('id', '=', id);
    await report(a!).set({ state: 'withdrawn', withdrawn_at: new Date() }).execute();
    await report(b!).set({ email: null }).execute();
    await report(c!).set({ email: 'new@example.com' }).execute();
    await db.deleteFrom('report').where('id', '=', d!).execute();
    await db
      .insertInto('suppression')
      .values({ address_key: 'person4@example.com', reason: 'she said so', created_at: new Date() })
      .execute();
    await report(f!).set({ state: 'withdrawn', withdrawn_at: new Date() }).execute();
    notify(t, db, smtp.url);
    t.same(await drained(db), { cancelled: 4, suppressed: 1, sent: 2 });
    t.same(
      (await deliveries(db)).map((one) => one.reason),
      [
        'the reporter withdrew the report',
        'the reporter removed the address',
        'the reporter changed the address',
        'the report was deleted',
        'no mail goes to this address: she said so',
        null,
        null,
      ],
    );
    t.same(mailed(smtp), ['person5@example.com', 'person6@example.com']);
  },
);

t.test('personal mails go as long as their own report stands as it was', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t);
  const issueId = await anIssue(db);
  const elsewhere = await anIssue(db);
  const [stays, moved, answered] = await reportsOf(db, issueId, addresses(3));
  await db.transaction().execute(async (trx) => {
    const now = new Date();
    const owe = (template: 'linked' | 'answered', reportId: string, n: number) =>
      owePerson(trx, { template, reportId, address: `person${n}@example.com`, issueId }, now);
    await owe('linked', stays!, 0);
    await owe('linked', moved!, 1);
    await owe('answered', answered!, 2);
  });
  await db.updateTable('report').set({ issue_id: elsewhere }).where('id', '=', moved!).execute();
  notify(t, db, smtp.url);
  t.same(await drained(db), { sent: 1, cancelled: 2 });
  t.same(
    (await deliveries(db)).map((one) => one.reason),
    [null, 'the report was moved to another issue', 'the answer was taken back'],
  );
});

t.test(
  'a reopen takes back what has not gone; resolved again, everybody hears of it under a new id',
  async (t) => {
    const { db } = await freshDatabase(t, 'postgres');
    const smtp = await smtpServer(t);
    const issueId = await anIssue(db);
    await reportsOf(db, issueId, addresses(3));
    const first = await resolve(db, issueId);
    await reopen(db, issueId);
    const second = await resolve(db, issueId);
    notify(t, db, smtp.url);
    t.same(await drained(db), { cancelled: 3, sent: 3 });
    t.same(
      (await deliveries(db, { update_id: first })).map((one) => one.reason),
      Array(3).fill('the issue was opened again'),
    );
    t.ok((await deliveries(db, { update_id: second })).every((one) => one.state === 'sent'));
  },
);

onBoth(
  t,
  'a second word that it is over says that it was opened again, where no mail said so',
  async (t, { db }) => {
    const smtp = await smtpServer(t);
    const heard = /it was over\. It was not, and we opened it again since/;
    const wordsOf = async () => {
      const lines = smtp
        .accepted()
        .map(async ({ raw }) => (await PostalMime.parse(raw)).text!.replace(/\s+/g, ' '));
      return (await Promise.all(lines)).map((text) => [/It is fixed now/.test(text), heard.test(text)]);
    };
    const issueId = await anIssue(db);
    await reportsOf(db, issueId, addresses(1));
    notify(t, db, smtp.url);
    await resolve(db, issueId);
    await drained(db);
    await reopen(db, issueId);
    await resolve(db, issueId);
    await drained(db);
    t.same(await wordsOf(), [
      [true, false],
      [true, true],
    ]);
    await reopen(db, issueId);
    const { id } = await db
      .selectFrom('issue_update')
      .select('id')
      .where('issue_id', '=', issueId)
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow();
    await db.transaction().execute((trx) => oweReopened(trx, { id, issueId, all: false }, new Date()));
    await drained(db);
    await resolve(db, issueId);
    t.same(await drained(db), { sent: 4 });
    t.same((await wordsOf()).slice(2), [
      [false, false],
      [true, false],
    ]);
    const mails = await Promise.all(smtp.accepted().map(({ raw }) => PostalMime.parse(raw)));
    const title = mails[0]!.subject!.slice('Fixed: '.length);
    t.equal(mails.at(-1)!.subject, `Fixed again: ${title}`);
    t.match(mails.at(-1)!.text, /Last we wrote to you that it was back\./);
  },
);

for (const [replicas, rows] of [
  [2, 300],
  [4, 1_000],
] as const) {
  t.test(`${replicas} notifiers at once on one database: no mail twice, none lost`, async (t) => {
    const url = await freshUrl(t);
    const bases = await Promise.all(
      Array.from({ length: replicas }, () => connect({ databaseUrl: url, dataDir: '', poolSize: 4 })),
    );
    t.teardown(() => Promise.all(bases.map((base) => base.close())));
    const { db } = bases[0]!;
    const smtp = await smtpServer(t);
    const people = Array.from({ length: rows }, (_, i) => `person${i}@d${i % 7}.example.com`);
    const issueId = await anIssue(db);
    await reportsOf(db, issueId, people);
    await resolve(db, issueId);
    const running = bases.map((base) => notify(t, base.db, smtp.url));
    t.same(await drained(db, 60_000), { sent: rows });
    t.same(mailed(smtp), [...people].sort());
    const shares = running.map(({ lines }) => lines.filter((line) => line.includes('mail sent')).length);
    t.ok(
      shares.every((share) => share > 0),
      'they share the work',
    );
    t.equal(
      shares.reduce((sum, share) => sum + share),
      rows,
    );
  });
}

function mailed(smtp: SmtpStandIn): string[] {
  return smtp
    .accepted()
    .map((mail) => mail.to[0]!)
    .sort();
}

onBoth(
  t,
  'a mail goes with its issue and its update, and outlives the report it answers',
  async (t, { db }) => {
    const [first, second] = [await anIssue(db), await anIssue(db)];
    for (const issueId of [first, second]) {
      await reportsOf(db, issueId, addresses(3));
      await resolve(db, issueId);
    }
    const owed = () => db.selectFrom('delivery').select(['issue_id', 'update_id', 'report_id']).execute();
    t.equal((await owed()).length, 6);
    await db.deleteFrom('report').where('issue_id', '=', first).execute();
    t.equal((await owed()).filter(({ report_id }) => report_id === null).length, 3);
    await db.deleteFrom('issue_update').where('issue_id', '=', first).execute();
    t.same(new Set((await owed()).map(({ issue_id }) => issue_id)), new Set([second]));
    await db.deleteFrom('issue').where('id', '=', second).execute();
    t.same(await owed(), []);
  },
);
