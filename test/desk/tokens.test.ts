import t from 'tap';
import { buildApp } from '../../src/app.ts';
import { connect } from '../../src/db.ts';
import { bootstrapToken, createToken } from '../../src/staff/tokens.ts';
import { links, openApp, token as ownersToken, testConfig } from '../fixtures/app.ts';
import { freshDatabase, freshUrl, onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { emptyDir } from '../fixtures/process.ts';

const bug = { title: 'Export gives an empty file', kind: 'bug', message: 'We know about this.' };
const day = 86_400_000;

onBoth(t, 'an owner makes a token, reads it once, and revokes it', async (t, base) => {
  const desk = await openDesk(t, base, { role: 'owner' });
  const call = async (token: string, method: 'GET' | 'POST' = 'GET') =>
    (
      await desk.app.inject({
        method,
        url: '/api/v1/issues',
        headers: { authorization: `Bearer ${token}` },
        ...(method === 'POST' ? { payload: bug } : {}),
      })
    ).statusCode;
  const made = await desk.post('/admin/tokens', { name: 'the deploy pipeline', scope: ['read'], days: '30' });
  t.equal(made.status, 200);
  t.equal(made.headers['cache-control'], 'no-store');
  const [, token = ''] = /<code>(candor_[\w-]{43})<\/code>/.exec(made.html) ?? [];
  t.equal(await call(token), 200);
  t.equal(await call(token, 'POST'), 403, 'only what it may do');
  const list = await desk.get('/admin/tokens');
  t.match(list.html, 'the deploy pipeline');
  t.notMatch(list.html, token, 'never again');
  t.notMatch(JSON.stringify(await base.db.selectFrom('audit').selectAll().execute()), token.slice(7));

  const row = await base.db
    .selectFrom('api_token')
    .selectAll()
    .where('name', '=', 'the deploy pipeline')
    .executeTakeFirstOrThrow();
  t.same([row.scopes, row.expires_at], [['read'], new Date(desk.clock.now.getTime() + 30 * day)]);
  t.match(await desk.post(`/admin/tokens/${row.id}/revoke`), {
    status: 303,
    to: '/admin/tokens?said=revoked',
  });
  t.equal(await call(token), 401);
  t.match((await desk.get('/admin/tokens')).html, /revoked/);
  t.equal((await desk.post('/admin/tokens/zzzzzzzzzzzz/revoke')).status, 404);

  for (const [fields, field] of [
    [{ name: '', scope: 'read' }, 'name'],
    [{ name: 'x' }, 'scope'],
    [{ name: 'x', scope: 'everything' }, 'scope'],
    [{ name: 'x', scope: 'read', days: '0' }, 'days'],
    [{ name: 'x', scope: 'read', days: 'soon' }, 'days'],
    [{ name: 'ADMIN_TOKEN', scope: 'read' }, 'name'],
  ] as [Record<string, string>, string][]) {
    const refused = await desk.post('/admin/tokens', fields);
    t.equal(refused.status, 400, JSON.stringify(fields));
    t.match(refused.html, `id="${field}-error"`);
  }
  const lines = await base.db.selectFrom('audit').selectAll().orderBy('seq').execute();
  t.match(
    lines.map(({ who, act, about }) => [who, act, about]),
    [
      ['Sue', 'made an API token', `token:${row.id}`],
      ['Sue', 'revoked an API token', `token:${row.id}`],
    ],
  );
  t.equal(lines.length, 2);
  const ben = await desk.colleague({ role: 'support' });
  t.equal((await ben.get('/admin/tokens')).status, 403);
  t.equal((await ben.post('/admin/tokens', { name: 'x', scope: 'read' })).status, 403);
});

t.test('a token that is revoked on one replica is void on the other at the next call', async (t) => {
  const databaseUrl = await freshUrl(t);
  const open = async () => {
    const base = await connect({ databaseUrl, dataDir: '' });
    t.teardown(() => base.close());
    return base;
  };
  const here = await openDesk(t, await open(), { role: 'owner' });
  const there = await buildApp({ config: testConfig(), database: await open(), links });
  t.teardown(() => there.close());
  const made = await here.post('/admin/tokens', { name: 'n', scope: ['read', 'write'], days: '' });
  const [, token] = /<code>(candor_[\w-]+)<\/code>/.exec(made.html)!;
  const call = async () =>
    (await there.inject({ url: '/api/v1/issues', headers: { authorization: `Bearer ${token}` } })).statusCode;
  t.equal(await call(), 200);
  const [, id] =
    /\/admin\/tokens\/([0-9a-z]{12})\/revoke"(?:(?!revoke").)*Revoke<span class="unseen"> n</s.exec(
      (await here.get('/admin/tokens')).html,
    )!;
  await here.post(`/admin/tokens/${id}/revoke`);
  t.equal(await call(), 401);
});

onBoth(t, 'what a program changes stands in the audit under its token’s name', async (t, base) => {
  const { api } = await openApp(t, base);
  const { body: part } = await api('POST', '/components', { name: 'Export' });
  const key = { 'idempotency-key': 'once' };
  const { body: issue } = await api('POST', '/issues', bug, key);
  await api('POST', '/issues', bug, key);
  await api('POST', '/issues', { ...bug, title: 7 });
  await api('PATCH', `/issues/${issue.id}`, { impact: 'major' });
  await api('POST', `/issues/${issue.id}/updates`, {
    status: 'identified',
    message: 'Found: a canary word.',
  });
  await api('POST', `/issues/${issue.id}/reports`, [{ email: 'canary@mail.example', message: 'canary' }]);
  await api('GET', `/issues/${issue.id}`);
  const lines = await base.db.selectFrom('audit').selectAll().orderBy('seq').execute();
  t.same(
    lines.map(({ who, about }) => `${who} ${about}`),
    [
      `token “test” component:${part.id}`,
      ...Array(4).fill(`token “test” issue:${issue.id}`), // a repeat is no second deed
    ],
  );
  for (const line of lines) t.match(line.act, /^[A-Z]?[a-z]+ /);
  t.notMatch(JSON.stringify(lines), /canary|empty file/, 'never what was said, never an address');
});

t.test('a bootstrap token that was revoked stays so over a restart', async (t) => {
  const { db } = await freshDatabase(t, 'embedded');
  const dataDir = emptyDir(t);
  const now = new Date();
  const { token } = (await bootstrapToken(db, { adminToken: null, dataDir }, now))!;
  await db.updateTable('api_token').set({ revoked_at: now }).execute();
  await bootstrapToken(db, { adminToken: null, dataDir }, now);
  t.equal((await db.selectFrom('api_token').selectAll().where('revoked_at', 'is', null).execute()).length, 0);
  t.match(token, /^candor_/);
  await createToken(db, { name: 'n', scopes: ['read'], expiresAt: null, token: ownersToken }, now);
});
