import { sql } from 'kysely';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { mergeIssues, splitIssues } from '../../src/desk/merging.ts';
import { countsFellSilently, noCounts } from '../../src/domain/counts.ts';
import { readCountsNow, readCountsStated, stateCounts } from '../../src/ledger/count.ts';
import { sweepCounts } from '../../src/ledger/sweep.ts';
import { sendAgain } from '../../src/notifications/again.ts';
import { eraseDeliveries } from '../../src/notifications/erase-deliveries.ts';
import { answerReports } from '../../src/reports/answer-report.ts';
import { setAddress, withdraw } from '../../src/reports/change-report.ts';
import { eraseReports } from '../../src/reports/erase-reports.ts';
import { linkReport, linkReports } from '../../src/reports/link-report.ts';
import { markSpam } from '../../src/reports/mark-spam.ts';
import { takeBack } from '../../src/reports/take-back.ts';
import { sayWhetherItWorked } from '../../src/reports/worked.ts';
import { openApp, type TestApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 21, 12, minutes));

onBoth(
  t,
  'counts that rise are stated by the sweep, once, and a row that goes behind our back is found',
  async (t, base) => {
    const { db } = base;
    const told = await openApp(t, base);
    const { id } = await issueWith(told, ['ana@example.com', 'ben@example.com', null]);
    t.same(await countStatements(db), []);

    await sweepCounts(db, at(1));
    await sweepCounts(db, at(2));
    t.match(await countStatements(db), [
      {
        type: 'counted',
        issue_id: id,
        people: 3,
        first_report_at: '2026-11-21T12:00:00.000Z',
        works: 0,
        works_not: 0,
      },
    ]);

    told.clock.now = at(10);
    const closing = await resolve(told, id);
    await sweepCounts(db, at(11));
    t.equal((await countStatements(db)).length, 1, 'while mails wait nothing is said of them');
    await settleMails(db, { sent: at(12) });
    await sweepCounts(db, at(13));
    await sweepCounts(db, at(14));
    t.same((await countStatements(db)).slice(1), [
      {
        type: 'told',
        issue_id: id,
        update_id: closing,
        people: 3,
        owed: 2,
        sent: 2,
        failed: 0,
        suppressed: 0,
        cancelled: 0,
        last_sent_at: '2026-11-21T12:12:00.000Z',
      },
    ]);

    told.clock.now = at(60);
    await meToo(told, id, 'cleo@example.com');
    await settleMails(db, { sent: at(61) });
    await db
      .updateTable('report')
      .set({ worked: true, worked_at: at(62) })
      .where('email', '=', 'ana@example.com')
      .execute();
    await sweepCounts(db, at(63));
    t.match(
      (await countStatements(db)).slice(2),
      [
        { type: 'counted', people: 4, works: 1 },
        { type: 'told', owed: 3, sent: 3, last_sent_at: '2026-11-21T12:12:00.000Z' },
      ],
      'who came later was told too, and makes nobody late',
    );
    t.same(await silent(db, id), []);

    const tampering = [
      [sql`delete from report where email = 'cleo@example.com'`, ['people', 'owed', 'sent']],
      [sql`update report set worked = null, worked_at = null`, ['works']],
      [sql`delete from delivery where address = 'ben@example.com'`, ['owed', 'sent']],
      [sql`update delivery set state = 'cancelled'`, ['sent', 'last_sent_at']],
      [sql`update report set created_at = created_at + interval '1 second'`, ['first_report_at']],
      [sql`update delivery set ended_at = ended_at - interval '1 minute'`, ['last_sent_at']],
    ] as const;
    for (const [change, found] of tampering) {
      await db
        .transaction()
        .execute(async (trx) => {
          await change.execute(trx);
          t.same(await silent(trx as unknown as Db, id), found);
          throw new Error('taken back');
        })
        .catch((error) => t.equal(error.message, 'taken back'));
    }
  },
);

