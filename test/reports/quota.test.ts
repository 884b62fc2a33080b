import t from 'tap';
import { linksFor } from '../../src/links.ts';
import { mayWrite, rules, waitToReport } from '../../src/reports/quota.ts';
import { onBoth } from '../fixtures/db.ts';
import { ago, sampleNow } from '../fixtures/sample.ts';

const { bucket } = linksFor(Buffer.alloc(32, 1));
const later = (ms: number) => new Date(sampleNow.getTime() + ms);

onBoth(t, 'one receipt an address in 24 hours, whatever the case of its letters', async (t, { db }) => {
  const ask = (address: string, network: string, at = sampleNow) =>
    db.transaction().execute((trx) => mayWrite(trx, { bucket, network }, address, at));
  t.equal(await ask('ana@mail.example', '192.0.2.1'), true);
  t.equal(await ask('ANA@mail.example', '192.0.2.2'), false);
  t.equal(await ask('ana@mail.example', '192.0.2.2', later(23 * 3_600_000)), false);
  t.equal(await ask('ana@mail.example', '192.0.2.2', later(24 * 3_600_000)), true);
});

onBoth(t, 'what one limit refuses uses up no other', async (t, { db }) => {
  const ask = (address: string, network: string | null) =>
    db.transaction().execute((trx) => mayWrite(trx, { bucket, network }, address, sampleNow));
  const { most } = rules.receiptsPerNetwork;
  for (let n = 0; n < most; n++) t.equal(await ask(`r${n}@mail.example`, '192.0.2.1'), true);
  t.equal(await ask('late@mail.example', '192.0.2.1'), false, 'the network has had its share');
  t.equal(await ask('late@mail.example', '192.0.2.9'), true, 'and the address has not');
  for (let n = 0; n < 30; n++) await ask('late@mail.example', '192.0.2.10');
  t.equal(
    await ask('other@mail.example', '192.0.2.10'),
    true,
    'refusals for an address cost the network nothing',
  );
  const all = await db
    .selectFrom('quota')
    .select('count')
    .where('bucket', '=', bucket('receipts', 'all'))
    .executeTakeFirstOrThrow();
  t.equal(all.count, most + 2, 'nor everybody');
  t.equal(await ask('here@mail.example', null), true, 'a peer on this machine has no network');
});

onBoth(t, 'no address and no network stands in the limits', async (t, { db }) => {
  const visitor = { bucket, network: '192.0.2.77' };
  await waitToReport(db, visitor, ago(0));
  await db.transaction().execute((trx) => mayWrite(trx, visitor, 'ana@mail.example', sampleNow));
  const rows = JSON.stringify(await db.selectFrom('quota').selectAll().execute());
  t.notMatch(rows, /ana|mail\.example|192\.0\.2/);
});

onBoth(t, 'reports are limited by network, and not at all from this machine', async (t, { db }) => {
  const visitor = { bucket, network: '2001:db8:1:2/64' };
  await db
    .insertInto('quota')
    .values({ bucket: bucket('reports', visitor.network), started_at: sampleNow, count: 299 })
    .execute();
  t.equal(await waitToReport(db, visitor, sampleNow), 0);
  t.equal(await waitToReport(db, visitor, later(1000)), 599);
  t.equal(await waitToReport(db, { bucket, network: null }, sampleNow), 0);
});
