import PostalMime from 'postal-mime';
import t, { type Test } from 'tap';
import type { Database } from '../../src/db.ts';
import type { Role } from '../../src/domain/words.ts';
import { addByOperator, disableByOperator } from '../../src/staff/add-by-operator.ts';
import { makeFirstLink } from '../../src/staff/join.ts';
import { changeRole, disablePerson } from '../../src/staff/people.ts';
import { forgetOldSessions } from '../../src/staff/sessions.ts';
import { links, openApp, type TestApp } from '../fixtures/app.ts';
import { freshDatabase, onBoth } from '../fixtures/db.ts';
import { aBrowser, aPerson, type Browser, cheaply, password } from '../fixtures/door.ts';
import { notify, until } from '../fixtures/outbox.ts';
import { smtpServer } from '../fixtures/smtp.ts';
import '../fixtures/quick-passwords.ts';

const chosen = 'four rusty garden chairs';
const hour = 3_600_000;

onBoth(t, 'somebody is invited, comes in by the mail, and is there', async (t, base) => {
  const { app, clock, browser, ana } = await owned(t, base);
  clock.now = new Date(); // the mail goes by the real time
  const smtp = await smtpServer(t);
  notify(t, base.db, smtp.url);
  await signInAgain(browser, base, ana.email);
  await browser.get('/admin/staff');
  const ben = { name: 'Ben', email: 'Ben@paperboat.example', role: 'support' };
  t.match(await browser.post('/admin/staff', ben), { status: 303, to: '/admin/staff?said=invited' });
  await until(() => smtp.accepted().length === 1);
  const mail = await PostalMime.parse(smtp.received[0]!.raw);
  t.same(smtp.received[0]!.to, ['Ben@paperboat.example']);
  t.match(mail.text, 'Ana invites you');
  const [, way] = /https:\/\/status\.example\.org(\/admin\/join\/\S+)/.exec(mail.text!) ?? [];

  const his = aBrowser(app);
  for (let n = 0; n < 5; n++) t.equal((await his.get(way!)).status, 200, 'looking uses nothing up');
  const form = await his.get(way!);
  t.match(form.html, /value="Ben"/);
  t.match(form.html, /value="Ben@paperboat.example" readonly/);
  t.match(form.html, /At least 12 characters/, 'said before');
  const short = await his.post(way!, { name: 'Benjamin', password: 'too short' });
  t.equal(short.status, 400);
  t.match(short.html, /has 9 characters/);
  t.match(short.html, /value="Benjamin"/, 'what was typed stays');
  t.notMatch(short.html, 'too short');
  const done = await his.post(way!, { name: 'Benjamin', email: 'other@evil.example', password: chosen });
  t.match(done, { status: 303, to: '/admin' });
  t.match((await his.get('/admin/me')).html, 'Benjamin');
  t.equal((await his.get('/admin/staff')).status, 403, 'support does not rule');
  t.equal((await aBrowser(app).signIn('ben@paperboat.example', chosen)).status, 303);
  t.equal((await his.get(way!)).status, 410, 'once');
  const lines = await auditOf(base);
  t.match(lines.at(-2), {
    who: 'Benjamin',
    act: 'set a password',
    detail: { by: 'an invitation' },
    address: null,
  });
  t.match(
    lines.find(({ act }) => act === 'invited somebody'),
    { who: 'Ana', address: 'Ben@paperboat.example', detail: { role: 'support' } },
  );
});

