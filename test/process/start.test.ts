import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { connect } from '../../src/db.ts';
import { freePort, freshUrl } from '../fixtures/db.ts';
import { adminToken, type Candor, candor, dataDir, emptyDir, root } from '../fixtures/process.ts';

t.test('it starts with nothing configured in an empty directory, and stops gracefully', async (t) => {
  const cwd = emptyDir(t);
  const one = candor(t, {}, { cwd });
  const url = await one.url;
  t.match(one.printed(), /making a database; this first time/);
  t.equal((await fetch(`${url}/readyz`)).status, 200);
  t.equal((await fetch(`${url}/healthz`)).status, 200);
  t.equal((await fetch(url)).status, 200);
  const token = readFileSync(join(cwd, 'data/admin-token'), 'utf8').trim();
  t.equal(statSync(join(cwd, 'data/admin-token')).mode & 0o777, 0o600);
  t.equal(one.printed().split(token).length - 1, 1, 'the token is printed once');
  const known = await fetch(`${url}/api/v1/issues`, { headers: { authorization: `Bearer ${token}` } });
  t.equal(known.status, 200);
  await stopsWell(t, one, 'SIGTERM');
  t.notOk(existsSync(join(cwd, 'data/db.lock')), 'its lock is gone');

  const again = candor(t, {}, { cwd });
  await again.url;
  t.notMatch(again.printed(), token, 'and never again');
  t.notMatch(again.printed(), 'making a database');
  await stopsWell(t, again, 'SIGINT');
});

t.test('a second signal while it stops, as npm sends one, does not make it fail', async (t) => {
  const one = candor(t, { DATA_DIR: await dataDir(t) });
  await one.url;
  one.kill('SIGTERM');
  await sleep(30);
  one.kill('SIGTERM');
  t.match(await one.ended, { code: 0 });
});

for (const told of ['its process group', 'npm alone']) {
  t.test(`npm start stops gracefully when a supervisor tells ${told}`, async (t) => {
    const one = candor(t, { DATA_DIR: await dataDir(t) }, { cwd: root, command: ['npm', 'start'] });
    const url = await one.url;
    t.equal((await fetch(`${url}/readyz`)).status, 200);
    await stopsWell(t, one, 'SIGTERM', told === 'npm alone');
    await t.rejects(fetch(`${url}/readyz`), 'nobody is left behind');
  });
}

t.test('it runs on PostgreSQL, and stops gracefully', async (t) => {
  const one = candor(t, { DATABASE_URL: await freshUrl(t), DATA_DIR: emptyDir(t) });
  t.equal((await fetch(`${await one.url}/readyz`)).status, 200);
  await stopsWell(t, one, 'SIGTERM');
});

