import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { freshDatabase, onBoth } from '../fixtures/db.ts';
import {
  addresses,
  anIssue,
  deliveries,
  drained,
  links,
  notify,
  number,
  once,
  owe,
  reportsOf,
  resolve,
  states,
  until,
} from '../fixtures/outbox.ts';
import { smtpServer } from '../fixtures/smtp.ts';

function sending(db: Db) {
  return db.selectFrom('sending').selectAll().executeTakeFirstOrThrow();
}

t.test('put off three times (4xx), then taken: all sent, with growing pauses', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const left = new Map<string, number>();
  const smtp = await smtpServer(t, {
    rcpt(address) {
      const tries = left.get(address) ?? 0;
      left.set(address, tries + 1);
      return number(address) % 10 === 0 && tries < 3 ? { code: 450, text: '4.2.1 later, please' } : null;
    },
  });
  await owe(db, 30);
  let at = new Date();
  const { notifier } = notify(t, db, smtp.url, { now: () => at, random: () => 1 });
  const pauses: number[] = [];
  for (const attempts of [1, 2, 3]) {
    await until(async () => {
      const waiting = (await deliveries(db, { attempts, state: 'queued' })).filter((one) => !one.lease_token);
      return waiting.length === 3 && (await states(db)).sent === 27;
    });
    const [one] = await deliveries(db, { state: 'queued' });
    pauses.push((one!.due_at.getTime() - at.getTime()) / 1_000);
    t.match(one!.last_error, '450 4.2.1 later, please');
    at = one!.due_at;
    notifier.poke();
  }
  t.same(pauses, [30, 60, 120], 'seconds');
  t.same(await drained(db), { sent: 30 });
  t.ok(once(smtp, addresses(30)));
});

t.test('put off for three days: given up, and the row says so', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t, { rcpt: () => ({ code: 450, text: '4.2.1 later, please' }) });
  await owe(db, 1);
  let ahead = 0;
  notify(t, db, smtp.url, { now: () => new Date(Date.now() + ahead), random: () => 1 });
  await until(async () => (await deliveries(db, { attempts: 1 })).some((one) => !one.lease_token));
  ahead = 72 * 3_600_000;
  t.same(await drained(db), { failed: 1 });
  t.match((await deliveries(db))[0]!.reason, /^given up after 72 hours: .*450 4\.2\.1/);
  t.same(await db.selectFrom('suppression').selectAll().execute(), []);
});

onBoth(
  t,
  'addresses that do not exist (5.1.1) fail at once and are suppressed; the others are sent',
  async (t, { db }) => {
    const bad = (address: string) => number(address) % 20 === 0;
    const smtp = await smtpServer(t, {
      rcpt: (address) => (bad(address) ? { code: 550, text: `5.1.1 <${address}>: no such user` } : null),
    });
    await owe(db, 40);
    const { lines } = notify(t, db, smtp.url);
    t.same(await drained(db), { sent: 38, failed: 2 });
    t.ok(
      once(
        smtp,
        addresses(40).filter((one) => !bad(one)),
      ),
    );
    const failed = await deliveries(db, { state: 'failed' });
    t.ok(failed.every((one) => one.attempts === 1));
    t.match(failed[0]!.reason, '550 5.1.1 (address): no such user');
    const suppressed = await db
      .selectFrom('suppression')
      .select('address_key')
      .orderBy('address_key')
      .execute();
    t.same(
      suppressed.map((one) => one.address_key),
      ['person0@example.com', 'person20@example.com'],
    );
    t.notMatch(lines.join('\n'), /person\d+@/);
    await owe(db, ['person20@example.com']);
    t.same(await drained(db), { sent: 38, failed: 2, suppressed: 1 }, 'and not tried again by a later mail');
  },
);

t.test('a mail the server will never take fails alone, and its address stays good', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t, {
    data: ({ to }) => (number(to[0]!) === 3 ? { code: 554, text: '5.6.0 bad content' } : null),
  });
  await owe(db, 10);
  notify(t, db, smtp.url);
  t.same(await drained(db), { sent: 9, failed: 1 });
  t.same(await db.selectFrom('suppression').selectAll().execute(), []);
});

t.test(
  'refused by policy (5.7.1) is our fault: three in a row pause, nobody is suppressed, and it recovers',
  async (t) => {
    const { db } = await freshDatabase(t, 'postgres');
    const smtp = await smtpServer(t, { rcpt: () => ({ code: 550, text: '5.7.1 you are not allowed here' }) });
    await owe(db, 20);
    let ahead = 0;
    const { lines } = notify(t, db, smtp.url, { now: () => new Date(Date.now() + ahead), probeMs: 1_000 });
    await until(async () => (await sending(db)).paused_since !== null);
    await sleep(300);
    t.ok(smtp.tries.size <= 8, 'only what was in hand went out besides');
    t.same(await states(db), { queued: 20 });
    t.same(await db.selectFrom('suppression').selectAll().execute(), []);
    t.match((await sending(db)).reason, '550 5.7.1 you are not allowed here');
    smtp.faults.rcpt = () => null;
    ahead = 60_000;
    t.same(await drained(db), { sent: 20 });
    t.ok(once(smtp, addresses(20)));
    t.same([(await sending(db)).paused_since, (await sending(db)).strikes], [null, 0]);
    t.equal(lines.filter((line) => line.includes('sending is paused')).length, 1, 'said once');
    t.equal(lines.filter((line) => line.includes('sending goes on')).length, 1);
  },
);

t.test('refusals by policy with a success between them pause nothing', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  let asked = 0;
  const smtp = await smtpServer(t, {
    rcpt: () => (asked++ % 2 ? { code: 550, text: '5.7.1 not you' } : null),
  });
  await owe(db, 12);
  const { lines } = notify(t, db, smtp.url, { concurrency: 1, random: () => 1 });
  await until(
    async () =>
      (await states(db)).sent === 6 && (await deliveries(db, { attempts: 1, state: 'queued' })).length === 6,
  );
  t.notMatch(lines.join('\n'), 'paused');
});

t.test('a mail that cannot be written fails after its tries; the others are sent', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t);
  const issueId = await anIssue(db);
  const ids = await reportsOf(db, issueId, addresses(5));
  await resolve(db, issueId);
  const broken = {
    ...links,
    token: (purpose: 'report' | 'subscriber', id: string) => {
      if (id === ids[2]) throw new Error('the template has a mistake');
      return links.token(purpose, id);
    },
  };
  let ahead = 0;
  notify(t, db, smtp.url, { links: broken, now: () => new Date(Date.now() + ahead), random: () => 1 });
  await until(async () => {
    ahead += 600_000 / 20;
    return (await states(db)).failed === 1;
  });
  t.same(await states(db), { sent: 4, failed: 1 });
  const [failed] = await deliveries(db, { state: 'failed' });
  t.equal(failed!.attempts, 5);
  t.match(failed!.reason, 'the mail could not be written: the template has a mistake');
});
