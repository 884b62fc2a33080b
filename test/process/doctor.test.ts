import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { connect } from '../../src/db.ts';
import { diskFinding } from '../../src/doctor/disk.ts';
import { examineLedger } from '../../src/doctor/ledger.ts';
import { examineAddress } from '../../src/doctor/page.ts';
import { examineSender } from '../../src/doctor/sender-dns.ts';
import { sealLedger } from '../../src/ledger/seal.ts';
import { testConfig } from '../fixtures/app.ts';
import { freePort, freshUrl, onBoth } from '../fixtures/db.ts';
import { aHook } from '../fixtures/hooks.ts';
import { anIssue, reportsOf, resolve } from '../fixtures/outbox.ts';
import { adminToken, candor, dataDir, emptyDir, root } from '../fixtures/process.ts';
import { behindOurBack, sayALittleOfEverything } from '../fixtures/said.ts';
import { smtpServer } from '../fixtures/smtp.ts';

const password = 'WRONG-SECRET';

t.test('the doctor finds a healthy server healthy, and says what ails a sick one', async (t) => {
  const smtp = await smtpServer(t, { login: { user: 'candor', pass: 'right' } });
  const databaseUrl = await freshUrl(t);
  const env = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: emptyDir(t),
    PORT: String(await freePort()),
    ADMIN_TOKEN: adminToken,
    NOTIFIER: 'off',
    SMTP_URL: smtp.url,
  };
  const server = candor(t, env);
  await server.url;
  const well = await run(t, env, 'doctor');
  t.equal(well.code, 0, well.stdout);
  t.notMatch(well.stdout, 'FAIL');
  for (const line of [
    /^ok {4}database +PostgreSQL \d+/m,
    /^ok {4}migrations/m,
    /^ok {4}clock +/m,
    /^ok {4}disk/m,
    /^ok {4}page +BASE_URL http:\/\/localhost:\d+ answers/m,
    /^warn {2}mail server +127\.0\.0\.1:\d+ takes us, in the clear, with a login/m,
    /^ok {4}mail queue +Nothing waits/m,
    /^ok {4}ledger +Nothing was said yet/m,
    /^warn {2}staff[^\n]*\n +→ .*candor staff add/m,
  ])
    t.match(well.stdout, line);

  const { db, close } = await connect({ databaseUrl, dataDir: '' });
  const issue = await anIssue(db);
  await reportsOf(db, issue, ['canary@example.com']);
  await resolve(db, issue, 'Mended.', 'fixed', new Date(Date.now() - 15 * 60_000));
  const wrong = { ...env, SMTP_URL: smtp.url.replace('right', password) };
  const sick = await run(t, wrong, 'doctor', '--json');
  const { ok, checks } = JSON.parse(sick.stdout);
  t.match([sick.code, ok], [1, false]);
  const of = (check: string) => checks.find((one: { check: string }) => one.check === check);
  t.match(of('mail server'), { state: 'FAIL', says: /refuses our login/, next: /SMTP_URL/ });
  t.match(of('mail queue'), {
    state: 'FAIL',
    says: /^1 mail waits, the oldest for 15 minutes/,
    next: /NOTIFIER=on/,
  });
  await db
    .updateTable('sending')
    .set({ held_since: new Date(), held_reason: 'a backup was brought back' })
    .execute();
  await db
    .insertInto('suppression')
    .values({ address_key: 'x@y.example', reason: 'x', created_at: new Date() })
    .execute();
  const held = await run(t, env, 'doctor');
  t.match(
    held.stdout,
    /^warn {2}mail queue +1 mail waits, and nothing goes out since \d+ .*UTC: a backup was brought back\.\n +→ .*candor sending resume/m,
  );
  t.match(held.stdout, '1 address gets no mail any more: 1 since mail to it came back or was refused.');
  t.match(held.stdout, /^ok {4}webhooks/m);
  await db
    .insertInto('suppression')
    .values({ address_key: 'z@y.example', reason: 'she asked', source: 'staff', created_at: new Date() })
    .execute();
  const hook = await aHook(db, 'https://hooks.example.com/x', { paused_at: new Date() });
  for (const state of ['failed', 'queued'] as const)
    await db
      .insertInto('delivery')
      .values({
        id: randomUUID(),
        event: `hook_test:${state}`,
        template: 'hook_test',
        webhook_id: hook,
        address: `hook@${hook}`,
        message_id: `<${state}@example.com>`,
        state,
        ended_at: state === 'failed' ? new Date() : null,
        due_at: new Date(),
        created_at: new Date(),
      })
      .execute();
  const hooked = await run(t, env, 'doctor');
  t.match(hooked.stdout, /^warn {2}webhooks +1 webhook is paused, and 1 message failed for good/m);
  t.match(hooked.stdout, /^ok {4}failed mail +None/m, 'a webhook is no mail');
  t.match(hooked.stdout, 'mail queue         1 mail waits');
  t.match(hooked.stdout, 'any more: 1 since mail to it came back or was refused, 1 put there by hand');
  await sql`delete from migration where name like '0004%'`.execute(db);
  const behind = await run(t, env, 'doctor');
  t.match(behind.stdout, /^FAIL {2}migrations +It lacks 0004.*\n +→ `candor migrate`/m);
  const { rows } = await sql`select from migration where name like '0004%'`.execute(db);
  t.same(rows, [], 'it migrates nothing itself');
  await close();
  for (const one of [well, sick, held, behind]) {
    t.notMatch(
      one.stdout + one.stderr,
      new RegExp(`${password}|right@|postgres:postgres|${adminToken}|canary`),
    );
  }
  t.equal(smtp.received.length, 0, 'and sends nothing');
});

