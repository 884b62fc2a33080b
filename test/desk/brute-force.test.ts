import t from 'tap';
import type { Db } from '../../src/db.ts';
import { forgottenRules } from '../../src/staff/forgotten.ts';
import { signInRules } from '../../src/staff/sign-in.ts';
import { links, openApp } from '../fixtures/app.ts';
import { freshDatabase, onBoth } from '../fixtures/db.ts';
import { aBrowser, aPerson, cheaply, password } from '../fixtures/door.ts';
import '../fixtures/quick-passwords.ts';

const office = '192.0.2.1';
const wrong = 'not the password at all';

onBoth(t, 'an attacker in the same office is held back, and the colleague beside is not', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const ana = await aPerson(base.db);
  const ben = await aPerson(base.db, { name: 'Ben' });
  const hers = aBrowser(app, { ip: office });
  t.equal((await hers.signIn(ana.email)).status, 303);
  await hers.get('/admin/me');
  await hers.post('/admin/sign-out');
  await keepCheaply(base.db);

  const attacker = aBrowser(app, { ip: office });
  await attacker.get('/admin/sign-in');
  const attack = (email: string, ip?: string) =>
    attacker.post('/admin/sign-in', { email, password: wrong }, ip ? { 'x-forwarded-for': ip } : {});
  const { most } = signInRules.perAddressAndNetwork;
  for (let n = 0; n < most; n++) t.equal((await attack(ana.email)).status, 401);
  const held = await attack(ana.email);
  t.equal(held.status, 429);
  t.ok(Number(held.headers['retry-after']) > 0 && Number(held.headers['retry-after']) <= 900);
  t.match(held.html, /opens again in 15 minutes/);
  t.match(held.html, /mail you a link/);
  t.equal((await attack(ana.email, '203.0.113.9')).status, 429, 'a forged X-Forwarded-For helps nobody');
  const right = await attacker.post('/admin/sign-in', { email: ana.email, password });
  t.equal(right.status, 429, 'and now even the right one is not looked at');

  const unknown = 'nobody@paperboat.example';
  for (let n = 0; n < most; n++) t.equal((await attack(unknown)).status, 401);
  const alike = await attack(unknown);
  t.equal(alike.status, 429);
  const shape = ({ html }: { html: string }, email: string) =>
    html.replaceAll(email, 'ADDRESS').replace(/(name="csrf" value=")[^"]+/g, '$1WORD');
  t.equal(shape(alike, unknown), shape(held, ana.email), 'somebody and nobody are held back alike');

  // The whole network now; most of its tries are put down here, since each takes most of a second.
  await base.db
    .updateTable('quota')
    .set({ count: signInRules.perNetwork.most - 1 })
    .where('bucket', '=', links.bucket('sign-in-network', office))
    .execute();
  t.equal((await attack('another@paperboat.example')).status, 401);
  t.equal((await attack('another@paperboat.example')).status, 429);
  t.equal(
    (await aBrowser(app, { ip: office }).signIn(ben.email)).status,
    429,
    'a new browser there must wait',
  );

  t.equal(
    (await hers.signIn(ana.email, wrong)).status,
    401,
    'the browser she used before has tries of its own',
  );
  t.equal((await hers.signIn(ana.email)).status, 303, 'and gets in');
  t.equal(
    (await aBrowser(app, { ip: '198.51.100.7' }).signIn(ben.email)).status,
    303,
    'as does another network',
  );
  clock.now = new Date(clock.now.getTime() + signInRules.perNetwork.perMs);
  t.equal((await aBrowser(app, { ip: office }).signIn(ben.email)).status, 303, 'and after a while everybody');
});

onBoth(t, 'an attacker with a thousand networks cannot lock anybody out', async (t, base) => {
  const { app } = await openApp(t, base, { TRUST_PROXY: '10.0.0.0/8' });
  const ana = await aPerson(base.db);
  const hers = aBrowser(app, { ip: office });
  await hers.signIn(ana.email);
  await hers.get('/admin/me');
  await hers.post('/admin/sign-out');
  await keepCheaply(base.db);
  const attacker = aBrowser(app, { ip: '10.0.0.1' });
  await attacker.get('/admin/sign-in');
  const statuses = [];
  for (let n = 0; n < signInRules.perAddress.most + 20; n++) {
    const from = { 'x-forwarded-for': `198.18.${n >> 8}.${n & 255}` };
    statuses.push(
      (await attacker.post('/admin/sign-in', { email: ana.email, password: wrong }, from)).status,
    );
  }
  t.equal(statuses.filter((status) => status === 401).length, signInRules.perAddress.most);
  t.equal(statuses.at(-1), 429);
  t.equal((await hers.signIn(ana.email)).status, 303, 'from where she was before she gets in');

  const elsewhere = aBrowser(app, { ip: '203.0.113.50' });
  t.equal((await elsewhere.signIn(ana.email)).status, 429);
  await elsewhere.get('/admin/forgotten');
  t.equal((await elsewhere.post('/admin/forgotten', { email: ana.email })).status, 200);
  t.equal(
    (await base.db.selectFrom('delivery').selectAll().execute()).length,
    1,
    'from anywhere else the mailed link helps',
  );
});

