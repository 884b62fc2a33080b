import t from 'tap';
import type { Db } from '../../src/db.ts';
import { newId } from '../../src/ids.ts';
import { sendAgain } from '../../src/notifications/again.ts';
import { countMails, failuresOf, mailsOf } from '../../src/notifications/mailing.ts';
import { oweRehearsal, oweReporters } from '../../src/notifications/outbox.ts';
import { answerReport } from '../../src/reports/answer-report.ts';
import { onBoth } from '../fixtures/db.ts';
import {
  addresses,
  anIssue,
  deliveries,
  drained,
  notify,
  reportsOf,
  resolve,
  states,
  until,
} from '../fixtures/outbox.ts';
import { smtpServer } from '../fixtures/smtp.ts';

const again = (db: Db, issueId: string, now = new Date()) =>
  db.transaction().execute((trx) => sendAgain(trx, issueId, now));

onBoth(
  t,
  'failed mails go once more, under the same id; who cannot be reached is left',
  async (t, { db }) => {
    const refuse = new Map([
      ['person1@example.com', { code: 552, text: '5.2.1 mailbox disabled' }],
      ['person2@example.com', { code: 552, text: '5.2.1 mailbox disabled' }],
      ['person3@example.com', { code: 550, text: '5.1.1 no such user' }],
    ]);
    const smtp = await smtpServer(t, { rcpt: (address) => refuse.get(address) ?? null });
    const issueId = await anIssue(db);
    const reports = await reportsOf(db, issueId, addresses(4));
    await resolve(db, issueId);
    notify(t, db, smtp.url);
    t.same(await drained(db), { sent: 1, failed: 3 });
    t.same(await failuresOf(db, issueId), { failed: 3, unreachable: 1, perhaps: 0 });
    const failed = await mailsOf(db, issueId, 'failed', { limit: 10 });
    t.same(failed.map((one) => [one.address, one.attempts, one.suppressed]).sort(), [
      ['person1@example.com', 1, false],
      ['person2@example.com', 1, false],
      ['person3@example.com', 1, true],
    ]);
    t.ok(failed.every((one) => one.reason?.startsWith('the mail server refused the address')));

    const before = new Map((await deliveries(db)).map((one) => [one.address, one.message_id]));
    refuse.clear();
    await db
      .updateTable('report')
      .set({ state: 'withdrawn', withdrawn_at: new Date(), email: null })
      .where('id', '=', reports[2]!)
      .execute();
    const [one, two] = await Promise.all([again(db, issueId), again(db, issueId)]);
    t.same([one.again, two.again].sort(), [0, 1], 'twice at once sends once');
    t.equal(one.dropped + two.dropped, 1, 'she had taken it back meanwhile');
    t.same([one.left, two.left], [1, 1]);
    t.same(await drained(db), { sent: 2, failed: 1, cancelled: 1 });
    t.same(
      smtp
        .accepted()
        .map((mail) => mail.to[0])
        .sort(),
      ['person0@example.com', 'person1@example.com'],
    );
    for (const mail of smtp.accepted()) t.equal(mail.messageId, before.get(mail.to[0]!));
    t.same(
      (await deliveries(db)).map((one) => [one.address, one.state, one.reason?.slice(0, 34) ?? null]),
      [
        ['person0@example.com', 'sent', null],
        ['person1@example.com', 'sent', null],
        ['person2@example.com', 'cancelled', 'the reporter withdrew the report'],
        ['person3@example.com', 'failed', 'the mail server refused the addres'],
      ],
    );
    t.same(await again(db, issueId), { again: 0, left: 1, dropped: 0 });
  },
);

onBoth(
  t,
  'a mail sent again has all its patience; what came before the newest news stays',
  async (t, { db }) => {
    const smtp = await smtpServer(t, { rcpt: () => ({ code: 450, text: '4.2.0 later' }) });
    const issueId = await anIssue(db);
    await reportsOf(db, issueId, ['ann@example.com']);
    const old = new Date(Date.now() - 100 * 3_600_000);
    const update = newId();
    await db
      .insertInto('issue_update')
      .values({ id: update, issue_id: issueId, status: 'identified', message: 'm', created_at: old })
      .execute();
    await db.transaction().execute(async (trx) => {
      await oweReporters(trx, 'update', { id: update, issueId }, old);
      await oweRehearsal(
        trx,
        { issueId, address: 'sue@example.com', draft: { message: 'm', resolution: 'fixed' } },
        old,
      );
    });
    const running = notify(t, db, smtp.url, { random: () => 0.9 });
    t.same(await drained(db), { failed: 2 });
    t.match((await deliveries(db, { template: 'update' }))[0]!.reason, 'given up after 72 hours');
    t.same(await failuresOf(db, issueId), { failed: 1, unreachable: 0, perhaps: 0 }, 'a draft is no news');
    t.same(await again(db, issueId), { again: 1, left: 0, dropped: 0 });
    await until(async () => (await deliveries(db, { template: 'update' }))[0]!.due_at > new Date());
    const [waiting] = await mailsOf(db, issueId, 'queued', { limit: 10 });
    t.match(waiting, { state: 'queued', last_error: /450|4\.2\.0/ }, 'it is tried again later, and says why');
    t.ok(waiting!.due_at > new Date(), 'and when');
    await running.notifier.stop(100);

    await db
      .updateTable('delivery')
      .set({ state: 'failed', ended_at: new Date(), reason: 'r', lease_token: null, lease_until: null })
      .where('template', '=', 'update')
      .execute();
    await resolve(db, issueId);
    t.same(await again(db, issueId), { again: 0, left: 0, dropped: 0 }, 'newer news have overtaken it');
    t.same(await countMails(db, issueId), { queued: 1, sent: 0, failed: 0, suppressed: 0, cancelled: 0 });
  },
);

onBoth(
  t,
  'a mail that may have arrived is counted, so that staff can tell before they send it again',
  async (t, { db }) => {
    const smtp = await smtpServer(t, { drop: () => 'after' });
    const issueId = await anIssue(db);
    await reportsOf(db, issueId, ['ann@example.com']);
    await resolve(db, issueId, undefined, 'fixed', new Date(Date.now() - 73 * 3_600_000));
    notify(t, db, smtp.url);
    await until(() => smtp.received.length === 1);
    await drained(db);
    t.same(await failuresOf(db, issueId), { failed: 1, unreachable: 0, perhaps: 1 });
  },
);

onBoth(
  t,
  'an answer that was replaced while its mail waited does not go with the words of the newer',
  async (t, { db }) => {
    const smtp = await smtpServer(t);
    const [reportId] = await reportsOf(db, null, ['ann@example.com']);
    const answer = (message: string) =>
      db
        .transaction()
        .execute((trx) => answerReport(trx, reportId!, { verdict: 'need_more', message }, new Date()));
    await answer('Which browser?');
    await answer('Which file?');
    await db
      .updateTable('delivery')
      .set({ state: 'queued', ended_at: null, reason: null })
      .where('state', '=', 'cancelled')
      .execute(); // as if it had been on its way at that moment
    t.same(await states(db), { queued: 2 });
    notify(t, db, smtp.url);
    t.same(await drained(db), { sent: 1, cancelled: 1 });
    t.match(smtp.received[0]!.raw, 'Which file?');
    t.equal((await deliveries(db, { state: 'cancelled' }))[0]!.reason, 'another answer took its place');
  },
);
