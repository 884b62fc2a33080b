import t from 'tap';
import { linksFor } from '../../src/links.ts';
import { forgetOldLimits, mayWrite, networkOf, rules, take, waitToReport } from '../../src/reports/quota.ts';
import { onBoth } from '../fixtures/db.ts';
import { ago, sampleNow } from '../fixtures/sample.ts';

const { bucket } = linksFor(Buffer.alloc(32, 1));
const later = (ms: number) => new Date(sampleNow.getTime() + ms);

t.test('a network is one address, or a /64 of IPv6, or nothing on this machine', async (t) => {
  for (const [ip, network] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3/64'],
    ['127.0.0.1', null],
    ['127.8.8.8', null],
    ['::1', null],
    ['::ffff:127.0.0.1', null],
    ['', null],
    ['nonsense', null],
  ] as const) {
    t.equal(networkOf(ip), network, ip);
  }
});

onBoth(t, 'a window lets so many through, says how long to wait, and begins anew', async (t, { db }) => {
  const rule = { most: 3, perMs: 60_000 };
  const waits = [];
  for (let n = 0; n < 5; n++) waits.push(await take(db, 'b', rule, later(n * 1000)));
  t.same(waits, [0, 0, 0, 57, 56]);
  t.equal(await take(db, 'b', rule, later(60_000)), 0, 'the window has passed');
  t.equal(await take(db, 'other', rule, sampleNow), 0, 'another bucket is another matter');
  const { count } = await db
    .selectFrom('quota')
    .select('count')
    .where('bucket', '=', 'b')
    .executeTakeFirstOrThrow();
  t.equal(count, 1);
});

onBoth(t, 'many at once cannot both have the last', async (t, { db }) => {
  const rule = { most: 10, perMs: 60_000 };
  const waits = await Promise.all(Array.from({ length: 40 }, () => take(db, 'b', rule, sampleNow)));
  t.equal(waits.filter((wait) => wait === 0).length, 10);
});

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

onBoth(t, 'a limit is forgotten once no window reaches back to it', async (t, { db }) => {
  await take(db, 'old', rules.receiptsPerAddress, sampleNow);
  await take(db, 'young', rules.receiptsPerAddress, later(60_000));
  await forgetOldLimits(db, later(rules.receiptsPerAddress.perMs));
  t.equal((await db.selectFrom('quota').selectAll().execute()).length, 2, 'both may still count');
  await forgetOldLimits(db, later(rules.receiptsPerAddress.perMs + 1));
  t.same(await db.selectFrom('quota').select('bucket').execute(), [{ bucket: 'young' }]);
});
