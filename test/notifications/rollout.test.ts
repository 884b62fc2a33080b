import { sql } from 'kysely';
import PostalMime from 'postal-mime';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { readCountsNow } from '../../src/ledger/count.ts';
import { readStanding } from '../../src/metrics-now.ts';
import { oweReached } from '../../src/notifications/outbox.ts';
import { readWaiting } from '../../src/notifications/waiting.ts';
import { links, openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { drained, notify, until } from '../fixtures/outbox.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';
import { textOf } from '../fixtures/text.ts';

const region = (...any_of: string[]) => [{ trait: 'region', any_of }];
const bug = {
  title: 'Export gives an empty file',
  kind: 'bug',
  message: 'We know about this. It is not your fault.',
  affected: [...region('EU', 'US', 'Asia'), { trait: 'version', from: '4.0', before: '4.3' }],
};

onBoth(t, 'forty people hear of the fix when it reaches them, each once', async (t, base) => {
  const smtp = await smtpServer(t);
  const { app, api, clock } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  const groups = { eu: 'EU', us: 'US', asia: 'Asia', else: 'something else', none: '' };
  for (const [group, where] of Object.entries(groups)) {
    for (let n = 0; n < 8; n++) {
      const payload = { email: `${group}${n}@example.com`, ...(where && { region: where, version: '4.1' }) };
      const { statusCode } = await app.inject({ method: 'POST', url: `/issues/${id}/me-too`, payload });
      t.equal(statusCode, 303);
    }
  }
  // A second report, in other letters: by it she is in the EU too, and one that says nothing changes nothing.
  await app.inject({
    method: 'POST',
    url: `/issues/${id}/me-too`,
    payload: { email: 'US0@Example.com', region: 'eu' },
  });
  await app.inject({ method: 'POST', url: `/issues/${id}/me-too`, payload: { email: 'us1@example.com' } });
  await base.db.deleteFrom('delivery').execute(); // the receipts are not what is counted
  const told = told_(smtp);
  let running = notify(t, base.db, smtp.url, { now: () => clock.now });

  const closed = await api('POST', `/issues/${id}/updates`, {
    status: 'resolved',
    message: 'The new version is on its way.',
    fixed_for: region('EU'),
  });
  t.equal(closed.status, 201);
  await waitsOnly(base.db);
  t.same(told(), { eu: 8, us: 1, none: 8 }, 'those in the EU, and whoever told us nothing');
  t.match((await api('GET', `/issues/${id}/notifications`)).body, { total: 40, queued: 23, sent: 17 });
  const { queued, due } = await readStanding(base.db, new Date('2027-01-01T00:00:00Z'));
  t.same({ queued: queued.mail, due: due.mail }, { queued: 0, due: null }, 'nothing of it is stuck');
  t.same(
    (await readWaiting(base.db)).kinds.filter(({ to }) => to === 'mail'),
    [],
  );

  const page = await app.inject(`/issues/${id}`);
  t.match(page.payload, /Fixed so far in the region EU\. We say here when it reaches others\./);
  const narrower = await api('PATCH', `/issues/${id}`, { fixed_for: region('US') });
  t.equal(narrower.status, 400, 'who was told that it is fixed stays told');
  t.match(narrower.body.errors, [{ path: 'fixed_for', message: /everybody it had reached before/ }]);

  const some = await letterTo(smtp, 'none3@example.com');
  t.equal(some.subject, 'Fixed for some: Export gives an empty file');
  t.match(some.text, /Tell us what you use, and we write to you .*\/r\/[^ ]+#reach/);
  t.match(textOf(page.payload), /9 were told it is fixed\. 8 were told that it is fixed for some\./);
  const closedAt = clock.now;
  clock.now = new Date(closedAt.getTime() + 100 * 3_600_000);

  for (const _ of [1, 2]) {
    const wider = await api('PATCH', `/issues/${id}`, { fixed_for: region('EU', 'US') });
    t.same(wider.body.fixed_for, region('EU', 'US'));
    await waitsOnly(base.db);
    t.same(told(), { eu: 8, us: 8, none: 8 }, 'those in the US now too');
  }
  const mail = await letterTo(smtp, 'us5@example.com');
  t.equal(Date.parse(mail.date!), clock.now.getTime(), 'its date is that of the news');
  t.equal(Date.parse(some.date!), closedAt.getTime());
  t.equal(mail.subject, 'Fixed for you: Export gives an empty file');
  t.match(
    mail.text,
    /It is fixed for you now\. .* until, by what you told us that you use, it had reached you\./,
  );

  await running.notifier.stop(1_000);
  await api('PATCH', `/issues/${id}`, { fixed_for: null });
  running = notify(t, base.db, smtp.url, { now: () => clock.now });
  await drained(base.db);
  t.same(told(), { eu: 8, us: 8, asia: 8, else: 8, none: 16 }, 'and everybody in the end');
  const subjects = smtp
    .accepted()
    .map(({ to, raw }) => `${to[0]!.toLowerCase()} ${/^Subject: .*/m.exec(raw)}`);
  t.equal(new Set(subjects).size, subjects.length, 'nobody is told the same twice');
  const last = await letterTo(smtp, 'asia2@example.com');
  t.match(
    last.text,
    /It is fixed for everybody now, and so for you too\. .* it had not reached you, so we waited/,
  );
  t.equal(subjects.filter((one) => /^none\d.*Fixed for everybody now: Export/.test(one)).length, 8);
  await base.db.transaction().execute((trx) => oweReached(trx, id, clock.now));
  t.match((await api('GET', `/issues/${id}/notifications`)).body, {
    total: 48,
    queued: 0,
    reporters: { people: 40, told: 40, told_for_some: 0 },
  });
  t.match(await countsOf(base.db, id), { owed: 40, sent: 40 }, 'each person is counted once');
  t.match(
    (await app.inject(`/issues/${id}`)).payload,
    /The fix reached more people/,
    'each step stays visible',
  );
  const { rows } = await sql<{ type: string; fixed: unknown }>`
    select type, coalesce(body -> 'fixed_for', body -> 'changes' -> 'fixed_for' -> 'is') as fixed from ledger
    where type = 'update_posted' or body -> 'changes' ? 'fixed_for' order by id`.execute(base.db);
  t.same(
    rows.map(({ fixed }) => fixed),
    [region('EU'), region('EU', 'US'), null],
    'and stands in the ledger',
  );
});

onBoth(t, 'a reopening takes back what waits, and a new closing owes it anew', async (t, base) => {
  const smtp = await smtpServer(t);
  const { app, api, clock } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  const entries = ['EU', 'US', 'Asia'].map((where) => ({
    email: `${where}@example.com`,
    traits: { region: where },
  }));
  t.match((await api('POST', `/issues/${id}/reports`, entries)).body, { added: 3, rejected: [] });
  const told = () => theEnd(smtp).map((mail) => mail.to[0]!.split('@')[0]!.toLowerCase());
  notify(t, base.db, smtp.url, { now: () => clock.now });
  const close = { status: 'resolved', message: 'Fixed.', fixed_for: region('EU') };
  await api('POST', `/issues/${id}/updates`, close);
  await waitsOnly(base.db);
  t.same(told(), ['eu']);

  clock.now = new Date(clock.now.getTime() + 60_000);
  await api('POST', `/issues/${id}/updates`, { status: 'identified', message: 'It was not.' });
  t.equal((await api('GET', `/issues/${id}`)).body.fixed_for, null);
  await api('PATCH', `/issues/${id}`, { affected: null });
  const early = await api('PATCH', `/issues/${id}`, { fixed_for: region('US') });
  t.equal(early.status, 400, 'a fix belongs to an issue that is closed as fixed');
  await drained(base.db);
  t.same(told(), ['eu'], 'whoever waited hears nothing of that fix');

  clock.now = new Date(clock.now.getTime() + 60_000);
  await api('POST', `/issues/${id}/updates`, { ...close, fixed_for: region('US') });
  await waitsOnly(base.db);
  t.same(told(), ['eu', 'us']);

  // Late ones: known to be waiting, or told at once.
  const late = async (email: string, traits: object) => {
    const { headers } = await app.inject({
      method: 'POST',
      url: `/issues/${id}/me-too`,
      payload: { email, ...traits },
    });
    return String(headers.location);
  };
  const own = await late('late@example.com', { region: 'Asia', plan: 'see evil.example' });
  await waitsOnly(base.db);
  const receipt = await letterTo(smtp, 'late@example.com');
  t.match(receipt.text, /By what you told us that you use the fix has not reached you yet/);
  t.notMatch(receipt.text, /Asia|evil/, 'nothing that a visitor typed is in it');
  let hers = (await app.inject(own)).payload;
  t.match(hers, /The fix has not reached you yet\./);
  t.notMatch(hers, /Does it work for me\?/, 'she is not asked about what she does not have');

  // She was wrong about herself, or moved.
  clock.now = new Date(clock.now.getTime() + 60_000);
  const said = await app.inject({ method: 'POST', url: `${own}/traits`, payload: { region: ' us ' } });
  t.equal(said.headers.location, `${own}#reach`);
  await until(() => smtp.accepted().filter((mail) => mail.to[0] === 'late@example.com').length === 2);
  hers = (await app.inject(own)).payload;
  t.match(hers, /The fix has reached you\.<\/p>\s*<p>Since <time datetime="2026-11-21T12:02:00/);
  t.match(hers, /Does it work for me\?/);
  t.equal((await app.inject({ method: 'POST', url: `${own.slice(0, -2)}xx/traits` })).statusCode, 404);

  // Whoever leaves is told nothing, and whoever is erased leaves no trace of what she uses.
  const asia = await base.db
    .selectFrom('report')
    .select('id')
    .where('email', '=', 'Asia@example.com')
    .executeTakeFirstOrThrow();
  await app.inject({ method: 'POST', url: `/r/${links.token('report', asia.id)}/withdraw` });
  await api('PATCH', `/issues/${id}`, { fixed_for: null });
  await drained(base.db);
  t.notOk(told().includes('asia'));
  t.equal((await api('PATCH', `/issues/${id}`, { fixed_for: null })).status, 200, 'twice is the same');
});

onBoth(t, 'whoever was told “fixed for some” hears when it reaches her, once', async (t, base) => {
  const smtp = await smtpServer(t);
  const { app, api, clock } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  const own = new Map<string, string>();
  for (const name of ['ana', 'bea', 'cy']) {
    const payload = { email: `${name}@example.com` };
    const { headers } = await app.inject({ method: 'POST', url: `/issues/${id}/me-too`, payload });
    own.set(name, String(headers.location));
  }
  const told = () =>
    theEnd(smtp).map(({ to, raw }) => `${to[0]!.split('@')[0]}: ${/^Subject: (.*): /m.exec(raw)![1]}`);
  const first = ['ana', 'bea', 'cy'].map((name) => `${name}: Fixed for some`);
  notify(t, base.db, smtp.url, { now: () => clock.now });
  const close = { status: 'resolved', message: 'Fixed.', fixed_for: region('EU') };
  await api('POST', `/issues/${id}/updates`, close);
  await drained(base.db);
  t.same(told().sort(), first);
  t.match(textOf((await app.inject(`/issues/${id}`)).payload), /3 were told that it is fixed for some/);

  clock.now = new Date(clock.now.getTime() + 60_000);
  const says = (name: string, where: string) =>
    app.inject({ method: 'POST', url: `${own.get(name)}/traits`, payload: { region: where } });
  await says('ana', 'US');
  await drained(base.db);
  const hers = textOf((await app.inject(own.get('ana')!)).payload);
  t.match(hers, /Fixed for some so far\..*Fixed for some so far .*We write to you when it reaches you/);
  t.notMatch(hers, /Fixed [^f]/);
  t.equal(told().length, 3);
  for (const _ of [1, 2]) await api('PATCH', `/issues/${id}`, { fixed_for: region('EU', 'US') });
  await drained(base.db);
  t.same(told().slice(3), ['ana: Fixed for you']);

  await app.inject({ method: 'POST', url: `${own.get('cy')}/withdraw` });
  for (const _ of [1, 2]) await api('PATCH', `/issues/${id}`, { fixed_for: null });
  await says('bea', 'US');
  await drained(base.db);
  t.same(told().slice(4), ['bea: Fixed for everybody now']);
  t.match(await countsOf(base.db, id), { owed: 3, sent: 3 });

  // Opened again before the second word went: it is not said.
  clock.now = new Date(clock.now.getTime() + 60_000);
  await api('POST', `/issues/${id}/updates`, { status: 'identified', message: 'It was not.' });
  clock.now = new Date(clock.now.getTime() + 60_000);
  await base.db.updateTable('report').set({ traits: null }).execute();
  await api('POST', `/issues/${id}/updates`, close);
  await drained(base.db);
  const before = told().length;
  await base.db.updateTable('sending').set({ held_since: clock.now, held_reason: 'a test' }).execute();
  await api('PATCH', `/issues/${id}`, { fixed_for: null });
  await api('POST', `/issues/${id}/updates`, { status: 'identified', message: 'It was not.' });
  await base.db.updateTable('sending').set({ held_since: null, held_reason: null }).execute();
  const rows = await base.db
    .selectFrom('delivery')
    .select('state')
    .where('event', 'like', 'reached:%')
    .execute();
  t.same(rows.map(({ state }) => state).sort(), ['cancelled', 'cancelled', 'sent', 'sent']);
  t.equal(told().length, before);
});

onBoth(t, 'the same call twice, a step taken back, and what is refused', async (t, base) => {
  const { api } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', { ...bug, affected: undefined })).body;
  const refused: [object, RegExp][] = [
    [{ status: 'identified', message: 'x', fixed_for: region('EU') }, /closes the issue as fixed/],
    [{ status: 'resolved', resolution: 'wont_fix', message: 'x', fixed_for: region('EU') }, /as fixed/],
    [{ status: 'resolved', message: 'x', fixed_for: [] }, /null means everybody/],
    [{ status: 'resolved', message: 'x', fixed_for: [{ trait: 'region', from: 'EU' }] }, /say any_of/],
    [{ status: 'resolved', message: 'x', fixed_for: [...region('EU'), ...region('US')] }, /a trait twice/],
    [{ status: 'resolved', message: 'x', fixed_for: region('x'.repeat(61)) }, /at most 60 characters/],
    [{ status: 'resolved', message: 'x', fixed_for: [{ trait: 'shoe', any_of: ['42'] }] }, /expected one of/],
  ];
  for (const [body, why] of refused) {
    const answer = await api('POST', `/issues/${id}/updates`, body);
    t.equal(answer.status, 400);
    t.match(JSON.stringify(answer.body.errors), why);
  }
  await api('POST', `/issues/${id}/updates`, {
    status: 'resolved',
    message: 'Done.',
    fixed_for: region('EU'),
  });
  const filed = await api('POST', `/issues/${id}/reports`, {
    email: 'a@example.com',
    traits: { region: 'US' },
  });
  t.equal(filed.body.added, 1);
  const row = () => base.db.selectFrom('delivery').selectAll().executeTakeFirstOrThrow();
  const first = await row();
  t.match({ state: first.state, waits: first.waits_for_fix }, { state: 'queued', waits: true });
  await base.db.transaction().execute((trx) => oweReached(trx, id, new Date()));
  t.same(await row(), first, 'looking again changes nothing');
  const wording = await api('PATCH', `/issues/${id}`, { affected: region('EU', 'US') });
  t.same(wording.body.affected, region('EU', 'US'));
  const same = await base.db.selectFrom('ledger').select('id').execute();
  await api('PATCH', `/issues/${id}`, { affected: region('EU', 'US') });
  t.equal(
    (await base.db.selectFrom('ledger').select('id').execute()).length,
    same.length,
    'no change, no word',
  );
});

/** The mails that it is fixed. */
function theEnd(smtp: SmtpStandIn) {
  return smtp.accepted().filter(({ raw }) => /^Subject: Fixed/m.test(raw));
}

/** What the ledger would state of the mails that it is over. */
async function countsOf(db: Db, id: string) {
  return (await readCountsNow(db, [id])).get(id)!.told[0];
}

/** How many of each group the mail server took a mail for that it is fixed. */
function told_(smtp: SmtpStandIn) {
  return () => {
    const counts: Record<string, number> = {};
    for (const { to } of theEnd(smtp)) {
      const group = to[0]!.toLowerCase().replace(/\d.*/, '');
      counts[group] = (counts[group] ?? 0) + 1;
    }
    return counts;
  };
}

async function letterTo(smtp: SmtpStandIn, address: string) {
  const {
    subject,
    date,
    text = '',
  } = await PostalMime.parse(smtp.accepted().find(({ to }) => to[0] === address)!.raw);
  return { subject, date, text: text.replace(/\s+/g, ' ') };
}

/** Waits until nothing is queued but what waits for the fix. */
async function waitsOnly(db: Parameters<typeof drained>[0]): Promise<void> {
  await until(async () => {
    const row = await db
      .selectFrom('delivery')
      .select('id')
      .where('state', '=', 'queued')
      .where('waits_for_fix', '=', false)
      .executeTakeFirst();
    return row === undefined;
  });
}
