import t from 'tap';
import type { Db, Trx } from '../../src/db.ts';
import { holdMs, undoMs } from '../../src/domain/undo.ts';
import { answerReport, answerReports } from '../../src/reports/answer-report.ts';
import { withdraw } from '../../src/reports/change-report.ts';
import { linkReport, linkReports } from '../../src/reports/link-report.ts';
import { markSpam } from '../../src/reports/mark-spam.ts';
import { takeBack } from '../../src/reports/take-back.ts';
import { onBoth } from '../fixtures/db.ts';
import { anIssue, deliveries, reportsOf, resolve } from '../fixtures/outbox.ts';

const start = new Date('2026-11-21T12:00:00.000Z');
const after = (ms: number) => new Date(start.getTime() + ms);
const minute = 60_000;

onBoth(
  t,
  'many reports are linked in one step, and an address that told us twice is told once',
  async (t, { db }) => {
    const issue = await anIssue(db);
    const ids = await reportsOf(db, null, ['ana@example.com', 'Ana@Example.com', 'bob@example.com']);
    const [silent] = await reportsOf(db, null, ['x@example.com'], { email: null });
    const step = await within(db, (trx) => linkReports(trx, [...ids, silent!, ids[0]!], issue, null, start));
    t.same(step.taken, [...ids, silent!].sort());
    t.equal(step.gone, 0);
    t.same(await mails(db), ['linked ana@example.com queued', 'linked bob@example.com queued']);
    const [first] = await deliveries(db);
    t.same(first!.due_at, after(holdMs), 'nobody hears of it while it can be taken back in silence');
    t.same(await states(db), ['linked', 'linked', 'linked', 'linked']);

    const again = await reportsOf(db, null, ['ANA@example.com']);
    await within(db, (trx) => linkReports(trx, again, issue, null, after(minute)));
    t.equal((await mails(db)).length, 2, 'she has been told that we know it');
  },
);

onBoth(t, 'what somebody handled meanwhile is left alone', async (t, { db }) => {
  const issue = await anIssue(db);
  const ids = await reportsOf(db, null, ['ana@example.com', 'bob@example.com', 'cleo@example.com']);
  await within(db, (trx) => markSpam(trx, [ids[0]!], null, start));
  await within(db, (trx) => withdraw(trx, ids[1]!, start));
  const step = await within(db, (trx) => linkReports(trx, ids, issue, null, start));
  t.same([step.taken, step.gone], [[ids[2]!], 2]);
  t.same(await states(db), ['linked', 'spam', 'withdrawn']);
  await t.rejects(
    within(db, (trx) => answerReports(trx, ids, { verdict: 'not_a_bug', message: 'm' }, null, start)),
    { message: /handled this meanwhile/ },
  );
});

onBoth(
  t,
  'a step taken back within two minutes was never heard of, and a second try tells once',
  async (t, { db }) => {
    const [wrong, right] = [await anIssue(db), await anIssue(db)];
    const ids = await reportsOf(db, null, ['ana@example.com', 'bob@example.com']);
    const first = await within(db, (trx) => linkReports(trx, ids, wrong!, null, start));
    const back = await within(db, (trx) => takeBack(trx, first.deedId, after(minute)));
    t.match(back, { kind: 'link', issueId: wrong, restored: 2, changed: 0, told: 0 });
    t.same(await states(db), ['new', 'new']);
    t.same(await mails(db), ['linked ana@example.com cancelled', 'linked bob@example.com cancelled']);
    await t.rejects(
      within(db, (trx) => takeBack(trx, first.deedId, after(minute))),
      {
        message: 'This was taken back already.',
      },
    );
    await within(db, (trx) => linkReports(trx, ids, right!, null, after(minute)));
    const queued = (await deliveries(db)).filter((one) => one.state === 'queued');
    t.same(
      queued.map((one) => one.issue_id),
      [right, right],
      'one mail each, about the right one',
    );
  },
);

onBoth(t, 'linked, taken back and linked there again is one mail, sent or not', async (t, { db }) => {
  const issue = await anIssue(db);
  const [ana] = await reportsOf(db, null, ['ana@example.com']);
  for (const sent of [false, true]) {
    const step = await within(db, (trx) => linkReports(trx, [ana!], issue, null, start));
    if (sent) await send(db, after(3 * minute));
    const back = await within(db, (trx) => takeBack(trx, step.deedId, after(4 * minute)));
    t.equal(back.told, sent ? 1 : 0);
  }
  await within(db, (trx) => linkReports(trx, [ana!], issue, null, after(5 * minute)));
  t.same(await mails(db), ['linked ana@example.com sent']);
});

