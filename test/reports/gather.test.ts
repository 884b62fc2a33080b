import t from 'tap';
import type { Db } from '../../src/db.ts';
import { connect } from '../../src/db.ts';
import { addWords } from '../../src/reports/change-report.ts';
import { fileReport, meToo } from '../../src/reports/file-report.ts';
import { forgetOldGroups, gatherReports } from '../../src/reports/gather-reports.ts';
import { linkReports } from '../../src/reports/link-report.ts';
import { readGroups, readLongestWaiting } from '../../src/reports/read-groups.ts';
import { takeBack } from '../../src/reports/take-back.ts';
import { sayWhetherItWorked } from '../../src/reports/worked.ts';
import { freshUrl, onBoth } from '../fixtures/db.ts';
import { anIssue, reportsOf, resolve } from '../fixtures/outbox.ts';

const start = new Date('2026-11-21T12:00:00.000Z');
const hour = 3_600_000;
const after = (ms: number) => new Date(start.getTime() + ms);

onBoth(
  t,
  'what is alike becomes one group, whoever comes first and however late the others',
  async (t, { db }) => {
    const empty = await say(db, 'export gives an empty file', after(0));
    const other = await say(db, 'my parcel arrived at the wrong address', after(1));
    const silent = await say(db, '', after(2));
    t.equal(await gatherReports(db, start), 3);
    t.equal(await gatherReports(db, start), 0, 'twice is the same');
    const late = await say(db, 'The exported file is empty', after(2 * hour));
    const none = await say(db, 'it does not work', after(3 * hour));
    await gatherReports(db, after(3 * hour));
    t.same(await groups(db), {
      [empty]: empty,
      [other]: other,
      [silent]: silent,
      [late]: empty,
      [none]: none,
    });
    const { groups: shown, next } = await readGroups(db, { limit: 2 });
    t.same(
      shown.map((group) => [group.id, group.reports]),
      [
        [none, 1],
        [empty, 2],
      ],
      'newest first',
    );
    const longest = await readLongestWaiting(db, 2);
    t.ok(longest.groups[0]!.first <= longest.groups[1]!.first, 'who has waited longest is first');
    t.equal(longest.more, 2);
    t.same(
      (await readGroups(db, { limit: 5, after: next })).groups.map((group) => group.id),
      [silent, other],
    );

    const muchLater = await say(db, 'export gives an empty file', after(8 * 24 * hour));
    await gatherReports(db, after(8 * 24 * hour));
    t.equal((await groups(db))[muchLater], muchLater, 'a week later it is another matter');
  },
);

onBoth(t, 'most of them gather at once, in their order, and none is left', async (t, { db }) => {
  await reportsOf(
    db,
    null,
    Array.from({ length: 1_203 }, (_, n) => `p${n}@example.com`),
    {
      message: 'export gives an empty file',
    },
  );
  t.equal(await gatherReports(db, start, { most: 100 }), 100);
  t.equal(
    (await readGroups(db, { limit: 20 })).groups.length,
    20,
    'the others are shown one by one meanwhile',
  );
  t.equal(await gatherReports(db, start), 1_103);
  const { groups: shown } = await readGroups(db, { limit: 20 });
  t.match(shown, [{ reports: 1_203, people: 1_203 }]);
});

onBoth(
  t,
  'who says that it is still broken is gathered by the issue, and becomes new in front',
  async (t, { db }) => {
    const issue = await anIssue(db);
    await resolve(db, issue, undefined, undefined, start);
    const [fixed] = await reportsOf(db, issue, ['ana@example.com'], {
      state: 'linked',
      linked_at: start,
      created_at: after(-9 * hour),
    });
    const late = await db
      .transaction()
      .execute((trx) => meToo(trx, issue, { message: 'me too' }, after(hour)));
    const other = await say(db, 'my parcel arrived at the wrong address', after(2 * hour));
    await gatherReports(db, after(2 * hour));
    await db
      .transaction()
      .execute((trx) =>
        sayWhetherItWorked(trx, fixed!, { worked: false, comment: 'Not for me' }, after(3 * hour)),
      );
    await gatherReports(db, after(3 * hour));
    t.same(await groups(db), { [fixed!]: late.id, [late.id]: late.id, [other]: other });
    const { groups: shown } = await readGroups(db, { limit: 5 });
    t.match(shown, [
      { id: late.id, issueId: issue, reports: 2, messages: ['me too', 'Not for me'] },
      { id: other },
    ]);
  },
);

