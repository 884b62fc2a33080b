import t from 'tap';
import type { Db } from '../../src/db.ts';
import type { Visitor } from '../../src/limits.ts';
import { linksFor } from '../../src/links.ts';
import { leave, setAddress, withdraw } from '../../src/reports/change-report.ts';
import { fileReport, meToo } from '../../src/reports/file-report.ts';
import { onBoth } from '../fixtures/db.ts';
import { ago, issueOf, sampleNow, updateOf } from '../fixtures/sample.ts';

const visitor: Visitor = { bucket: linksFor(Buffer.alloc(32, 1)).bucket, network: '192.0.2.1' };
const open = 'open00000001';
const closed = 'closed000001';
const email = 'ana@mail.example';

const deliveries = (db: Db) =>
  db
    .selectFrom('delivery')
    .select(['event', 'template', 'issue_id', 'report_id', 'update_id', 'address'])
    .orderBy('created_at')
    .orderBy('event')
    .execute();

/** An open issue, and one closed so many minutes ago, reopened once before. */
async function twoIssues(db: Db, minutes: number): Promise<void> {
  await db
    .insertInto('issue')
    .values([
      issueOf(open),
      issueOf(closed, { status: 'resolved', resolution: 'fixed', resolved_at: ago(minutes) }),
    ])
    .execute();
  await db
    .insertInto('issue_update')
    .values([
      updateOf('first0000001', closed, { status: 'resolved', created_at: ago(minutes + 60) }),
      updateOf('again0000001', closed, { status: 'investigating', created_at: ago(minutes + 30) }),
      updateOf('final0000001', closed, { status: 'resolved', created_at: ago(minutes) }),
    ])
    .execute();
}

onBoth(t, 'a report is kept whole, and its reporter gets a receipt', async (t, { db }) => {
  const told = {
    message: 'It is broken',
    email,
    name: 'Ana',
    page_url: 'https://a.example/x',
    source: 'form',
  };
  const report = await db.transaction().execute((trx) => fileReport(trx, told, sampleNow, visitor));
  const kept = await db.selectFrom('report').selectAll().executeTakeFirstOrThrow();
  t.match(kept, { ...told, id: report.id, state: 'new', issue_id: null, created_at: sampleNow });
  t.match(await deliveries(db), [{ event: `receipt:${report.id}`, template: 'receipt', address: email }]);
});

onBoth(t, 'without an address there is a report and no mail', async (t, { db }) => {
  await db
    .transaction()
    .execute((trx) => fileReport(trx, { message: 'Hm', source: 'form' }, sampleNow, visitor));
  t.same(await deliveries(db), []);
});

onBoth(t, 'told twice it is kept twice, and one mail goes', async (t, { db }) => {
  await twoIssues(db, 60);
  for (const message of ['once', 'twice']) {
    await db.transaction().execute((trx) => meToo(trx, open, { message, email }, sampleNow, visitor));
  }
  t.equal((await db.selectFrom('report').select('id').where('issue_id', '=', open).execute()).length, 2);
  t.equal((await deliveries(db)).length, 1);
});

onBoth(t, 'me too on an open issue follows it', async (t, { db }) => {
  await twoIssues(db, 60);
  const report = await db.transaction().execute((trx) => meToo(trx, open, { email }, sampleNow, visitor));
  t.match(report, { state: 'linked', issue_id: open, source: 'me_too', linked_at: sampleNow, message: null });
  t.match(await deliveries(db), [{ template: 'receipt', issue_id: open, report_id: report.id }]);
});

onBoth(t, 'me too after the end is read by staff, and she hears that it is over', async (t, { db }) => {
  await twoIssues(db, 60);
  const report = await db.transaction().execute((trx) => meToo(trx, closed, { email }, sampleNow, visitor));
  t.match(report, { state: 'new', issue_id: closed, linked_at: null });
  t.match(await deliveries(db), [
    { event: 'resolved:final0000001', template: 'resolved', update_id: 'final0000001', address: email },
  ]);
  await db
    .transaction()
    .execute((trx) => meToo(trx, closed, { email: email.toUpperCase() }, sampleNow, visitor));
  t.equal((await deliveries(db)).length, 1, 'once is enough');
});