onBoth(t, 'the same answer is given once, another one again', async (t, { db }) => {
  const [ana] = await reportsOf(db, null, ['ana@example.com']);
  const say = (message: string) =>
    within(db, (trx) => answerReports(trx, [ana!], { verdict: 'not_a_bug', message }, null, start));
  const first = await say('It is built so.');
  await within(db, (trx) => takeBack(trx, first.deedId, start));
  const second = await say('It is built so.');
  t.same(await mails(db), ['answered ana@example.com queued']);
  await send(db, after(3 * minute));
  t.equal((await within(db, (trx) => takeBack(trx, second.deedId, after(4 * minute)))).told, 1);
  await say('It is built so.');
  t.same(await mails(db), ['answered ana@example.com sent']);
  await within(db, (trx) =>
    answerReport(trx, ana!, { verdict: 'not_a_bug', message: 'No: it is a bug.' }, start),
  );
  t.same(await mails(db), ['answered ana@example.com queued', 'answered ana@example.com sent']);
});

onBoth(
  t,
  'who is linked through two steps keeps her mail when one of them is taken back',
  async (t, { db }) => {
    const issue = await anIssue(db);
    const [one, two] = await reportsOf(db, null, ['ana@example.com', 'ANA@example.com'], {
      group_id: 'aaaaaaaaaaaa',
    });
    const first = await within(db, (trx) => linkReports(trx, [one!], issue, null, start));
    const second = await within(db, (trx) => linkReports(trx, [two!], issue, null, start));
    await within(db, (trx) => takeBack(trx, first.deedId, start));
    t.match(await deliveries(db), [{ state: 'queued', report_id: two }]);
    await within(db, (trx) => takeBack(trx, second.deedId, start));
    t.match(await deliveries(db), [{ state: 'cancelled' }]);

    const given = { verdict: 'need_more', message: 'Which browser?' } as const;
    const third = await within(db, (trx) => answerReports(trx, [one!], given, null, start));
    await within(db, (trx) => answerReports(trx, [two!], given, null, start));
    await within(db, (trx) => takeBack(trx, third.deedId, start));
    const answers = await deliveries(db, { template: 'answered' });
    t.match(answers, [{ state: 'queued', report_id: two }]);
  },
);

onBoth(t, 'what changed since stays as it is', async (t, { db }) => {
  const [issue, other] = [await anIssue(db), await anIssue(db)];
  const ids = await reportsOf(db, null, ['ana@example.com', 'bob@example.com', 'cleo@example.com']);
  const step = await within(db, (trx) => linkReports(trx, ids, issue!, null, start));
  await within(db, (trx) => withdraw(trx, ids[0]!, start));
  await within(db, (trx) => linkReport(trx, ids[1]!, other!, after(minute)));
  t.same(await states(db), ['linked', 'linked', 'withdrawn']);
  const back = await within(db, (trx) => takeBack(trx, step.deedId, after(minute)));
  t.match(back, { restored: 1, changed: 2 });
  t.same(await states(db), ['linked', 'new', 'withdrawn']);
  const queued = (await deliveries(db)).filter((one) => one.state === 'queued');
  t.match(
    queued,
    [{ address: 'bob@example.com', issue_id: other }],
    'told of where it is now, and not of the first',
  );
});

onBoth(t, 'after an hour it is too late', async (t, { db }) => {
  const [ana] = await reportsOf(db, null, ['ana@example.com']);
  const { deedId } = await within(db, (trx) => markSpam(trx, [ana!], null, start));
  await t.rejects(
    within(db, (trx) => takeBack(trx, deedId, after(undoMs + 1))),
    { message: /too long ago/ },
  );
  await t.rejects(
    within(db, (trx) => takeBack(trx, 'zzzzzzzzzzzz', start)),
    { message: /no such step/ },
  );
});

onBoth(t, 'linked to an issue that is over, she is told that it is', async (t, { db }) => {
  const issue = await anIssue(db);
  await resolve(db, issue, undefined, undefined, start);
  const ids = await reportsOf(db, null, ['ana@example.com', 'ana@example.com']);
  const { deedId } = await within(db, (trx) => linkReports(trx, ids, issue, null, start));
  t.same(await mails(db), ['resolved ana@example.com queued']);
  await within(db, (trx) => takeBack(trx, deedId, start));
  t.same(await mails(db), ['resolved ana@example.com cancelled']);
});

function within<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work);
}

async function mails(db: Db): Promise<string[]> {
  const rows = await deliveries(db);
  return rows.map((one) => `${one.template} ${one.address.toLowerCase()} ${one.state}`).sort();
}

async function states(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('report').select('state').execute();
  return rows.map((one) => one.state).sort();
}

async function send(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('delivery')
    .set({ state: 'sent', ended_at: now })
    .where('state', '=', 'queued')
    .where('due_at', '<=', now)
    .execute();
}
