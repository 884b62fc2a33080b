import t from 'tap';
import { safeWay } from '../../src/desk/door.ts';
import { hashings } from '../../src/staff/passwords.ts';
import { openApp } from '../fixtures/app.ts';
import { freshDatabase, onBoth } from '../fixtures/db.ts';
import { aBrowser, aPerson, cheaply, password } from '../fixtures/door.ts';

const hour = 3_600_000;

onBoth(t, 'she signs in, goes where she was going, and out again', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const ana = await aPerson(base.db, { role: 'reader' });
  const browser = aBrowser(app);
  t.match(await browser.get('/admin/me?x=1'), { status: 303, to: '/admin/sign-in?to=%2Fadmin%2Fme%3Fx%3D1' });
  const form = await browser.get('/admin/sign-in?to=%2Fadmin%2Fme%3Fx%3D1');
  t.match(form.html, /name="to" value="\/admin\/me\?x=1"/);
  const before = new Set(browser.cookies.values());
  const done = await browser.post('/admin/sign-in', {
    email: ana.email.toUpperCase(),
    password,
    to: '/admin/me?x=1',
  });
  t.match(done, { status: 303, to: '/admin/me?x=1' });
  const session = browser.cookies.get('__Host-candor-session')!;
  t.notOk(before.has(session), 'a session of its own, unlike anything the browser brought');
  const row = await base.db.selectFrom('staff_session').selectAll().executeTakeFirstOrThrow();
  t.notMatch(JSON.stringify(row), session.slice(8), 'kept as a hash only');
  t.match(await base.db.selectFrom('staff').select(['last_seen_at', 'password']).executeTakeFirst(), {
    last_seen_at: clock.now,
    password: /^\$scrypt\$ln=17,r=8,p=1\$/, // kept in the way of today from now on
  });

  await browser.get('/admin/me');
  t.match(await browser.post('/admin/sign-in', { email: ana.email, password }), {
    status: 303,
    to: '/admin',
  });
  t.not(browser.cookies.get('__Host-candor-session'), session, 'a new session each time');
  t.equal(
    (await base.db.selectFrom('staff_session').selectAll().execute()).length,
    1,
    'instead of the old one',
  );

  t.match(await browser.get('/admin/sign-in?to=/admin/me'), { status: 303, to: '/admin/me' });
  await browser.get('/admin/me');
  t.match(await browser.post('/admin/sign-out'), { status: 303, to: '/admin/sign-in?said=out' });
  t.notOk(browser.cookies.has('__Host-candor-session'));
  t.equal((await base.db.selectFrom('staff_session').selectAll().execute()).length, 0);
  const lines = await base.db
    .selectFrom('audit')
    .select(['who', 'act', 'about', 'address'])
    .orderBy('seq')
    .execute();
  t.same(
    lines.map(({ who, act, about, address }) => [who, act, about, address]),
    [
      ['Ana', 'signed in', `staff:${ana.id}`, null],
      ['Ana', 'signed in', `staff:${ana.id}`, null],
      ['Ana', 'signed out', `staff:${ana.id}`, null],
    ],
  );
});

t.test('cookies are bound as tightly as the address of the page allows', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const ana = await aPerson(base.db);
  const { app } = await openApp(t, base);
  const secure = (await aBrowser(app).signIn(ana.email)).cookies;
  t.equal(secure.length, 2);
  for (const cookie of secure) {
    t.match(cookie, /^__Host-candor-(session|known)=/);
    t.match(cookie, /; Path=\/(;|$)/);
    t.match(cookie, /; HttpOnly(;|$)/);
    t.match(cookie, /; Secure(;|$)/);
    t.match(cookie, /; SameSite=Lax(;|$)/);
    t.notMatch(cookie, /Domain/);
  }
  t.match(secure[0], /Max-Age=604800/);
  const plain = await openApp(t, base, { BASE_URL: 'http://localhost:3000' });
  for (const cookie of (await aBrowser(plain.app, { origin: 'http://localhost:3000' }).signIn(ana.email))
    .cookies) {
    t.match(cookie, /^candor-(session|known)=.*HttpOnly.*SameSite=Lax/);
    t.notMatch(cookie, /Secure|__Host/);
  }
  for (const path of ['/', '/report', '/history', '/search?q=x']) {
    t.same((await aBrowser(app).get(path)).cookies, [], `${path}: a reader gets no cookie`);
  }
  const page = await aBrowser(app).get('/admin/sign-in');
  t.match(page.headers, { 'cache-control': 'no-store', 'x-robots-tag': 'noindex' });
});

onBoth(t, 'a session ends when nobody uses it, and at the latest after a week', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const ana = await aPerson(base.db);
  const browser = aBrowser(app);
  const start = clock.now.getTime();
  const isIn = async () => (await browser.get('/admin/me')).status === 200;
  await browser.signIn(ana.email);
  clock.now = new Date(start + 11 * hour);
  t.ok(await isIn());
  clock.now = new Date(start + 22 * hour);
  t.ok(await isIn(), 'each use carries it on');
  clock.now = new Date(start + 34 * hour + 1);
  t.notOk(await isIn(), '12 hours without');

  await browser.signIn(ana.email);
  const second = clock.now.getTime();
  for (let h = 0; h < 7 * 24; h += 8) {
    clock.now = new Date(second + h * hour);
    t.ok(await isIn());
  }
  clock.now = new Date(second + 7 * 24 * hour);
  t.notOk(await isIn(), 'a week, however busy');
});

