import t from 'tap';
import type { Db, Trx } from '../../src/db.ts';
import { countPeople } from '../../src/people.ts';
import { addWords, setAddress, withdraw } from '../../src/reports/change-report.ts';
import { fileReport, meToo } from '../../src/reports/file-report.ts';
import { markSpam } from '../../src/reports/mark-spam.ts';
import { takeBack } from '../../src/reports/take-back.ts';
import { links, openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { anIssue, deliveries, resolve } from '../fixtures/outbox.ts';
import { textOf } from '../fixtures/text.ts';

const start = new Date('2026-11-21T12:00:00.000Z');
const told = { message: 'Buy my watches', email: 'eve@example.com', source: 'form' };

onBoth(t, 'spam is mailed nothing, and its sender reads that we have her words', async (t, base) => {
  const { db } = base;
  const { app } = await openApp(t, base);
  const { id } = await within(db, (trx) => fileReport(trx, told, start));
  const page = async () => textOf((await app.inject(`/r/${links.token('report', id)}`)).body);
  const before = await page();
  const { deedId } = await within(db, (trx) => markSpam(trx, [id], null, start));
  t.match(await deliveries(db), [{ template: 'receipt', state: 'cancelled' }]);
  t.equal(await page(), before, 'to the letter');
  t.match(before, /We have your words, and a person will read them/);

  await within(db, (trx) => addWords(trx, id, 'Cheap ones'));
  await within(db, (trx) => setAddress(trx, id, 'eve2@example.com', start));
  t.match(await state(db, id), { state: 'spam', message: 'Buy my watches\n\nCheap ones' });
  t.equal((await deliveries(db, { state: 'queued' })).length, 0);
  await within(db, (trx) => setAddress(trx, id, 'eve@example.com', start));

  await within(db, (trx) => takeBack(trx, deedId, start));
  t.match(await state(db, id), { state: 'new' });
  t.match(
    await deliveries(db),
    [{ template: 'receipt', state: 'queued', address: 'eve@example.com' }],
    'owed again',
  );
});

onBoth(t, 'spam under an issue does not count, and hears nothing of it', async (t, { db }) => {
  const issue = await anIssue(db);
  await resolve(db, issue, undefined, undefined, start);
  const { id } = await within(db, (trx) =>
    meToo(trx, issue, { email: 'eve@example.com', message: 'watches' }, start),
  );
  t.equal((await countPeople(db, [issue])).get(issue), 1);
  await within(db, (trx) => markSpam(trx, [id], null, start));
  t.equal((await countPeople(db, [issue])).get(issue) ?? 0, 0);
  t.match(await deliveries(db), [{ template: 'resolved', state: 'cancelled' }]);
});

onBoth(t, 'withdrawn by her wins', async (t, { db }) => {
  const { id } = await within(db, (trx) => fileReport(trx, told, start));
  const { deedId } = await within(db, (trx) => markSpam(trx, [id], null, start));
  await within(db, (trx) => withdraw(trx, id, start));
  t.match(await within(db, (trx) => takeBack(trx, deedId, start)), { restored: 0, changed: 1 });
  t.match(await state(db, id), { state: 'withdrawn', email: null });
  t.match(await deliveries(db), [{ state: 'cancelled' }]);
});

function within<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work);
}

function state(db: Db, id: string) {
  return db
    .selectFrom('report')
    .select(['state', 'message', 'email'])
    .where('id', '=', id)
    .executeTakeFirst();
}
