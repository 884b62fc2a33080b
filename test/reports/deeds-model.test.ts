import fc from 'fast-check';
import { sql } from 'kysely';
import t from 'tap';
import type { Db, Trx } from '../../src/db.ts';
import { wantedByReporters } from '../../src/notifications/wanted-by-reporters.ts';
import { answerReports } from '../../src/reports/answer-report.ts';
import { withdraw } from '../../src/reports/change-report.ts';
import { linkReport, linkReports } from '../../src/reports/link-report.ts';
import { markSpam } from '../../src/reports/mark-spam.ts';
import { takeBack } from '../../src/reports/take-back.ts';
import { onBoth } from '../fixtures/db.ts';
import { anIssue, reportsOf } from '../fixtures/outbox.ts';

// Whatever staff do and take back, in whatever order and however slow the mail is: nobody hears the same thing twice,
// and in the end everybody has heard, once, how her report stands.

const people = ['ana@example.com', 'ANA@example.com', 'bob@example.com', 'cleo@example.com'];
const answers = ['It is built so.', 'Which browser is it?'];
const some = fc.subarray([0, 1, 2, 3], { minLength: 1 });
const op = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('link' as const), which: some, to: fc.nat(1) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('answer' as const), which: some, to: fc.nat(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('spam' as const), which: some, to: fc.constant(0) }),
  },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('undo' as const), which: some, to: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('program links' as const), which: some, to: fc.nat(1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('withdraw' as const), which: some, to: fc.constant(0) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('mails go' as const), which: some, to: fc.constant(0) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('a mail is on its way' as const),
      which: some,
      to: fc.constant(0),
    }),
  },
);
type Op = { does: string; which: number[]; to: number };

onBoth(t, 'whatever is done and taken back, each is told once how her report stands', async (t, { db }) => {
  await fc.assert(
    fc.asyncProperty(fc.array(op, { minLength: 3, maxLength: 20 }), async (ops) => {
      const wrong = await live(db, ops);
      t.same(wrong, []);
      return wrong.length === 0;
    }),
    { numRuns: 40 },
  );
});

/** Does it all, lets every mail go, and answers what is wrong then. */
async function live(db: Db, ops: Op[]): Promise<string[]> {
  await sql`truncate delivery, deed, report, report_group, issue cascade`.execute(db);
  const issues = [await anIssue(db), await anIssue(db)];
  const group = { id: 'aaaaaaaaaaaa', stems: [], issue_id: null, newest_at: new Date() };
  await db.insertInto('report_group').values(group).execute();
  const ids = await reportsOf(db, null, people, { group_id: group.id });
  const deeds: string[] = [];
  const told: string[] = [];
  const wrong: string[] = [];
  let now = new Date('2026-11-21T12:00:00.000Z');
  let onTheWay: { id: string; says: string }[] = [];

  const arrive = async () => {
    for (const { id, says } of onTheWay) {
      const { numUpdatedRows } = await db
        .updateTable('delivery')
        .set({ state: 'sent', ended_at: now, lease_until: null })
        .where('id', '=', id)
        .where('state', '=', 'queued')
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) wrong.push(`a mail on its way was taken away: ${says}`);
      if (told.includes(says)) wrong.push(`twice: ${says}`);
      told.push(says);
    }
    onTheWay = [];
  };
  const leave = async (most: number) => {
    const due = await db
      .selectFrom('delivery')
      .selectAll()
      .where('state', '=', 'queued')
      .where('due_at', '<=', now)
      .where('lease_until', 'is', null)
      .orderBy('due_at')
      .limit(most)
      .execute();
    for (const { id, template, issue_id, address_key } of due) {
      const matter = (await wantedByReporters(db, [id])).get(id)!;
      if ('state' in matter) {
        await db
          .updateTable('delivery')
          .set({ ...matter, ended_at: now })
          .where('id', '=', id)
          .execute();
        continue;
      }
      const what = template === 'linked' ? issue_id : `${matter.verdict} ${matter.answer}`;
      await db
        .updateTable('delivery')
        .set({ lease_until: new Date(now.getTime() + 600_000) })
        .where('id', '=', id)
        .execute();
      onTheWay.push({ id, says: `${address_key} ${template} ${what}` });
    }
  };
  const within = async (work: (trx: Trx) => Promise<{ deedId?: string }>) => {
    const done = await db
      .transaction()
      .execute(work)
      .catch(() => null);
    if (done?.deedId) deeds.push(done.deedId);
  };

  for (const { does, which, to } of ops) {
    now = new Date(now.getTime() + 45_000);
    const reports = which.map((n) => ids[n]!);
    const issue = issues[to]!;
    if (does === 'link') await within((trx) => linkReports(trx, reports, issue, null, now));
    if (does === 'answer') {
      const given = { verdict: 'need_more', message: answers[to]! } as const;
      await within((trx) => answerReports(trx, reports, given, null, now));
    }
    if (does === 'spam') await within((trx) => markSpam(trx, reports, null, now));
    if (does === 'undo') await within((trx) => takeBack(trx, deeds.at(-1 - to) ?? '', now).then(() => ({})));
    if (does === 'program links')
      await within((trx) => linkReport(trx, reports[0]!, issue, now).then(() => ({})));
    if (does === 'withdraw') await within((trx) => withdraw(trx, reports[0]!, now).then(() => ({})));
    if (does === 'a mail is on its way') await leave(1);
    if (does === 'mails go') {
      await leave(100);
      await arrive();
    }
  }
  await arrive();
  now = new Date(now.getTime() + 600_000);
  await leave(100);
  await arrive();

  const standing = await db.selectFrom('report').selectAll().where('email', 'is not', null).execute();
  for (const { state, issue_id, email_key, verdict, answer } of standing) {
    if (state === 'linked') expect(`${email_key} linked ${issue_id}`);
    if (state === 'answered') expect(`${email_key} answered ${verdict} ${answer}`);
  }
  return wrong;

  function expect(says: string) {
    const times = told.filter((one) => one === says).length;
    if (times !== 1) wrong.push(`${times} times: ${says}`);
  }
}
