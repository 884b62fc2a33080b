import t from 'tap';
import { forgetOldLimits, giveBack, networkOf, take, takeAll } from '../src/limits.ts';
import { onBoth } from './fixtures/db.ts';
import { sampleNow } from './fixtures/sample.ts';

const later = (ms: number) => new Date(sampleNow.getTime() + ms);
const day = { most: 1, perMs: 24 * 3_600_000 };

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

onBoth(t, 'a limit is forgotten once no window reaches back to it', async (t, { db }) => {
  await take(db, 'old', day, sampleNow);
  await take(db, 'young', day, later(60_000));
  await forgetOldLimits(db, later(day.perMs));
  t.equal((await db.selectFrom('quota').selectAll().execute()).length, 2, 'both may still count');
  await forgetOldLimits(db, later(day.perMs + 1));
  t.same(await db.selectFrom('quota').select('bucket').execute(), [{ bucket: 'young' }]);
});

onBoth(
  t,
  'of several limits all count or none, and what was counted can be given back',
  async (t, { db }) => {
    const [wide, narrow] = [
      { most: 5, perMs: 60_000 },
      { most: 2, perMs: 60_000 },
    ];
    const both = [
      ['wide', wide],
      ['narrow', narrow],
    ] as const;
    const counts = async () =>
      (await db.selectFrom('quota').select(['bucket', 'count']).orderBy('bucket').execute()).map(
        ({ bucket, count }) => `${bucket} ${count}`,
      );
    for (const wait of [0, 0, 50, 50]) t.equal(await takeAll(db, both, later(wait === 0 ? 0 : 10_000)), wait);
    t.same(await counts(), ['narrow 3', 'wide 2'], 'a refusal costs the others nothing');
    await giveBack(db, both);
    await giveBack(db, both);
    t.same(await counts(), ['narrow 1', 'wide 0']);
    t.equal(await takeAll(db, both, sampleNow), 0);
  },
);