onBoth(t, 'a link works once, for its time, as it was made, and never for the disabled', async (t, base) => {
  const { app, clock, browser } = await owned(t, base);
  await browser.get('/admin/staff');
  await browser.post('/admin/staff', { name: 'Ben', email: 'ben@paperboat.example', role: 'reader' });
  const ben = await personOf(base, 'ben@paperboat.example');
  const way = async () => {
    const row = await base.db
      .selectFrom('staff_link')
      .select('id')
      .where('staff_id', '=', ben.id)
      .where('used_at', 'is', null)
      .executeTakeFirstOrThrow();
    return `/admin/join/${links.token('staff', row.id)}`;
  };
  const first = await way();
  const dead = async (path: string, why: string) => {
    const stranger = aBrowser(app);
    await stranger.get('/admin/sign-in');
    const shown = await stranger.get(path);
    t.equal(shown.status, 410, why);
    const sent = await stranger.post(path, { name: 'Eve', password: chosen });
    t.equal(sent.status, 410, why);
    t.match(sent.html, /This link does not work any more/);
    return sent.html.replace(/(name="csrf" value=")[^"]+/g, '$1WORD');
  };
  const pages = [
    await dead(`/admin/join/${'x'.repeat(44)}`, 'forged'),
    await dead(`${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}`, 'one letter off'),
    await dead(first.slice(0, -1), 'cut off'),
    await dead(first.replace(/[^/]+$/, links.token('report', ben.id)), 'made for something else'),
  ];
  await browser.post(`/admin/staff/${ben.id}`, { what: 'mail' });
  pages.push(await dead(first, 'a newer one took its place'));
  const second = await way();
  await browser.post(`/admin/staff/${ben.id}`, { what: 'disable' });
  await browser.post(`/admin/staff/${ben.id}`, { what: 'enable' });
  pages.push(await dead(second, 'disabled meanwhile'));
  await browser.post(`/admin/staff/${ben.id}`, { what: 'mail' });
  const third = await way();
  const began = clock.now.getTime();
  clock.now = new Date(began + 7 * 24 * hour - 1);
  t.equal((await aBrowser(app).get(third)).status, 200);
  clock.now = new Date(began + 7 * 24 * hour);
  pages.push(await dead(third, 'a week later'));
  t.equal(new Set(pages).size, 1, 'the same words whatever is wrong with it');
  t.equal((await personOf(base, 'ben@paperboat.example')).password, null);
});

onBoth(t, 'two who open one link at once: one comes in', async (t, base) => {
  const { app } = await openApp(t, base);
  const token = (await makeFirstLink(base.db, links, new Date('2026-11-21T11:00:00.000Z')))!;
  const browsers = [aBrowser(app), aBrowser(app), aBrowser(app)];
  for (const one of browsers) t.equal((await one.get(`/admin/join/${token}`)).status, 200);
  const all = await Promise.all(
    browsers.map((one, n) =>
      one.post(`/admin/join/${token}`, {
        name: `N${n}`,
        email: `n${n}@paperboat.example`,
        password: chosen,
      }),
    ),
  );
  t.same(all.map(({ status }) => status).sort(), [303, 410, 410]);
  t.equal((await base.db.selectFrom('staff').selectAll().execute()).length, 1);
});

onBoth(t, 'the first link makes the first owner, once, while there is none', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const old = (await makeFirstLink(base.db, links, clock.now))!;
  const token = (await makeFirstLink(base.db, links, clock.now))!;
  t.equal(
    (await aBrowser(app).get(`/admin/join/${old}`)).status,
    200,
    'another start leaves the link before',
  );
  const browser = aBrowser(app);
  t.match((await browser.get(`/admin/join/${token}`)).html, /becomes its owner/);
  const wrong = await browser.post(`/admin/join/${token}`, {
    name: '',
    email: 'nobody',
    password: 'paperboat123',
  });
  t.equal(wrong.status, 400);
  for (const field of ['name', 'email', 'password']) t.match(wrong.html, `id="${field}-error"`);
  t.match(wrong.html, /one of the first/);
  const fields = { name: 'Ana', email: 'ana@paperboat.example', password: chosen };
  t.match(await browser.post(`/admin/join/${token}`, fields), { status: 303, to: '/admin' });
  t.equal((await browser.get('/admin/staff')).status, 200, 'signed in, as an owner');
  for (const used of [old, token]) t.equal((await aBrowser(app).get(`/admin/join/${used}`)).status, 410);
  const { used_at } = await base.db
    .selectFrom('staff_link')
    .select('used_at')
    .orderBy('used_at', (order) => order.asc().nullsFirst())
    .executeTakeFirstOrThrow();
  t.not(used_at, null, 'one that is used ends them all');
  t.equal(await makeFirstLink(base.db, links, clock.now), null, 'and none is made any more');

  await base.db.updateTable('staff_link').set({ used_at: null }).execute();
  t.equal(
    (await aBrowser(app).get(`/admin/join/${token}`)).status,
    410,
    'not even that one, with an owner there',
  );
});

onBoth(t, 'a first link opens the door for seven days, however often we start meanwhile', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const token = (await makeFirstLink(base.db, links, clock.now))!;
  clock.now = new Date(clock.now.getTime() + 7 * 24 * hour - 1);
  await Promise.all([1, 2].map(() => makeFirstLink(base.db, links, clock.now)));
  t.equal((await aBrowser(app).get(`/admin/join/${token}`)).status, 200);
  clock.now = new Date(clock.now.getTime() + 1);
  t.equal((await aBrowser(app).get(`/admin/join/${token}`)).status, 410);
});

