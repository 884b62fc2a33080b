import t from 'tap';
import { passwordTrouble } from '../../src/staff/password-rules.ts';
import { hashings, hashPassword, isOutdated, isPassword } from '../../src/staff/passwords.ts';
import { cheaply } from '../fixtures/door.ts';

t.test('a password is kept by a slow hash that says how it was made', async (t) => {
  const [one, two] = await Promise.all([hashPassword('one and the same'), hashPassword('one and the same')]);
  t.match(one, /^\$scrypt\$ln=17,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
  t.not(one, two, 'each with a salt of its own');
  t.equal(await isPassword('one and the same', one), true);
  t.equal(await isPassword('one and the same ', one), false);
  t.equal(isOutdated(one), false);
  const old = cheaply('one and the same');
  t.equal(await isPassword('one and the same', old), true, 'one kept in an older way is still read');
  t.equal(isOutdated(old), true);
  for (const broken of ['', '$scrypt$', 'plain', old.slice(0, -1), `${old}x`]) {
    t.equal(await isPassword('', broken), false, broken.slice(0, 12));
  }
});

t.test('two at a time, known browsers first, and a line that does not grow without end', async (t) => {
  const kept = cheaply('right');
  const order: string[] = [];
  const one = (name: string, ahead = false) =>
    isPassword('right', kept, { ahead }).then(
      () => order.push(name),
      (error) => order.push(`${name}: ${error.status}`),
    );
  const all = [...Array.from({ length: 62 }, (_, n) => one(`s${n}`)), one('too many'), one('known', true)];
  await Promise.all(all);
  t.equal(order[0], 'too many: 429');
  t.ok(order.indexOf('known') < 8, `known was the ${order.indexOf('known')}th`);
  t.equal(order.length, 64);
  t.equal(order.filter((name) => /429/.test(name)).length, 1);
  t.equal(await isPassword('right', kept), true, 'and the line is empty again');

  let running = 0;
  let most = 0;
  const begun = () => {
    running++;
    most = Math.max(most, running);
  };
  hashings.subscribe(begun);
  t.teardown(() => hashings.unsubscribe(begun));
  await Promise.all(Array.from({ length: 6 }, () => isPassword('wrong', null).finally(() => running--)));
  t.ok(most <= 3, `${most} at once`); // the next begins before the last one's answer is read
});

t.test('a password needs length and no more, but is not what everybody tries first', async (t) => {
  const about = { pageName: 'Paperboat', email: 'ana.fisher@paperboat.example' };
  for (const good of [
    'three small paper boats',
    'correct-horse-staple-2',
    'лодочки из бумаги плывут',
    '纸船漂流在夏天的小河上真好',
    'Tr0ub4dor&3xyz',
    '            spaced            out',
    `${'x9'.repeat(3)}qvbnml`,
    'password for the boat house',
    `${'a'.repeat(100)}bcdefgh`,
  ]) {
    t.equal(passwordTrouble(good, about), '', good);
  }
  for (const [bad, why] of [
    ['', /choose/],
    ['elevenchars', /11 characters/],
    ['🙂'.repeat(11), /11 characters/],
    ['x'.repeat(201), /at most 200/],
    ['passwordpassword', /first/],
    ['Password1234!', /first/],
    ['123456789012', /first/],
    ['QWERTYUIOP123456', /first/],
    ['paperboat2026', /first/],
    ['PaperBoat-PaperBoat', /first/],
    ['ana.fisher@paperboat.example', /first/],
    ['anafisher1234', /first/],
    ['............', /first/],
    ['zzzzzzzzzzzzz', /first/],
    ['letmeinletmein', /first/],
  ] as const) {
    t.match(passwordTrouble(bad, about), why, bad);
  }
});