t.test('a start that cannot be ends with one clear line that names the variable', { jobs: 2 }, async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const port = String((taken.address() as { port: number }).port);
  const good = await freshUrl(t);
  const wrong = (change: (url: URL) => void) => {
    const url = new URL(good);
    change(url);
    return url.href;
  };
  const deaf = await freePort();
  const blocked = join(emptyDir(t), 'a-file');
  writeFileSync(blocked, '');
  const table: [env: Record<string, string>, line: RegExp][] = [
    [{ PORT: '70000' }, /^candor: PORT must be a port number/],
    [{ PORT: 'http' }, /^candor: PORT must be/],
    [{ BASE_URL: 'status.example.com' }, /^candor: BASE_URL must be an http/],
    [{ BASE_URL: 'https://example.com/status' }, /^candor: BASE_URL must be an origin/],
    [{ DATABASE_URL: 'nonsense' }, /^candor: DATABASE_URL must be postgres:/],
    [{ DATABASE_URL: 'mysql://localhost/x' }, /^candor: DATABASE_URL must be postgres:/],
    [{ SMTP_URL: 'mail.example.com' }, /^candor: SMTP_URL must be smtp:/],
    [{ MAIL_FROM: 'nobody' }, /^candor: MAIL_FROM must look like/],
    [{ PAGE_NAME: 'x'.repeat(81) }, /^candor: PAGE_NAME must be at most/],
    [{ SUPPORT_URL: 'javascript:alert(1)' }, /^candor: SUPPORT_URL must be/],
    [{ SUPPORT_EMAIL: 'help' }, /^candor: SUPPORT_EMAIL must be/],
    [{ SUPPORT_PHONE: 'call us' }, /^candor: SUPPORT_PHONE must be a phone number/],
    [{ SUPPORT_HOURS: 'x'.repeat(121) }, /^candor: SUPPORT_HOURS must be at most/],
    [{ ADMIN_TOKEN: 'short' }, /^candor: ADMIN_TOKEN must have at least/],
    [{ NOTIFIER: 'yes' }, /^candor: NOTIFIER must be on or off/],
    [{ NOTIFIER_CRON: 'now and then' }, /^candor: NOTIFIER_CRON must be/],
    [{ TRUST_PROXY: 'true' }, /^candor: TRUST_PROXY must be/],
    [{ LOG_LEVEL: 'loud' }, /^candor: LOG_LEVEL must be/],
    [{ OIDC_ISSUER: 'login.example.com' }, /^candor: OIDC_ISSUER must be an https/],
    [{ OIDC_ISSUER: 'http://login.example.com' }, /^candor: OIDC_ISSUER must begin with https/],
    [{ OIDC_ISSUER: 'https://login.example.com' }, /^candor: OIDC_CLIENT_ID must be set too/],
    [
      { OIDC_ISSUER: 'http://127.0.0.1:9', OIDC_CLIENT_ID: 'candor' },
      /^candor: OIDC_CLIENT_SECRET must be set too, since OIDC_ISSUER is/,
    ],
    [{ OIDC_CLIENT_SECRET: 'WRONG-SECRET' }, /^candor: OIDC_ISSUER must be set too/],
    [{ OIDC_ROLE_CLAIM: 'groups' }, /^candor: OIDC_ISSUER must be set too, since OIDC_ROLE_CLAIM is/],
    [{ OIDC_DOMAIN: '@example.com' }, /^candor: OIDC_DOMAIN must be a domain/],
    [{ DATA_DIR: join(blocked, 'data') }, /^candor: DATA_DIR/],
    [{ DATABASE_URL: wrong((url) => (url.port = String(deaf))) }, /^candor: DATABASE_URL: no connection/],
    [{ DATABASE_URL: wrong((url) => (url.password = 'WRONG-SECRET')) }, /^candor: DATABASE_URL: .*password/],
    [{ DATABASE_URL: wrong((url) => (url.pathname = '/nobodys')) }, /^candor: DATABASE_URL: .*nobodys/],
    [{ DATABASE_URL: good, PORT: port }, new RegExp(`^candor: PORT ${port} on 127.0.0.1 is in use`)],
    [{ DATABASE_URL: good, HOST: '203.0.113.7' }, /^candor: HOST 203.0.113.7/],
  ];
  for (const [env, line] of table) {
    t.test(Object.entries(env).join(' '), async (t) => {
      const one = candor(t, { DATA_DIR: emptyDir(t), ADMIN_TOKEN: adminToken, ...env });
      const { code, afterMs } = await one.ended;
      t.equal(code, 1);
      t.ok(afterMs < 10_000, `after ${afterMs} ms`);
      const lines = one.stderr().trim().split('\n');
      t.match(lines[0], line);
      t.equal(lines.length, 1, one.stderr());
      t.notMatch(one.printed(), /WRONG-SECRET|\n {4}at /);
    });
  }
});

t.test('where it cannot listen, it leaves the database as it was', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const databaseUrl = await freshUrl(t, { empty: true });
  const PORT = String((taken.address() as AddressInfo).port);
  const one = candor(t, { DATABASE_URL: databaseUrl, DATA_DIR: emptyDir(t), PORT });
  t.equal((await one.ended).code, 1);
  t.match(one.stderr(), /^candor: PORT/);
  const { db, close } = await connect({ databaseUrl, dataDir: '', poolSize: 1 });
  t.teardown(close);
  const { rows } = await sql`select from pg_class where relnamespace = 'public'::regnamespace`.execute(db);
  t.equal(rows.length, 0);
});

async function stopsWell(t: Test, one: Candor, signal: NodeJS.Signals, alone = false): Promise<void> {
  const before = Date.now();
  if (alone) process.kill(one.pid, signal);
  else one.kill(signal);
  const late = sleep(12_000).then(() => 'is still there after 12 s');
  t.match(await Promise.race([one.ended, late]), { code: 0, signal: null }, one.printed());
  t.ok(Date.now() - before < 10_000, `${signal}: ${Date.now() - before} ms`);
}