onBoth(t, 'whoever comes within ten minutes of the end is told whatever the limits', async (t, { db }) => {
  await twoIssues(db, 10);
  await db
    .transaction()
    .execute((trx) => fileReport(trx, { message: 'x', email, source: 'form' }, sampleNow, visitor));
  await db.transaction().execute((trx) => meToo(trx, closed, { email }, sampleNow, visitor));
  t.same((await deliveries(db)).map((one) => one.template).sort(), ['receipt', 'resolved']);
});

onBoth(t, 'later than that, the word that it is over counts like a receipt', async (t, { db }) => {
  await twoIssues(db, 11);
  await db
    .transaction()
    .execute((trx) => fileReport(trx, { message: 'x', email, source: 'form' }, sampleNow, visitor));
  const late = await db.transaction().execute((trx) => meToo(trx, closed, { email }, sampleNow, visitor));
  t.same(
    (await deliveries(db)).map((one) => one.template),
    ['receipt'],
  );
  t.equal(late.email, email, 'the report and its address are kept all the same');
});

onBoth(t, 'an issue nobody knows is not found, and nothing is kept', async (t, { db }) => {
  await t.rejects(
    db.transaction().execute((trx) => meToo(trx, 'nosuch000001', { email }, sampleNow, visitor)),
    /There is no issue/,
  );
  t.same(await db.selectFrom('report').selectAll().execute(), []);
});

onBoth(
  t,
  'a report taken back counts no more and carries no address; twice is the same',
  async (t, { db }) => {
    const { id } = await db
      .transaction()
      .execute((trx) => fileReport(trx, { message: 'x', email, source: 'form' }, sampleNow));
    for (const minutes of [5, 1]) await db.transaction().execute((trx) => withdraw(trx, id, ago(minutes)));
    const kept = await db.selectFrom('report').selectAll().executeTakeFirstOrThrow();
    t.match(kept, { state: 'withdrawn', withdrawn_at: ago(5), email: null, message: 'x' });
    await t.rejects(
      db.transaction().execute((trx) => setAddress(trx, id, email, sampleNow)),
      /took this report back/,
    );
  },
);

onBoth(t, 'a new address gets its first mail, the same one again none', async (t, { db }) => {
  await twoIssues(db, 60);
  const { id } = await db.transaction().execute((trx) => meToo(trx, open, { email }, sampleNow, visitor));
  const set = (address: string) =>
    db.transaction().execute((trx) => setAddress(trx, id, address, sampleNow, visitor));
  await set('Ana@mail.example');
  t.equal((await deliveries(db)).length, 1);
  await set('other@mail.example');
  t.same((await deliveries(db)).map((one) => one.address).sort(), [email, 'other@mail.example']);
  await set(email);
  t.equal((await deliveries(db)).length, 2, 'its receipt was sent before');
});

onBoth(t, 'an address that comes after the end hears that it is over', async (t, { db }) => {
  await twoIssues(db, 60);
  const { id } = await db.transaction().execute((trx) => meToo(trx, closed, {}, sampleNow, visitor));
  await db.transaction().execute((trx) => setAddress(trx, id, email, sampleNow, visitor));
  t.match(await deliveries(db), [{ template: 'resolved', update_id: 'final0000001', address: email }]);
});

onBoth(
  t,
  'whoever leaves is on no report of that issue any more, and nobody else is touched',
  async (t, { db }) => {
    await twoIssues(db, 60);
    const tell = (issue: string, address: string) =>
      db.transaction().execute((trx) => meToo(trx, issue, { email: address }, sampleNow));
    const first = await tell(open, email);
    await tell(open, 'ANA@mail.example');
    await tell(open, 'ben@mail.example');
    await tell(closed, email);
    for (let twice = 0; twice < 2; twice++) await db.transaction().execute((trx) => leave(trx, first.id));
    const left = await db
      .selectFrom('report')
      .select(['issue_id', 'email'])
      .where('email', 'is not', null)
      .execute();
    t.same(left.map((one) => `${one.issue_id} ${one.email}`).sort(), [
      `${closed} ${email}`,
      `${open} ben@mail.example`,
    ]);
  },
);