onBoth(t, 'what is new again finds a group again', async (t, { db }) => {
  const issue = await anIssue(db);
  const [one, two] = [
    await say(db, 'export gives an empty file', after(0)),
    await say(db, 'The exported file is empty', after(1)),
  ];
  await gatherReports(db, start);
  const step = await db.transaction().execute((trx) => linkReports(trx, [one, two], issue, null, start));
  t.same((await readGroups(db, { limit: 5 })).groups, []);
  await forgetOldGroups(db, after(hour));
  await db.transaction().execute((trx) => takeBack(trx, step.deedId, after(hour / 2)));
  t.match(
    (await readGroups(db, { limit: 5 })).groups,
    [{ id: one, reports: 2 }],
    'taken back, they are one as before',
  );

  await db.updateTable('report').set({ state: 'answered' }).where('id', '=', two).execute();
  await db.transaction().execute((trx) => addWords(trx, two, 'In Firefox.'));
  t.same((await groups(db))[two], null);
  await gatherReports(db, after(hour));
  t.same((await groups(db))[two], one);
});

onBoth(t, 'groups are forgotten when nothing new is in them, and never lose a report', async (t, { db }) => {
  const issue = await anIssue(db);
  const [one, two] = [
    await say(db, 'export gives an empty file', after(0)),
    await say(db, 'my parcel arrived at the wrong address', after(1)),
  ];
  await gatherReports(db, start);
  const { deedId } = await db
    .transaction()
    .execute((trx) => linkReports(trx, [one], issue, null, after(2 * hour)));
  const left = async () =>
    (await db.selectFrom('report_group').select('id').execute()).map((row) => row.id).sort();
  await forgetOldGroups(db, after(3 * hour));
  t.same(await left(), [one, two].sort(), 'its step can still be taken back');
  await forgetOldGroups(db, after(5 * hour));
  t.same(await left(), [two]);
  await db
    .updateTable('deed')
    .set({ at: after(5 * hour) })
    .where('id', '=', deedId)
    .execute();
  await db
    .updateTable('report')
    .set({ linked_at: after(5 * hour) })
    .where('id', '=', one)
    .execute();
  await db.transaction().execute((trx) => takeBack(trx, deedId, after(5 * hour)));
  t.same((await groups(db))[one], null);
  await db.updateTable('report').set({ group_id: 'zzzzzzzzzzzz' }).where('id', '=', one).execute();
  await forgetOldGroups(db, after(6 * hour));
  t.same((await groups(db))[one], null, 'a report whose group is gone is gathered anew');
});

t.test('of several replicas one gathers, and nobody waits', async (t) => {
  const url = await freshUrl(t);
  const replicas = await Promise.all([1, 2, 3].map(() => connect({ databaseUrl: url, dataDir: '' })));
  t.teardown(() => Promise.all(replicas.map((one) => one.close())));
  const { db } = replicas[0]!;
  await reportsOf(
    db,
    null,
    Array.from({ length: 900 }, (_, n) => `p${n}@example.com`),
    { message: 'export gives an empty file' },
  );
  const counts = await Promise.all(replicas.map((one) => gatherReports(one.db, start)));
  t.ok(counts.reduce((a, b) => a + b) <= 900, `none twice: ${counts}`);
  await gatherReports(db, start);
  t.match((await readGroups(db, { limit: 5 })).groups, [{ reports: 900 }]);
  const issue = await anIssue(db);
  await resolve(db, issue);
  const [held] = await reportsOf(db, issue, ['x@example.com'], { state: 'new' });
  await replicas[1]!.db.transaction().execute(async (trx) => {
    await trx.selectFrom('issue').select('id').where('id', '=', issue).forUpdate().execute();
    t.equal(
      await gatherReports(db, start),
      0,
      'what is about an issue that somebody holds waits for the next time',
    );
  });
  t.equal(await gatherReports(db, start), 1);
  t.equal((await groups(db))[held!], held);
});

async function say(db: Db, message: string, at: Date): Promise<string> {
  const report = await db.transaction().execute((trx) => fileReport(trx, { message, source: 'form' }, at));
  return report.id;
}

async function groups(db: Db): Promise<Record<string, string | null>> {
  const rows = await db.selectFrom('report').select(['id', 'group_id']).execute();
  return Object.fromEntries(rows.map((row) => [row.id, row.group_id]));
}