onBoth(t, 'each step that lets a count fall states so itself', async (t, base) => {
  const { db } = base;
  const told = await openApp(t, base);
  const run = <Of>(step: (trx: Parameters<typeof withdraw>[0]) => Promise<Of>) =>
    db.transaction().execute(step);
  const people = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `${name}@example.com`);
  const { id, reports } = await issueWith(told, [...people, null]);
  const other = await issueWith(told, []);
  const stray = await fileReport(told);
  told.clock.now = at(10);
  await resolve(told, id);
  await settleMails(db, { sent: at(11) });
  await run((trx) => sayWhetherItWorked(trx, reports[0]!, { worked: true, comment: null }, at(12)));
  await run((trx) => sayWhetherItWorked(trx, reports[1]!, { worked: false, comment: null }, at(12)));
  await sql`update delivery set state = 'failed' where address in ('g@example.com', 'h@example.com')`.execute(
    db,
  );
  await sweepCounts(db, at(13));

  const by = null;
  let deed = '';
  const link = async () => {
    deed = (await run((trx) => linkReports(trx, [stray], other.id, by, at(30)))).deedId;
    await sweepCounts(db, at(30));
  };
  const steps: [name: string, falls: string, step: () => Promise<unknown>, where?: string][] = [
    ['withdraw', 'people', () => run((trx) => withdraw(trx, reports[2]!, at(14)))],
    ['two who are one', 'people', () => run((trx) => setAddress(trx, reports[8]!, 'a@example.com', at(15)))],
    [
      'a yes becomes a no',
      'works',
      () => run((trx) => sayWhetherItWorked(trx, reports[0]!, { worked: false, comment: null }, at(16))),
    ],
    [
      'a no becomes a yes',
      'works_not',
      () => run((trx) => sayWhetherItWorked(trx, reports[1]!, { worked: true, comment: null }, at(17))),
    ],
    [
      'she says otherwise with her other report',
      'works_not',
      () => run((trx) => sayWhetherItWorked(trx, reports[8]!, { worked: true, comment: null }, at(18))),
    ],
    ['sent again', 'failed', () => run((trx) => sendAgain(trx, id, at(19)))],
    ['a mail comes back', 'sent', () => bounce(told, db)],
    [
      'her first report was spam',
      'first_report_at',
      async () => {
        await db
          .updateTable('report')
          .set({ state: 'new', created_at: at(-60) })
          .where('id', '=', reports[3]!)
          .execute();
        await sweepCounts(db, at(21));
        deed = (await run((trx) => markSpam(trx, [reports[3]!], by, at(22)))).deedId;
      },
    ],
    ['linked elsewhere', 'people', () => run((trx) => linkReport(trx, reports[4]!, other.id, at(23)))],
    [
      'erased',
      'people',
      () =>
        run(async (trx) => {
          const { issueIds } = await eraseReports(trx, 'f@example.com', at(24));
          await stateCounts(trx, issueIds, at(24));
          await eraseDeliveries(trx, 'f@example.com', at(24));
        }),
    ],
    [
      'merged',
      'people',
      () => run((trx) => mergeIssues(trx, { from: other.id, into: id, message: 'The same.' }, at(25))),
      other.id,
    ],
    [
      'split',
      'people',
      () => run((trx) => splitIssues(trx, { from: other.id, message: 'Not the same.' }, at(26))),
    ],
    [
      'closed once more',
      'works',
      async () => {
        told.clock.now = at(27);
        const update = (status: string) =>
          told.api('POST', `/issues/${id}/updates`, { status, message: 'So it is.' });
        await update('investigating');
        await update('resolved');
      },
    ],
    ['a link taken back', 'people', () => run((trx) => takeBack(trx, deed, at(31))), other.id],
  ];
  for (const [name, falls, step, where = id] of steps) {
    if (name === 'a link taken back') await link();
    const before = (await readCountsNow(db, [where])).get(where)!;
    await step();
    const after = (await readCountsNow(db, [where])).get(where)!;
    const fell = countsFellSilently(before, after).map(({ what }) => what as string);
    t.ok(fell.includes(falls) || name.startsWith('her first'), `${name}: ${fell}`);
    t.same([await silent(db, id), await silent(db, other.id)], [[], []], `${name} says so`);
  }
});

onBoth(
  t,
  'whoever takes a report back at once with others, and with the sweep, is not overlooked',
  async (t, base) => {
    const { db } = base;
    const people = Array.from({ length: 12 }, (_, n) => `p${n}@example.com`);
    const { id, reports } = await issueWith(await openApp(t, base), people);
    await sweepCounts(db, at(1));
    const steps = reports
      .slice(0, 9)
      .map((report) => () => db.transaction().execute((trx) => withdraw(trx, report, at(2))));
    const sweeps = [1, 2, 3].map((n) => () => sweepCounts(db, at(2 + n)));
    await Promise.all([...steps, ...sweeps].map((step) => step()));
    t.match((await countStatements(db)).at(-1), { type: 'counted', issue_id: id, people: 3 });
  },
);