onBoth(t, 'entries cut off the end of the ledger are missed by a mail that named one', async (t, { db }) => {
  t.match(await examineLedger(db), { state: 'ok', says: 'Nothing was said yet.' });
  await sayALittleOfEverything(db);
  const { seq } = await sealLedger(db);
  await db.updateTable('delivery').set({ ledger_seq: seq }).execute();
  t.match(await examineLedger(db), { state: 'ok', says: new RegExp(`^It has ${seq} entr`) });
  await behindOurBack(t, db, sql`delete from ledger where seq = ${seq}`);
  t.match(await examineLedger(db), {
    state: 'FAIL',
    says: new RegExp(`ends with entry ${seq - 1}, but a mail named entry ${seq}`),
    next: /backup/,
  });
});

t.test('an embedded database in use is asked through its server; otherwise it is opened', async (t) => {
  const env = { DATA_DIR: await dataDir(t), PORT: String(await freePort()), ADMIN_TOKEN: adminToken };
  const alone = await run(t, env, 'doctor');
  t.match(alone, { code: 1, stdout: /^ok {4}durability .*power loss/m });
  t.match(alone.stdout, /^FAIL {2}page +Nothing answers at BASE_URL/m);
  const server = candor(t, env);
  await server.url;
  const beside = await run(t, env, 'doctor');
  t.match(beside, {
    code: 0,
    stdout: /^ok {4}database +The server that uses the embedded database is ready/m,
  });
  t.match(beside.stdout, /^ok {4}mail queue/m);
  const empty = { DATA_DIR: join(emptyDir(t), 'data'), PORT: env.PORT };
  t.match(await run(t, empty, 'doctor'), {
    code: 1,
    stdout: /^FAIL {2}database +There is none .*\n +→ `candor start`/m,
  });
  t.notOk(existsSync(empty.DATA_DIR), 'and makes none');
});

