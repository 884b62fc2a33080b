import t from 'tap';
import { authenticate, createToken, revokeToken } from '../../src/staff/tokens.ts';
import { openApp, token } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

const bug = { title: 'Export gives an empty file', kind: 'bug', message: 'We know about this.' };

onBoth(t, 'without a valid token nothing is shown and nothing is done', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const call = (authorization?: string) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/issues',
      payload: bug,
      ...(authorization === undefined ? {} : { headers: { authorization } }),
    });
  for (const header of [
    undefined,
    '',
    'Bearer',
    'Bearer wrong',
    `Basic ${token}`,
    `Bearer ${token}x`,
    token,
  ]) {
    const response = await call(header);
    t.equal(response.statusCode, 401, String(header));
    t.match(response.headers, { 'content-type': /problem\+json/, 'www-authenticate': /Bearer/ });
    t.notMatch(response.body, token);
  }
  t.equal((await call(`bearer ${token}`)).statusCode, 201, 'the scheme is read in any case');

  const reader = await createToken(base.db, { name: 'r', scopes: ['read'], expiresAt: null }, clock.now);
  t.equal((await call(`Bearer ${reader.token}`)).statusCode, 403);
  const list = await app.inject({
    url: '/api/v1/issues',
    headers: { authorization: `Bearer ${reader.token}` },
  });
  t.equal(list.statusCode, 200);
});

onBoth(t, 'a token ends when it expires or is revoked, and is kept as a hash only', async (t, { db }) => {
  const now = new Date('2026-11-21T12:00:00Z');
  const soon = new Date('2026-11-21T13:00:00Z');
  const { id, token } = await createToken(db, { name: 'n', scopes: ['read'], expiresAt: soon }, now);
  t.match(token, /^candor_[A-Za-z0-9_-]{43}$/);
  t.match(await authenticate(db, token, now), { id });
  t.equal(await authenticate(db, token, new Date('2026-11-21T13:00:01Z')), null);
  const row = await db.selectFrom('api_token').selectAll().executeTakeFirstOrThrow();
  t.notMatch(JSON.stringify(row), token.slice(7));
  await revokeToken(db, id, now);
  t.equal(await authenticate(db, token, now), null);
  await t.rejects(revokeToken(db, 'zzzzzzzzzzzz', now), /no token/);
});

onBoth(t, 'an Idempotency-Key does the work once', async (t, base) => {
  const { api } = await openApp(t, base);
  const key = { 'idempotency-key': 'deploy-42' };
  const first = await api('POST', '/issues', bug, key);
  const again = await api('POST', '/issues', bug, key);
  t.equal(first.status, 201);
  t.same({ status: again.status, body: again.body }, { status: 201, body: first.body });
  t.equal((await api('GET', '/issues')).body.data.length, 1);

  t.match(await api('POST', '/issues', { ...bug, title: 'Other' }, key), {
    status: 422,
    body: { detail: /fresh/ },
  });
  t.equal((await api('POST', '/issues', { ...bug, title: 7 }, { 'idempotency-key': 'bad' })).status, 400);
  t.equal(
    (await api('POST', '/issues', bug, { 'idempotency-key': 'bad' })).status,
    201,
    'a refusal is not kept',
  );
  t.equal((await api('POST', '/issues', bug, { 'idempotency-key': 'x'.repeat(256) })).status, 400);

  const many = await Promise.all(
    Array.from({ length: 8 }, () =>
      api('POST', '/issues', { ...bug, title: 'At once' }, { 'idempotency-key': 'at-once' }),
    ),
  );
  t.same(new Set(many.map((one) => one.body.id)).size, 1, 'at once: all get the first answer');
  t.same(new Set(many.map((one) => one.status)), new Set([201]));
});
