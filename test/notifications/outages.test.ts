import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { freePort, freshDatabase, onBoth } from '../fixtures/db.ts';
import {
  addresses,
  deliveries,
  drained,
  notify,
  number,
  once,
  owe,
  states,
  until,
} from '../fixtures/outbox.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';

async function unharmed(db: Db): Promise<boolean> {
  const all = await deliveries(db);
  return all.every((one) => one.state === 'queued' && one.attempts - (one.lease_token ? 1 : 0) === 0);
}

function sending(db: Db) {
  return db.selectFrom('sending').selectAll().executeTakeFirstOrThrow();
}

function tried(smtp: SmtpStandIn): number {
  return [...smtp.tries.values()].flat().length;
}

onBoth(
  t,
  '421 to everything: nobody fails, no try is burnt, one probe an interval, all sent afterwards',
  async (t, { db }) => {
    const smtp = await smtpServer(t, { rcpt: () => ({ code: 421, text: '4.3.2 going down' }) });
    await owe(db, 20);
    const { lines } = notify(t, db, smtp.url, { probeMs: 300 });
    await until(async () => (await sending(db)).paused_since !== null);
    await sleep(100);
    const before = tried(smtp);
    await sleep(1_500);
    t.ok(tried(smtp) - before <= 6, `one probe in 300 ms (${tried(smtp) - before} in 1.5 s)`);
    t.ok(tried(smtp) - before >= 1, 'it does probe');
    t.ok(await unharmed(db));
    smtp.faults.rcpt = () => null;
    t.same(await drained(db), { sent: 20 });
    t.ok(once(smtp, addresses(20)));
    t.equal(lines.filter((line) => line.includes('sending is paused')).length, 1);
  },
);

t.test('one mail that always brings a 421 does not stand in the way of the others', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t, {
    rcpt: (address) => (number(address) === 0 ? { code: 421, text: '4.7.0 not now' } : null),
  });
  await owe(db, 20);
  notify(t, db, smtp.url, { probeMs: 200 });
  await until(async () => (await states(db)).sent === 19);
  t.same(await states(db), { queued: 1, sent: 19 });
});

t.test('a wrong password: paused, nobody burnt, and the password is in no log', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t, { login: { user: 'candor', pass: 'Geheimnis-7' } });
  smtp.faults.login = { user: 'candor', pass: 'another' };
  await owe(db, 10);
  const { lines } = notify(t, db, smtp.url, { probeMs: 200 });
  await until(async () => (await sending(db)).paused_since !== null);
  await sleep(700);
  t.ok(smtp.connections <= 5 + 5, `no storm of logins (${smtp.connections})`);
  t.ok(await unharmed(db));
  const { reason } = await sending(db);
  t.match(reason, 'the mail server refuses our login');
  const all = JSON.stringify([lines, reason, await deliveries(db)]);
  t.notMatch(all, 'Geheimnis');
  t.notMatch(all, Buffer.from('Geheimnis-7').toString('base64'));
  smtp.faults.login = { user: 'candor', pass: 'Geheimnis-7' };
  t.same(await drained(db), { sent: 10 });
});

t.test('the relay is down, then up: nobody burnt, all sent', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const port = await freePort();
  await owe(db, 10);
  const { lines } = notify(t, db, `smtp://127.0.0.1:${port}`, { probeMs: 200 });
  await until(async () => (await sending(db)).paused_since !== null);
  await sleep(500);
  t.ok(await unharmed(db));
  t.match((await sending(db)).reason, 'no connection to the mail server: ECONNREFUSED');
  const smtp = await smtpServer(t, {}, port);
  t.same(await drained(db), { sent: 10 });
  t.ok(once(smtp, addresses(10)));
  t.equal(lines.filter((line) => line.includes('sending goes on')).length, 1);
});

t.test('the relay answers again, though kindly to nobody yet: the pause is over', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t, { rcpt: () => ({ code: 421, text: '4.3.2 going down' }) });
  await owe(db, 10);
  notify(t, db, smtp.url, { probeMs: 100, random: () => 0 });
  await until(async () => (await sending(db)).paused_since !== null);
  smtp.faults.rcpt = () => ({ code: 450, text: '4.2.1 busy' });
  await until(async () => (await sending(db)).paused_since === null);
  t.equal(smtp.received.length, 0, 'nothing was taken so far');
  smtp.faults.rcpt = () => null;
  t.same(await drained(db), { sent: 10 });
  t.ok(once(smtp, addresses(10)));
});

t.test('the relay restarts between two mails: the connections kept open cost nobody a try', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const first = await smtpServer(t);
  notify(t, db, first.url);
  await owe(db, 10);
  await drained(db);
  await first.close();
  const second = await smtpServer(t, {}, first.port);
  await owe(db, ['again0@example.com', 'again1@example.com']);
  t.same(await drained(db), { sent: 12 });
  t.ok((await deliveries(db)).every((one) => one.attempts === 1));
  t.equal(second.accepted().length, 2);
});

t.test(
  'connections lost inside the message and after its final dot: none lost, and the doubtful ones are counted',
  async (t) => {
    const { db } = await freshDatabase(t, 'postgres');
    const dropped = new Set<string>();
    const smtp = await smtpServer(t, {
      drop(address) {
        if (dropped.has(address)) return null;
        dropped.add(address);
        return ([null, 'inside', 'after', null, null] as const)[number(address) % 5]!;
      },
    });
    await owe(db, 25);
    notify(t, db, smtp.url, { random: () => 0 });
    t.same(await drained(db), { sent: 25 });
    t.ok(once(smtp, addresses(25)), 'each taken with a 250 exactly once');
    const arrived = (rest: number) => smtp.received.filter((mail) => number(mail.to[0]!) % 5 === rest);
    t.equal(arrived(1).length, 5, 'inside: nothing twice');
    t.equal(arrived(2).length, 10, 'after the dot: perhaps twice');
    for (const mail of arrived(2)) {
      const same = arrived(2).filter((other) => other.messageId === mail.messageId);
      t.ok(same.length === 2 && same[0]!.raw === same[1]!.raw, 'the same id, the same bytes');
    }
    const doubtful = (await deliveries(db)).filter((one) => number(one.address) % 5 === 2);
    t.ok(doubtful.every((one) => one.maybe_delivered === 1));
  },
);

t.test(
  'a server that hangs after the final dot is left at the deadline, and the mail counted as doubtful',
  async (t) => {
    const { db } = await freshDatabase(t, 'postgres');
    const smtp = await smtpServer(t, { drop: (address) => (number(address) === 0 ? 'hang' : null) });
    await owe(db, 5);
    notify(t, db, smtp.url, { timeouts: { deadline: 700 }, random: () => 0 });
    await until(
      async () =>
        (await states(db)).sent === 4 && (await deliveries(db, { maybe_delivered: 1 })).length === 1,
    );
    smtp.faults.drop = () => null;
    t.same(await drained(db), { sent: 5 });
  },
);

t.test('a slow domain does not hold up the others', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const slow = addresses(12, 'slow.example');
  const smtp = await smtpServer(t, { delay: (address) => (address.endsWith('slow.example') ? 3_000 : 0) });
  await owe(db, slow); // due first
  await owe(db, addresses(40));
  notify(t, db, smtp.url, { slowMs: 500 });
  await until(() => smtp.accepted().filter((mail) => mail.to[0]!.endsWith('example.com')).length === 40);
  t.ok(smtp.accepted().length <= 40 + 6, 'the others did not wait for the slow ones');
});