t.test('a backup goes from one database to another by hand, and mail waits until it is let go', async (t) => {
  const cwd = emptyDir(t);
  const from = { DATA_DIR: await dataDir(t) };
  const first = await connect({ databaseUrl: null, dataDir: from.DATA_DIR });
  const issue = await anIssue(first.db);
  await reportsOf(first.db, issue, ['canary@example.com']);
  await resolve(first.db, issue);
  await first.close();
  const made = await run(t, from, { cwd }, 'export');
  const [file = ''] = readdirSync(cwd);
  t.match(made, { code: 0, stdout: '', stderr: /report: 1\n[\s\S]*Keep it like a password/ });
  t.match(file, /^candor-\d{4}-\d\d-\d\d\.jsonl\.gz$/);
  t.same(readdirSync(cwd), [file], 'and nothing else');
  t.equal(statSync(join(cwd, file)).mode & 0o777, 0o600);
  const was = readFileSync(join(cwd, file));
  for (const again of [['export'], ['export', file]])
    t.match(await run(t, from, { cwd }, ...again), { code: 1, stderr: /is there already.*--force/ });
  t.same(readFileSync(join(cwd, file)), was, 'left as it was');
  t.equal((await run(t, from, { cwd }, 'export', '--force')).code, 0);
  t.notSame(readFileSync(join(cwd, file)), was, 'replaced when asked');
  t.same(readdirSync(cwd), [file]);

  const to = {
    DATABASE_URL: await freshUrl(t, { empty: true }),
    DATA_DIR: emptyDir(t),
    ADMIN_TOKEN: adminToken,
  };
  const tried = await run(t, to, { cwd }, 'import', file, '--dry-run');
  t.match(tried, { code: 0, stdout: /Nothing was changed/, stderr: /A backup of “Status” .*report 1/ });
  const done = await run(t, to, { cwd }, 'import', file);
  t.match(done, { code: 0, stdout: /1 mail was queued in it.*candor sending resume/s });
  const server = candor(t, to);
  await server.url;
  t.match(server.stdout(), /no mail goes out since .*a backup of .* was brought back.*candor sending resume/);
  const again = await run(t, to, { cwd }, 'import', file);
  t.match(again, { code: 1, stderr: /Candor is running on this database\. Stop every process/ });
  const waits = await run(t, to, 'sending');
  t.match(
    waits.stdout,
    /^held since .*a backup of .*\n.*candor sending resume.*\n1 waiting {2}resolved \(mail\)/,
  );
  t.match(await run(t, to, 'sending', 'resume', '--cancel-queued'), {
    code: 0,
    stdout: /^1 queued mail was cancelled/,
  });
  t.match(await run(t, to, 'sending', 'resume'), { code: 0, stdout: /nothing to do/ });
  t.match(await run(t, to, 'sending'), { stdout: 'mail goes out\nnothing waits\n' });
  server.kill('SIGTERM');
  await server.ended;
  t.notMatch(server.printed(), 'canary');
  const there = await run(t, to, { cwd }, 'import', file);
  t.match(there, {
    code: 1,
    stderr: /^A backup.*\ncandor: This database is in use: there are rows in issue\b/,
  });
  t.match(await run(t, to, { cwd }, 'import', 'none.gz'), {
    code: 1,
    stderr: /^candor: The file cannot be read/,
  });
});