onBoth(t, 'how many reports got an answer is stated, each once, and taken back with it', async (t, base) => {
  const { db } = base;
  const told = await openApp(t, base);
  const [one, two] = [await fileReport(told), await fileReport(told)];
  const given = { verdict: 'works_as_designed', message: 'It is meant so.' } as const;
  const { deedId } = await db
    .transaction()
    .execute((trx) => answerReports(trx, [one, two], given, null, at(1)));
  await db.transaction().execute((trx) => takeBack(trx, deedId, at(1)));
  for (const message of ['It is meant so.', 'It is meant so, and this is why.'])
    await told.api('POST', `/reports/${one}/answer`, { verdict: 'not_a_bug', message });
  const { rows } = await sql<{
    body: object;
  }>`select body from ledger where type = 'answered' order by id`.execute(db);
  t.same(
    rows.map((row) => row.body),
    [
      { verdict: 'works_as_designed', count: 2 },
      { verdict: 'works_as_designed', count: -2 },
      { verdict: 'not_a_bug', count: 1 },
    ],
  );
});

/** What stands lower than the ledger says. */
async function silent(db: Db, id: string): Promise<string[]> {
  const stated = (await readCountsStated(db, [id])).get(id) ?? noCounts;
  return countsFellSilently(stated, (await readCountsNow(db, [id])).get(id)!).map(({ what }) => what);
}

async function countStatements(db: Db): Promise<object[]> {
  const { rows } = await sql<{ type: string; issue_id: string; body: object }>`
    select type, issue_id, body from ledger where type in ('counted', 'told') order by id`.execute(db);
  return rows.map(({ body, ...row }) => ({ ...row, ...body }));
}

async function issueWith({ app, api }: TestApp, people: (string | null)[]) {
  const { id } = (
    await api('POST', '/issues', { title: 'Export is empty', kind: 'bug', message: 'We know.' })
  ).body;
  const reports: string[] = [];
  for (const email of people) reports.push(await meToo({ app, api } as TestApp, id, email));
  return { id: id as string, reports };
}

async function meToo({ app, api }: TestApp, id: string, email: string | null): Promise<string> {
  const { statusCode } = await app.inject({
    method: 'POST',
    url: `/issues/${id}/me-too`,
    payload: email ? `email=${encodeURIComponent(email)}` : '',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  if (statusCode !== 303) throw new Error(`me too: ${statusCode}`);
  for (const state of ['linked', 'new']) {
    const { data } = (await api('GET', `/reports?state=${state}&limit=100`)).body;
    const mine = data.find(
      (one: { email: string | null; issue_id: string }) => one.issue_id === id && one.email === email,
    );
    if (mine) return mine.id;
  }
  throw new Error('no report');
}

async function fileReport({ app, api }: TestApp): Promise<string> {
  const isNew = async () => (await api('GET', '/reports?state=new')).body.data as { id: string }[];
  const before = (await isNew()).map(({ id }) => id);
  await app.inject({
    method: 'POST',
    url: '/report',
    payload: 'message=It+does+nothing',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  return (await isNew()).find(({ id }) => !before.includes(id))!.id;
}

async function resolve({ api }: TestApp, id: string): Promise<string> {
  return (await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'It is fixed.' })).body
    .id;
}

/** As the notifier leaves them. */
async function settleMails(db: Db, { sent }: { sent: Date }): Promise<void> {
  await db
    .updateTable('delivery')
    .set({ state: 'sent', ended_at: sent })
    .where('state', '=', 'queued')
    .execute();
}

async function bounce({ api }: TestApp, db: Db): Promise<void> {
  const { message_id } = await db
    .selectFrom('delivery')
    .select('message_id')
    .where('template', '=', 'resolved')
    .where('address', '=', 'b@example.com')
    .executeTakeFirstOrThrow();
  const lines = [
    'From: MAILER-DAEMON@mx.example',
    'To: status@localhost',
    'Subject: Undelivered',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
    '',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example',
    '',
    'Final-Recipient: rfc822; b@example.com',
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--b',
    'Content-Type: message/rfc822',
    '',
    `Message-ID: ${message_id}`,
    '',
    'x',
    '--b--',
    '',
  ];
  const answer = await api('POST', '/bounces', { message: lines.join('\r\n') });
  if (answer.body.became !== 'suppressed') throw new Error(JSON.stringify(answer.body));
}