onBoth(t, 'a forgotten password: two hours, once, and every other session ends', async (t, base) => {
  const { app, clock, browser, ana } = await owned(t, base);
  const lost = aBrowser(app, { ip: '198.51.100.4' });
  await lost.get('/admin/forgotten');
  await lost.post('/admin/forgotten', { email: ana.email });
  await lost.post('/admin/forgotten', { email: ana.email });
  const [one, two] = (await base.db.selectFrom('staff_link').selectAll().execute()).map(
    ({ id }) => `/admin/join/${links.token('staff', id)}`,
  );
  clock.now = new Date(clock.now.getTime() + 2 * hour - 1);
  t.equal((await lost.get(two!)).status, 200);
  t.match(await lost.post(two!, { password: chosen }), { status: 303, to: '/admin' });
  t.equal((await lost.get('/admin/me')).status, 200);
  t.equal((await browser.get('/admin/me')).status, 303, 'whoever was in is out');
  t.equal((await lost.get(one!)).status, 410, 'and the other link with it');
  t.equal((await aBrowser(app).signIn(ana.email)).status, 401);
  t.equal((await aBrowser(app).signIn(ana.email, chosen)).status, 303);
});

onBoth(t, 'roles hold at once, and a disabled colleague is out at once', async (t, base) => {
  const { app, browser } = await owned(t, base);
  const ben = await aPerson(base.db, { name: 'Ben', role: 'reader' });
  const his = aBrowser(app);
  await his.signIn(ben.email);
  t.equal((await his.get('/admin/tokens')).status, 403);
  await browser.get('/admin/staff');
  t.match(await browser.post(`/admin/staff/${ben.id}`, { what: 'role', role: 'owner' }), { status: 303 });
  t.equal((await his.get('/admin/tokens')).status, 200);
  await browser.post(`/admin/staff/${ben.id}`, { what: 'disable' });
  t.match(await his.get('/admin/tokens'), { status: 303, to: /sign-in/ });
  t.equal((await his.signIn(ben.email)).status, 401);
  t.equal((await browser.post(`/admin/staff/${ben.id}`, { what: 'mail' })).status, 409);
  await browser.post(`/admin/staff/${ben.id}`, { what: 'enable' });
  await base.db
    .updateTable('staff')
    .set({ password: cheaply(password) })
    .execute();
  t.equal((await his.signIn(ben.email)).status, 303);
  t.equal((await browser.post('/admin/staff/zzzzzzzzzzzz', { what: 'disable' })).status, 404);
  const taken = await browser.post('/admin/staff', {
    name: 'B',
    email: ben.email.toUpperCase(),
    role: 'owner',
  });
  t.match(taken, { status: 400, html: /an account with this address already/ });
  t.same(
    (await auditOf(base))
      .filter(({ act }) => /account/.test(act))
      .map(({ who, about, detail }) => [who, about, detail]),
    [
      ['Ana', `staff:${ben.id}`, { role: 'owner', was: 'reader' }],
      ['Ana', `staff:${ben.id}`, { account: 'disabled' }],
      ['Ana', `staff:${ben.id}`, { account: 'enabled' }],
    ],
  );
});

onBoth(t, 'there is always an owner who can sign in', async (t, base) => {
  const { browser, ana } = await owned(t, base);
  await browser.get('/admin/staff');
  for (const fields of [{ what: 'disable' }, { what: 'role', role: 'support' }]) {
    const refused = await browser.post(`/admin/staff/${ana.id}`, fields);
    t.match(refused, { status: 409, html: /last owner/ });
  }
  await browser.post('/admin/staff', { name: 'Ben', email: 'ben@paperboat.example', role: 'owner' });
  t.equal(
    (await browser.post(`/admin/staff/${ana.id}`, { what: 'disable' })).status,
    409,
    'one invited is none yet',
  );
  await base.db
    .updateTable('staff')
    .set({ password: cheaply(password) })
    .execute();
  const ben = await personOf(base, 'ben@paperboat.example');

  for (let round = 0; round < 10; round++) {
    await base.db.updateTable('staff').set({ role: 'owner', disabled_at: null }).execute();
    const outcomes = await Promise.allSettled(
      [ana.id, ben.id].map((id) =>
        base.db
          .transaction()
          .execute((trx) => (round % 2 ? changeRole(trx, id, 'reader') : disablePerson(trx, id, new Date()))),
      ),
    );
    t.same(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'not both at once');
  }
});