t.test(
  'many at once do not get more tries than one after another, and what succeeds is not counted',
  async (t) => {
    const base = await freshDatabase(t, 'postgres');
    const { app } = await openApp(t, base);
    const ana = await aPerson(base.db);
    const attacker = aBrowser(app, { ip: office });
    await attacker.get('/admin/sign-in');
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        attacker.post('/admin/sign-in', { email: ana.email, password: wrong }),
      ),
    );
    t.equal(answers.filter(({ status }) => status === 401).length, signInRules.perAddressAndNetwork.most);
    for (let n = 0; n <= signInRules.perAddressAndNetwork.most; n++) {
      if ((await aBrowser(app, { ip: '203.0.113.77' }).signIn(ana.email)).status !== 303)
        t.fail(`the ${n}th`);
    }
  },
);

t.test('this very machine is limited too', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const { app } = await openApp(t, base);
  const ana = await aPerson(base.db);
  const attacker = aBrowser(app, { ip: '127.0.0.1' });
  await attacker.get('/admin/sign-in');
  for (let n = 0; n < signInRules.perAddressAndNetwork.most; n++)
    await attacker.post('/admin/sign-in', { email: ana.email, password: wrong });
  t.equal((await attacker.post('/admin/sign-in', { email: ana.email, password: wrong })).status, 429);
});

t.test('a mark from a browser opens nothing by itself, cannot be made, and is for one person', async (t) => {
  const base = await freshDatabase(t, 'embedded');
  const { app } = await openApp(t, base);
  const ana = await aPerson(base.db);
  const ben = await aPerson(base.db, { name: 'Ben' });
  const hers = aBrowser(app, { ip: office });
  await hers.signIn(ana.email);
  await keepCheaply(base.db);
  const mark = hers.cookies.get('__Host-candor-known')!;
  const fill = async (browser: ReturnType<typeof aBrowser>, email: string) => {
    await browser.get('/admin/sign-in');
    for (let n = 0; n < 10; n++) await browser.post('/admin/sign-in', { email, password: wrong });
  };
  const thief = aBrowser(app, { ip: '198.51.100.1' });
  await fill(thief, ben.email);
  for (const forged of [mark, mark.replace(ana.id, ben.id), `${ben.id}.x.y`, '~~..', 'x'.repeat(4_000)]) {
    thief.cookies.set('__Host-candor-known', forged);
    t.equal(
      (await thief.post('/admin/sign-in', { email: ben.email, password })).status,
      429,
      forged.slice(0, 40),
    );
    await keepCheaply(base.db);
  }
  thief.cookies.set('__Host-candor-known', mark);
  await fill(thief, ana.email);
  t.equal(
    (await thief.post('/admin/sign-in', { email: ana.email, password })).status,
    429,
    'a stolen one has ten tries',
  );
  const two = aBrowser(app, { ip: office });
  two.cookies.set('__Host-candor-known', mark);
  await two.signIn(ben.email);
  t.match(two.cookies.get('__Host-candor-known'), ana.id, 'a browser that two share keeps both marks');
  t.match(two.cookies.get('__Host-candor-known'), ben.id);
});

onBoth(
  t,
  'links to a new password are few for an address, and the answer is always the same',
  async (t, base) => {
    const { app } = await openApp(t, base);
    const ana = await aPerson(base.db, { email: 'ana@paperboat.example' });
    await aPerson(base.db, { email: 'gone@paperboat.example', disabled_at: new Date() });
    const answers = [];
    for (const email of [
      ana.email,
      'nobody@paperboat.example',
      'gone@paperboat.example',
      ...Array(4).fill(ana.email),
    ]) {
      const browser = aBrowser(app, { ip: office });
      await browser.get('/admin/forgotten');
      const began = performance.now();
      const { status, html, cookies } = await browser.post('/admin/forgotten', { email });
      t.ok(performance.now() - began >= 240, 'after a time that says nothing');
      answers.push({ status, cookies, html: html.replace(/(name="csrf" value=")[^"]+/, '$1WORD') });
    }
    t.equal(answers[0]!.status, 200);
    t.match(answers[0]!.html, /a link is on its way/);
    for (const answer of answers) t.same(answer, answers[0]);
    const owed = await base.db
      .selectFrom('delivery')
      .select(['template', 'address', 'staff_link_id'])
      .execute();
    t.equal(owed.length, forgottenRules.perAddress.most, 'three an hour');
    for (const one of owed)
      t.match(one, { template: 'invited', address: ana.email, staff_link_id: /^[0-9a-z]{12}$/ });
  },
);

/** After a sign-in a password is kept in the way of today, which takes most of a second each time. */
async function keepCheaply(db: Db): Promise<void> {
  await db
    .updateTable('staff')
    .set({ password: cheaply(password) })
    .execute();
}
