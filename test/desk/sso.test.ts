import t, { type Test } from 'tap';
import type { Database } from '../../src/db.ts';
import { openApp } from '../fixtures/app.ts';
import { freshDatabase, onBoth } from '../fixtures/db.ts';
import { aBrowser, aPerson, type Browser, cheaply, password } from '../fixtures/door.ts';
import { type Claims, type SsoProvider, ssoProvider } from '../fixtures/sso.ts';

const domain = { OIDC_DOMAIN: 'paperboat.example', OIDC_ROLE_CLAIM: 'groups' };
const verified = (email: string, more: Claims = {}): Claims => ({
  email,
  email_verified: true,
  name: 'Eve',
  ...more,
});

onBoth(t, 'somebody of the domain comes in, and is the same person the next time', async (t, base) => {
  const { provider, open } = await withProvider(t, base, domain);
  provider.people.eve = verified('eve@paperboat.example', { name: 'Eve Fisher' });
  const { app } = await open();
  const browser = aBrowser(app);
  const door = await browser.get('/admin/sign-in?to=/admin/me');
  t.match(door.html, /href="\/admin\/sso\?to=%2Fadmin%2Fme">Sign in with single sign-on/);
  const began = await browser.get('/admin/sso?to=/admin/me');
  t.equal(began.status, 303);
  const asked = new URL(began.to).searchParams;
  t.match(Object.fromEntries(asked), {
    response_type: 'code',
    redirect_uri: 'https://status.example.com/admin/sso/back',
    code_challenge_method: 'S256',
    code_challenge: /^[\w-]{43}$/,
    state: /^[\w-]{43}$/,
    nonce: /^[\w-]{43}$/,
  });
  const [cookie = ''] = began.cookies.filter((one) => one.includes('-sso='));
  t.match(cookie, /^__Host-candor-sso=.*Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax/);
  const back = wayBack(await provider.signIn(began.to, 'eve'));
  const done = await browser.get(back);
  t.match(done, { status: 303, to: '/admin/me' });
  t.notOk(browser.cookies.has('__Host-candor-sso'), 'what was begun is over');
  const me = await browser.get('/admin/me');
  t.match(me.html, 'Eve Fisher');
  t.match(me.html, /eve@paperboat\.example, reader/);
  t.match(me.html, /so there is no password here/);
  t.equal((await browser.post('/admin/me', { what: 'password', old: '', password })).status, 400);

  provider.people.eve = verified('fisher@paperboat.example', { name: 'Eve Fisher' });
  t.equal(
    (await comeBy(provider, aBrowser(app), 'eve')).status,
    303,
    'known by her subject, whatever her address',
  );
  const rows = await base.db.selectFrom('staff').selectAll().execute();
  t.equal(rows.length, 1);
  const lines = await base.db.selectFrom('audit').selectAll().orderBy('seq').execute();
  t.equal(lines.length, 2);
  t.match(lines[0], { who: 'Eve Fisher', act: 'signed in', about: `staff:${rows[0]!.id}`, address: null });
  t.match(lines[0]!.detail, { by: 'single sign-on', role: 'reader' });

  await browser.get('/admin/forgotten');
  await browser.post('/admin/forgotten', { email: rows[0]!.email });
  t.equal(
    (await base.db.selectFrom('delivery').selectAll().execute()).length,
    0,
    'no way around the provider',
  );
});

onBoth(t, 'whom the provider does not vouch for stays out, and is told why', async (t, base) => {
  const { provider, open } = await withProvider(t, base, domain);
  const { app } = await open();
  const gone = await aPerson(base.db, { email: 'gone@paperboat.example', disabled_at: new Date() });
  const cases: [Claims, RegExp][] = [
    [verified('eve@elsewhere.example'), /not for addresses of your domain/],
    [verified('eve@sub.paperboat.example'), /not for addresses of your domain/],
    [verified('eve@notpaperboat.example'), /not for addresses of your domain/],
    [verified('eve@paperboat.example', { email_verified: false }), /does not vouch/],
    [verified('eve@paperboat.example', { email_verified: 'true' }), /does not vouch/],
    [{ name: 'Eve' }, /does not vouch/],
    [verified('eve@paperboat.example\r\nbcc: x@y.example'), /does not vouch/],
    [verified(gone.email), /disabled/],
  ];
  for (const [n, [claims, why]] of cases.entries()) {
    provider.people[`p${n}`] = claims;
    const browser = aBrowser(app);
    const refused = await comeBy(provider, browser, `p${n}`);
    t.equal(refused.status, 403);
    t.match(refused.html, why);
    t.notOk(browser.cookies.has('__Host-candor-session'));
  }
  t.equal((await base.db.selectFrom('staff').selectAll().execute()).length, 1, 'and leaves nothing behind');
  t.equal((await base.db.selectFrom('staff_session').selectAll().execute()).length, 0);
  provider.people.up = verified('EVE@PaperBoat.Example');
  t.equal(
    (await comeBy(provider, aBrowser(app), 'up')).status,
    303,
    'letters of any case are the same domain',
  );
});