onBoth(t, 'her own account: a name, another password, out everywhere', async (t, base) => {
  const { app, browser, ana } = await owned(t, base);
  const other = aBrowser(app);
  await other.signIn(ana.email);
  t.match((await browser.get('/admin/me')).html, /in 1 other place/);
  t.equal((await browser.post('/admin/me', { what: 'name', name: ' ' })).status, 400);
  t.equal((await browser.post('/admin/me', { what: 'name', name: 'Ana B.' })).status, 303);
  t.match((await browser.get('/admin/me')).html, 'value="Ana B."');
  const change = (old: string, next: string) =>
    browser.post('/admin/me', { what: 'password', old, password: next });
  t.match(await change('wrong old password', chosen), { status: 400, html: /not the password you have now/ });
  for (const [bad, why] of [
    ['short', /has 5 characters/],
    ['x'.repeat(201), /at most 200/],
    ['Paperboat-2026!', /one of the first/],
    [ana.email, /one of the first/],
    ['password12345', /one of the first/],
    ['aaaaaaaaaaaaaaaa', /one of the first/],
  ] as const) {
    t.match(await change(password, bad), { status: 400, html: why }, bad.slice(0, 20));
  }
  t.match(await change(password, chosen), { status: 303, to: '/admin/me?said=saved' });
  t.equal((await browser.get('/admin/me')).status, 200, 'this session stays');
  t.equal((await other.get('/admin/me')).status, 303, 'the other ends');
  for (let n = 0; n < 10; n++) await change('guessing the old one', `${chosen} again`);
  t.equal((await change(chosen, `${chosen} again`)).status, 429, 'nobody finds it out by trying here');
});

onBoth(t, 'the operator adds, finds again and disables by the command line', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const add = (role: Role) =>
    base.db
      .transaction()
      .execute((trx) => addByOperator(trx, { email: 'ana@paperboat.example', name: 'ana', role }, clock.now));
  const first = await add('owner');
  const second = await add('owner');
  t.match([first.isNew, second.isNew], [true, false]);
  const way = ({ linkId }: { linkId: string }) => `/admin/join/${links.token('staff', linkId)}`;
  t.equal((await aBrowser(app).get(way(first))).status, 410, 'a fresh link voids the older');
  const browser = aBrowser(app);
  await browser.get(way(second));
  t.equal((await browser.post(way(second), { name: 'Ana', password: chosen })).status, 303);
  const third = await add('owner');
  await browser.get(way(third));
  t.equal((await browser.post(way(third), { password })).status, 303, 'also the way back in');
  await t.rejects(add('reader'), /last owner/);
  const disable = () =>
    base.db.transaction().execute((trx) => disableByOperator(trx, 'ANA@paperboat.example', clock.now));
  await t.rejects(disable(), /last owner/);
  await aPerson(base.db, { name: 'Ben' });
  await disable();
  t.match(await browser.get('/admin/staff'), { status: 303, to: /sign-in/ });
  const lines = (await auditOf(base)).filter(({ who }) => who === 'the operator');
  t.same(
    lines.map(({ act }) => act),
    [
      'invited somebody',
      'changed somebody’s account',
      'changed somebody’s account',
      'changed somebody’s account',
    ],
  );
  t.match(lines[0], { address: 'ana@paperboat.example', detail: { role: 'owner' } });
});

t.test('what is over is forgotten', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const { browser, clock } = await owned(t, base);
  clock.now = new Date(clock.now.getTime() + 11 * hour);
  await forgetOldSessions(base.db, clock.now);
  t.equal((await browser.get('/admin/me')).status, 200);
  await forgetOldSessions(base.db, new Date(clock.now.getTime() + 12 * hour));
  t.equal((await base.db.selectFrom('staff_session').selectAll().execute()).length, 0);
});

interface Owned extends TestApp {
  browser: Browser;
  ana: { id: string; email: string };
}

/** The app with Ana, its only owner, signed in. */
async function owned(t: Test, base: Database): Promise<Owned> {
  const opened = await openApp(t, base);
  const ana = await aPerson(base.db);
  const browser = aBrowser(opened.app);
  await signInAgain(browser, base, ana.email);
  return { ...opened, browser, ana };
}

async function signInAgain(browser: Browser, base: Database, email: string): Promise<void> {
  browser.cookies.clear();
  await browser.signIn(email);
  await base.db
    .updateTable('staff')
    .set({ password: cheaply(password) })
    .execute(); // so that nobody waits
}

function personOf(base: Database, email: string) {
  return base.db.selectFrom('staff').selectAll().where('email_key', '=', email).executeTakeFirstOrThrow();
}

function auditOf(base: Database) {
  return base.db.selectFrom('audit').selectAll().orderBy('seq').execute();
}
