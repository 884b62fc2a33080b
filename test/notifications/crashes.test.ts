import { type RootOperationNode, sql } from 'kysely';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { claimDue } from '../../src/notifications/claim.ts';
import { settle } from '../../src/notifications/settle.ts';
import { freshDatabase, onBoth } from '../fixtures/db.ts';
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
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';

onBoth(
  t,
  'a crash between the 250 and the commit: one mail again, the same id and the same bytes',
  async (t, { db }) => {
    const smtp = await smtpServer(t);
    const issueId = await anIssue(db, { next_update_at: null });
    await reportsOf(db, issueId, addresses(3));
    await resolve(db, issueId);
    const dying = notify(t, withoutSettle(db), smtp.url, {
      concurrency: 1,
      leaseMs: 600,
      timeouts: { deadline: 200 },
    });
    await until(() => smtp.accepted().length === 1);
    await dying.notifier.stop(0);
    notify(t, db, smtp.url);
    t.same(await drained(db), { sent: 3 });
    const twice = smtp.received.filter((mail) => mail.to[0] === smtp.received[0]!.to[0]);
    t.equal(smtp.received.length, 4);
    t.equal(twice.length, 2);
    t.equal(twice[0]!.messageId, twice[1]!.messageId);
    t.equal(twice[0]!.raw, twice[1]!.raw, 'byte for byte');
  },
);

t.test('a crash between claim and connect: sent once the lease is over', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t);
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, addresses(1));
  await resolve(db, issueId);
  const [claimed] = await claimDue(db, { now: new Date(), leaseMs: 500, except: [], most: 1 });
  t.equal(claimed!.attempts, 1);
  notify(t, db, smtp.url);
  t.same(await drained(db), { sent: 1 });
  t.equal(smtp.received.length, 1);
  t.equal((await deliveries(db))[0]!.attempts, 2);
});

onBoth(t, 'the only process of a database frees at its start what a killed one held', async (t, { db }) => {
  const smtp = await smtpServer(t);
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, addresses(1));
  await resolve(db, issueId);
  await claimDue(db, { now: new Date(), leaseMs: 3_600_000, except: [], most: 1 });
  notify(t, db, smtp.url, { releaseLeasesAtStart: true });
  t.same(await drained(db), { sent: 1 });
});

onBoth(t, 'a finish that comes after its lease changes nothing', async (t, { db }) => {
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, addresses(1));
  await resolve(db, issueId);
  const t0 = new Date();
  const claim = (now: Date) => claimDue(db, { now, leaseMs: 1_000, except: [], most: 1 });
  const [slow] = await claim(t0);
  t.same(await claim(t0), [], 'leased');
  const later = new Date(t0.getTime() + 2_000);
  const [next] = await claim(later);
  t.equal(next!.id, slow!.id);
  t.equal(await settle(db, slow!, { state: 'sent', reason: null }, later), false);
  t.equal(await settle(db, slow!, { state: 'failed', reason: 'x', suppress: true }, later), false);
  t.same(await db.selectFrom('suppression').selectAll().execute(), [], 'nor anything else');
  t.same(await states(db), { queued: 1 });
  t.equal(await settle(db, next!, { state: 'sent', reason: null }, later), true);
  t.equal(await settle(db, next!, { state: 'sent', reason: null }, later), false);
});

t.test('a mail whose lease is nearly over is given back, not sent', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t);
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, addresses(1));
  await resolve(db, issueId);
  let asked = 0; // the process sleeps between its claim and its sending
  const now = () => new Date(Date.now() + (asked++ === 2 ? 120_000 : 0));
  const { lines } = notify(t, db, smtp.url, { concurrency: 1, now });
  t.same(await drained(db), { sent: 1 });
  t.equal(smtp.received.length, 1);
  t.match(lines[0], 'mail released');
  t.equal((await deliveries(db))[0]!.attempts, 1, 'the try that was none does not count');
});

onBoth(t, 'a stop in mid-run loses nothing, repeats nothing, and leaves no lease', async (t, { db }) => {
  const smtp = await smtpServer(t, { delay: () => 30 });
  const people = addresses(60);
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, people);
  await resolve(db, issueId);
  const { notifier } = notify(t, db, smtp.url);
  await until(() => smtp.accepted().length >= 5);
  await notifier.stop(2_000);
  const after = await states(db);
  t.equal(after.sent, smtp.accepted().length, 'what went is written down');
  t.ok(after.queued! > 0, 'it did stop');
  const left = await deliveries(db, { state: 'queued' });
  t.ok(left.every((one) => one.lease_token === null && one.lease_until === null && one.attempts === 0));
  smtp.faults.delay = () => 0;
  notify(t, db, smtp.url);
  t.same(await drained(db), { sent: 60 });
  t.same(mailed(smtp), [...people].sort());
});

t.test(
  'a stop does not wait for a server that hangs: its mail may have gone, and counts as such',
  async (t) => {
    const { db } = await freshDatabase(t, 'postgres');
    const smtp = await smtpServer(t, { drop: () => 'hang' });
    const issueId = await anIssue(db);
    await reportsOf(db, issueId, addresses(1));
    await resolve(db, issueId);
    const { notifier } = notify(t, db, smtp.url);
    await until(() => smtp.received.length === 1);
    await notifier.stop(100);
    const [mail] = await deliveries(db);
    t.match(mail, { state: 'queued', maybe_delivered: 1, lease_token: null, attempts: 1 });
  },
);

t.test(
  'the database away for a moment after the 250: written down when it is back, not sent twice',
  async (t) => {
    const { db } = await freshDatabase(t, 'postgres');
    const smtp = await smtpServer(t);
    const issueId = await anIssue(db);
    await reportsOf(db, issueId, addresses(1));
    await resolve(db, issueId);
    let failures = 3;
    const shaky = failing(db, () => failures-- > 0);
    const { lines } = notify(t, shaky, smtp.url);
    t.same(await drained(db), { sent: 1 });
    t.equal(smtp.received.length, 1);
    t.ok(failures < 0);
    t.notMatch(lines.join(), 'did not take');
  },
);

t.test('a database that fails does not end the notifier', async (t) => {
  const { db } = await freshDatabase(t, 'postgres');
  const smtp = await smtpServer(t);
  const issueId = await anIssue(db);
  await reportsOf(db, issueId, addresses(5));
  await sql`alter table sending rename to gone`.execute(db);
  const { lines } = notify(t, db, smtp.url);
  await until(() => lines.some((line) => line.includes('cannot reach the database')));
  await sql`alter table gone rename to sending`.execute(db);
  await resolve(db, issueId);
  t.same(await drained(db), { sent: 5 });
});

function mailed(smtp: SmtpStandIn): string[] {
  return smtp
    .accepted()
    .map((mail) => mail.to[0]!)
    .sort();
}

/** A database that loses its connection at every end of a mail for which `fails` says so. */
function failing(db: Db, fails: () => boolean): Db {
  return db.withPlugin({
    transformQuery({ node }) {
      if (endsMail(node) && fails()) throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
      return node;
    },
    transformResult: async ({ result }) => result,
  });
}

function endsMail(node: RootOperationNode): boolean {
  if (node.kind === 'RawNode') return /^\s*select mark_sent\(/.test(node.sqlFragments.join(''));
  return node.kind === 'UpdateQueryNode' && /"name":"delivery"/.test(JSON.stringify(node.table));
}

/** A process that dies in the instant after the mail server's 250. */
function withoutSettle(db: Db): Db {
  return failing(db, () => true);
}