onBoth(t, 'a known person is found by her address, and her role follows the claim', async (t, base) => {
  const { provider, open } = await withProvider(t, base, domain);
  const { app } = await open();
  const ana = await aPerson(base.db, { email: 'ana@paperboat.example', role: 'owner' });
  const ben = await aPerson(base.db, { email: 'Ben@paperboat.example', role: 'support', password: null });
  const role = async (id: string) =>
    (await base.db.selectFrom('staff').select('role').where('id', '=', id).executeTakeFirstOrThrow()).role;
  const come = async (subject: string, claims: Claims) => {
    provider.people[subject] = claims;
    return (await comeBy(provider, aBrowser(app), subject)).status;
  };
  t.equal(await come('ben', verified('ben@paperboat.example')), 303);
  t.equal(await role(ben.id), 'support', 'without the claim she keeps hers');
  t.equal(
    await come('ben', verified('ben@paperboat.example', { groups: ['staff', 'reader', 'owner'] })),
    303,
  );
  t.equal(await role(ben.id), 'owner', 'the highest counts');
  t.equal(await come('ben', verified('ben@paperboat.example', { groups: 'support' })), 303);
  t.equal(await role(ben.id), 'support');
  t.equal(await come('ben', verified('ben@paperboat.example', { groups: ['staff'] })), 303);
  t.equal(await role(ben.id), 'reader', 'a claim that names none');
  t.equal(await come('ana', verified('ana@paperboat.example', { groups: ['reader'] })), 303);
  t.equal(await role(ana.id), 'owner', 'but there is always an owner');
  t.equal(await come('new', verified('new@paperboat.example', { groups: ['support'] })), 303);
  t.equal(
    await come('thief', verified('ben@paperboat.example')),
    403,
    'an address that went to somebody else',
  );
  t.equal((await base.db.selectFrom('staff').selectAll().execute()).length, 3);
  await base.db
    .updateTable('staff')
    .set({ password: cheaply(password) })
    .where('id', '=', ana.id)
    .execute();
  t.equal((await aBrowser(app).signIn(ana.email)).status, 303, 'a password goes on working beside it');
});

t.test('without a domain only those who were invited come in', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const { provider, open } = await withProvider(t, base, {});
  const { app } = await open();
  await aPerson(base.db, { email: 'ana@elsewhere.example', password: null });
  provider.people.ana = verified('ana@elsewhere.example', { groups: ['reader'] });
  provider.people.eve = verified('eve@elsewhere.example');
  t.equal((await comeBy(provider, aBrowser(app), 'ana')).status, 303);
  t.match(await comeBy(provider, aBrowser(app), 'eve'), { status: 403, html: /no account for you/ });
});

t.test('an answer that was not asked for, was changed or was used opens nothing', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const { provider, open } = await withProvider(t, base, domain);
  provider.people.eve = verified('eve@paperboat.example');
  const { app, clock } = await open();
  const out = async (browser: Browser, back: string, why: string) => {
    const refused = await browser.get(back);
    t.equal(refused.status, 403, why);
    t.notOk(browser.cookies.has('__Host-candor-session'), why);
    t.notMatch(refused.html, new URL(back, 'https://x').searchParams.get('code') ?? 'nothing');
  };
  const begin = async () => {
    const browser = aBrowser(app);
    const { to } = await browser.get('/admin/sso');
    const sealed = browser.cookies.get('__Host-candor-sso')!;
    return { browser, sealed, back: wayBack(await provider.signIn(to, 'eve')) };
  };
  const forged = await begin();
  await out(forged.browser, forged.back.replace(/state=[^&]+/, 'state=forged'), 'a forged state');
  const theirs = await begin();
  await out(aBrowser(app), theirs.back, 'a browser that began nothing: her answer, sent to somebody else');
  const other = await begin();
  other.browser.cookies.set('__Host-candor-sso', theirs.sealed);
  await out(other.browser, other.back, 'begun elsewhere');
  const changed = await begin();
  changed.browser.cookies.set('__Host-candor-sso', `${changed.sealed.slice(0, -1)}x`);
  await out(changed.browser, changed.back, 'the cookie was changed');
  await out(aBrowser(app), '/admin/sso/back?error=access_denied', 'she said no');
  const no = await begin();
  await out(no.browser, no.back.replace(/code=[^&]+/, 'error=access_denied'), 'she said no, in time');

  const late = await begin();
  clock.now = new Date(clock.now.getTime() + 10 * 60_000);
  await out(late.browser, late.back, 'ten minutes later');
  const good = await begin();
  t.equal((await good.browser.get(good.back)).status, 303);
  await good.browser.get('/admin/me');
  await good.browser.post('/admin/sign-out');
  await out(good.browser, good.back, 'the same once more');
  good.browser.cookies.set('__Host-candor-sso', good.sealed);
  await out(good.browser, good.back, 'a code that was used, with its cookie');
});

t.test('a provider that is away stops nobody else, and is asked again', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const { provider, open } = await withProvider(t, base, domain);
  provider.people.eve = verified('eve@paperboat.example');
  await provider.stop();
  const { app } = await open();
  const ana = await aPerson(base.db);
  const browser = aBrowser(app);
  t.match(await browser.get('/admin/sso'), { status: 503, html: /does not answer just now/ });
  t.equal((await browser.signIn(ana.email)).status, 303);
  await provider.restart();
  t.equal((await comeBy(provider, aBrowser(app), 'eve')).status, 303);
});

t.test('where it is not set there is none', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const { app } = await openApp(t, base);
  t.notMatch((await aBrowser(app).get('/admin/sign-in')).html, /single sign-on/);
  for (const path of ['/admin/sso', '/admin/sso/back?code=x&state=y']) {
    t.equal((await aBrowser(app).get(path)).status, 404);
  }
});

async function withProvider(t: Test, base: Database, env: Record<string, string>) {
  const provider = await ssoProvider(t);
  return { provider, open: () => openApp(t, base, { ...provider.env, ...env }) };
}

async function comeBy(provider: SsoProvider, browser: Browser, subject: string) {
  const { to } = await browser.get('/admin/sso');
  return browser.get(wayBack(await provider.signIn(to, subject)));
}

function wayBack(address: string): string {
  const { pathname, search } = new URL(address);
  return pathname + search;
}