onBoth(t, 'a form is taken from our own page and this session alone', async (t, base) => {
  const { app } = await openApp(t, base);
  const ana = await aPerson(base.db);
  const [one, other] = [aBrowser(app), aBrowser(app)];
  const sessions = async () => (await base.db.selectFrom('staff_session').selectAll().execute()).length;
  await one.get('/admin/sign-in');
  const fields = { email: ana.email, password };
  for (const [why, more, headers] of [
    ['no word', { csrf: '' }, {}],
    ['a wrong word', { csrf: 'x'.repeat(22) }, {}],
    ['another site', {}, { origin: 'https://evil.example' }],
    ['a hidden site', {}, { origin: 'null' }],
    ['the browser says so', {}, { 'sec-fetch-site': 'cross-site' }],
  ] as [string, Record<string, string>, Record<string, string>][]) {
    const refused = await one.post('/admin/sign-in', { ...fields, ...more }, headers);
    t.equal(refused.status, 403, why);
    t.notMatch(refused.html, password, 'and the password is not shown');
  }
  t.equal(await sessions(), 0);
  await other.get('/admin/sign-in');
  t.equal((await other.post('/admin/sign-in', fields)).status, 303);
  const theirs = (await other.get('/admin/me')).html.match(/name="csrf" value="([^"]+)"/)![1]!;
  await one.signIn(ana.email);
  t.equal(
    (await one.post('/admin/sign-out-everywhere', { csrf: theirs })).status,
    403,
    'the word of another session',
  );
  t.equal(await sessions(), 2);
  await one.get('/admin/me');
  t.equal((await one.post('/admin/sign-out-everywhere')).status, 303);
  t.equal(await sessions(), 0);
  t.equal((await other.get('/admin/me')).status, 303, 'out on every machine');
});

onBoth(t, 'nobody learns who has an account', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const ana = await aPerson(base.db, { email: 'ana@paperboat.example' });
  const gone = await aPerson(base.db, { email: 'gone@paperboat.example', disabled_at: clock.now });
  await aPerson(base.db, { email: 'new@paperboat.example', password: null });
  let hashed = 0;
  const count = () => void hashed++;
  hashings.subscribe(count);
  t.teardown(() => hashings.unsubscribe(count));
  const tries: [string, string][] = [
    ['nobody@paperboat.example', password],
    [ana.email, 'three small paper goats'],
    [gone.email, password],
    [gone.email, 'three small paper goats'],
    ['new@paperboat.example', password],
  ];
  const answers = [];
  for (const [email, word] of tries) {
    hashed = 0;
    const { status, html, headers, cookies } = await aBrowser(app).signIn(email, word);
    t.equal(hashed, 1, `${email}: a password is looked at`);
    t.match(html, email, 'what was typed is still there');
    answers.push({
      status,
      html: html.replaceAll(email, 'ADDRESS').replace(/(name="csrf" value=")[^"]+/, '$1WORD'),
      headers: { ...headers, date: '', 'content-length': '' },
      cookies,
    });
  }
  t.equal(answers[0]!.status, 401);
  for (const answer of answers) t.same(answer, answers[0]);
  t.same(answers[0]!.cookies, []);
});

t.test('after the door one goes to an address of the console and nowhere else', async (t) => {
  for (const [given, to] of [
    ['/admin', '/admin'],
    ['/admin?said=saved', '/admin?said=saved'],
    ['/admin/lookup?q=a%20b', '/admin/lookup?q=a%20b'],
    [undefined, '/admin'],
    ['', '/admin'],
    ['/admin/sign-in', '/admin'],
    ['/administrator', '/admin'],
    ['//evil.example', '/admin'],
    ['/admin//evil.example', '/admin'],
    ['/admin/..//evil.example', '/admin'],
    ['/admin/../r/token', '/admin'],
    ['/admin\\evil.example', '/admin'],
    ['https://evil.example/admin', '/admin'],
    ['/admin/x\r\nset-cookie: a=b', '/admin'],
    [`/admin/${'x'.repeat(1_000)}`, '/admin'],
  ] as const) {
    t.equal(safeWay(given), to, String(given));
  }
});

t.test('a password is hers to the last blank, whichever keyboard wrote it', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const { app } = await openApp(t, base);
  const ana = await aPerson(base.db, {
    password: cheaply('  caf\u00e9 \ufb01n de si\u00e8cle '.normalize('NFKC')),
  });
  t.equal((await aBrowser(app).signIn(ana.email, 'café ﬁn de siècle')).status, 401);
  t.equal((await aBrowser(app).signIn(ana.email, '  cafe\u0301 fin de sie\u0300cle ')).status, 303);
  t.equal((await aBrowser(app).signIn(ana.email, '')).status, 400);
  t.equal((await aBrowser(app).signIn('not an address', password)).status, 400);
});