t.test('what the DNS says of the sender is read as mail servers read it', async (t) => {
  const spf = (...records: string[]) => ({ 'x.example': records.map((text) => [text]) });
  const table: [zone: Record<string, string[][]>, check: string, state: string, says: RegExp][] = [
    [{}, 'SPF', 'warn', /does not say which servers/],
    [spf('google-site-verification=1', 'v=spf1 include:y.example ~all'), 'SPF', 'ok', /one record/],
    [{ 'x.example': [['v=spf1 include:y.ex', 'ample -all']] }, 'SPF', 'ok', /include:y\.example -all/],
    [spf('v=spf1 a -all', 'v=spf1 mx -all'), 'SPF', 'FAIL', /2 SPF records/],
    [spf('v=spf1 +all'), 'SPF', 'FAIL', /everybody may send/],
    [spf('v=spf1 all'), 'SPF', 'FAIL', /everybody may send/],
    [spf('v=spf1 mx'), 'SPF', 'warn', /does not name/],
    [spf('v=spf1 redirect=y.example'), 'SPF', 'ok', /one record/],
    [spf('v=spf10 +all'), 'SPF', 'warn', /does not say which/],
    [{}, 'DKIM', 'FAIL', /no key at s1\._domainkey\.x\.example/],
    [{ 's1._domainkey.x.example': [['v=DKIM1; k=rsa; p=MIG', 'fMA0']] }, 'DKIM', 'ok', /There is a key/],
    [{ 's1._domainkey.x.example': [['v=DKIM1; p=']] }, 'DKIM', 'FAIL', /revoked/],
    [{}, 'DMARC', 'warn', /only claims/],
    [{ '_dmarc.x.example': [['v=DMARC1; p=reject']] }, 'DMARC', 'ok', /p=reject/],
    [{ '_dmarc.x.example': [['v=DMARC1;p=none']] }, 'DMARC', 'ok', /only watches/],
    [{ '_dmarc.x.example': [['v=DMARC1; rua=mailto:a@x.example']] }, 'DMARC', 'warn', /no policy/],
    [{ '_dmarc.x.example': [['v=DMARC1; p=none'], ['v=DMARC1; p=none']] }, 'DMARC', 'FAIL', /2 records/],
  ];
  for (const [zone, check, state, says] of table) {
    const found = await examineSender('status@x.example', zoneOf(zone), 's1');
    t.match(
      found.find((one) => one.check === check),
      { state, says },
      `${check}: ${JSON.stringify(zone)}`,
    );
  }
  const above = { '_dmarc.x.example': [['v=DMARC1; p=quarantine']] };
  const [, dkim, dmarc] = await examineSender('status@mail.X.example', zoneOf(above), null);
  t.match(dmarc, { state: 'ok', says: /_dmarc\.x\.example/ }, 'a domain above it speaks for it');
  t.match(dkim, { state: 'warn', next: /--dkim-selector/ });
  const dead = {
    resolveTxt: () => Promise.reject(Object.assign(new Error('queryTxt ETIMEOUT'), { code: 'ETIMEOUT' })),
  };
  for (const one of await examineSender('status@x.example', dead, 's1'))
    t.match(one, { state: 'warn', says: /does not answer .*ETIMEOUT/ });
  t.match(await examineSender('status@localhost', dead, null), [
    { state: 'warn', says: /no mail server outside/ },
  ]);
});

t.test('settings that cost others dearly are named', async (t) => {
  const named = (env: Record<string, string>) =>
    examineAddress(testConfig(env))
      .filter(({ state }) => state !== 'ok')
      .map(({ check }) => check);
  t.same(named({}), ['proxy']);
  t.same(named({ TRUST_PROXY: 'loopback' }), []);
  t.same(named({ BASE_URL: 'http://status.example.com' }), ['address']);
  t.same(named({ BASE_URL: 'http://localhost:3000', SUPPORT_URL: '', SUPPORT_EMAIL: '' }), [
    'address',
    'support',
  ]);
  t.same(
    named({ TRUST_PROXY: 'loopback', SUPPORT_URL: '', SUPPORT_EMAIL: '', SUPPORT_PHONE: '030 123456' }),
    [],
  );
  const gb = 1024 ** 3;
  t.same(
    [gb * 2, gb / 2, gb / 20].map((free) => diskFinding('/data', free).state),
    ['ok', 'warn', 'FAIL'],
  );
});

function zoneOf(zone: Record<string, string[][]>) {
  return {
    async resolveTxt(name: string) {
      const found = zone[name];
      if (!found) throw Object.assign(new Error(`queryTxt ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
      return found;
    },
  };
}

/** Runs one command to its end. */
async function run(t: Test, env: Record<string, string>, ...rest: (string | { cwd: string })[]) {
  const args = rest.filter((one) => typeof one === 'string');
  const cwd = rest.find((one) => typeof one === 'object')?.cwd ?? root;
  const one = candor(t, env, { cwd, command: [process.execPath, join(root, 'dist/cli.js'), ...args] });
  const { code } = await one.ended;
  return { code, stdout: one.stdout(), stderr: one.stderr() };
}
