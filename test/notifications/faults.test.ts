import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import PostalMime from 'postal-mime';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { openMailer } from '../../src/mailer.ts';
import { freePort, freshDatabase, onBoth } from '../fixtures/db.ts';
import {
  addresses,
  anIssue,
  deliveries,
  drained,
  links,
  notify,
  reportsOf,
  resolve,
  states,
  until,
} from '../fixtures/outbox.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';

const number = (address: string) => Number(/\d+/.exec(address)![0]);

/** Resolves an issue with this many reporters. */
async function owe(db: Db, people: number | string[]): Promise<void> {
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, typeof people === 'number' ? addresses(people) : people);
  await resolve(db, issueId);
}

function once(smtp: SmtpStandIn, people: string[]): boolean {
  const to = smtp.accepted().map((mail) => mail.to[0]!);
  return to.sort().join() === [...people].sort().join();
}

async function unharmed(db: Db): Promise<boolean> {
  const all = await deliveries(db);
  return all.every((one) => one.state === 'queued' && one.attempts - (one.lease_token ? 1 : 0) === 0);
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
  await until(() => smtp.accepted().length === 19);
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

t.test('without a mail server every mail is one file, also when it is written twice', async (t) => {
  const folder = t.testdir();
  const mailer = openMailer({
    smtpUrl: null,
    dataDir: folder,
    from: { name: 'Status', address: 'status@localhost' },
  });
  const letter = {
    messageId: '<0b5f-1@status.example.org>',
    date: new Date('2026-11-21T19:00:00Z'),
    to: 'a@example.com',
    replyTo: null,
    subject: 'Grüße',
    text: 'Hello.\n',
    html: '<p>Hello.</p>',
    headers: {},
    thread: null,
  };
  await mailer.send(letter);
  const files = () => readdirSync(join(folder, 'mail'));
  t.same(files(), ['0b5f-1.eml']);
  const bytes = readFileSync(join(folder, 'mail', files()[0]!));
  await mailer.send(letter);
  t.same(files(), ['0b5f-1.eml']);
  t.same(readFileSync(join(folder, 'mail', files()[0]!)), bytes);
  const mail = await PostalMime.parse(bytes);
  t.match(mail, { subject: 'Grüße', messageId: letter.messageId, text: /^Hello\.\s*$/ });
  t.match(mailer.where, /no mail leaves this machine.*mail\.$/);
  t.notMatch(
    openMailer({ smtpUrl: 'smtp://u:secret@h:25', dataDir: folder, from: { name: '', address: 'a@b.c' } })
      .where,
    'secret',
  );
});

function sending(db: Db) {
  return db.selectFrom('sending').selectAll().executeTakeFirstOrThrow();
}

function tried(smtp: SmtpStandIn): number {
  return [...smtp.tries.values()].flat().length;
}
