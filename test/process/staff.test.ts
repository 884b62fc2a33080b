import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { freshUrl } from '../fixtures/db.ts';
import { adminToken, candor, dataDir, emptyDir, root } from '../fixtures/process.ts';

const fields = { name: 'Ana', email: 'ana@paperboat.example', password: 'three small paper boats' };

t.test('a start with no staff prints a link behind which one becomes the first owner', async (t) => {
  const env = { DATA_DIR: await dataDir(t), ADMIN_TOKEN: adminToken };
  const one = candor(t, env);
  const url = await one.url;
  const [, path = ''] = /http:\/\/localhost:\d+(\/admin\/join\/[\w-]{44})\n/.exec(one.stderr()) ?? [];
  t.equal(one.printed().split(path).length - 1, 1, 'once');
  t.notMatch(one.stdout(), path, 'and not in the log');

  const form = await fetch(url + path);
  t.equal(form.status, 200);
  const csrf = /name="csrf" value="([^"]+)"/.exec(await form.text())![1]!;
  const cookie = form.headers
    .getSetCookie()
    .map((set) => set.split(';')[0])
    .join('; ');
  const body = new URLSearchParams({ csrf, ...fields });
  const done = await fetch(url + path, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
  t.match([done.status, done.headers.get('location')], [303, '/admin']);
  const [session = ''] = done.headers.getSetCookie().filter((set) => set.startsWith('candor-session='));
  t.equal((await fetch(`${url}/admin/staff`, { headers: { cookie: session.split(';')[0]! } })).status, 200);
  one.kill('SIGTERM');
  await one.ended;
  t.notMatch(
    one.printed(),
    /three small|ana@paperboat/,
    'neither the password nor the address is in the log',
  );

  const again = candor(t, env);
  await again.url;
  t.notMatch(again.printed(), '/admin/join/', 'with somebody there it prints none');
});

t.test('candor staff adds, lists and disables', async (t) => {
  const env = {
    DATABASE_URL: await freshUrl(t),
    DATA_DIR: emptyDir(t),
    BASE_URL: 'https://status.example.com',
  };
  const run = async (...args: string[]) => {
    const one = candor(t, env, { command: [process.execPath, join(root, 'dist/cli.js'), 'staff', ...args] });
    const { code } = await one.ended;
    return { code, stdout: one.stdout(), stderr: one.stderr() };
  };
  const added = await run('add', fields.email, '--role', 'owner', '--name', 'Ana');
  t.match(added, { code: 0, stderr: /is added, as an owner/ });
  t.match(
    added.stdout,
    /^https:\/\/status\.example\.com\/admin\/join\/[\w-]{44}\n$/,
    'the link alone, to be piped',
  );
  const again = await run('add', fields.email, '--role', 'owner');
  t.match(again, { code: 0, stderr: /there already, as an owner/ });
  t.not(again.stdout, added.stdout);
  t.match(await run('list'), {
    code: 0,
    stdout: /^ana@paperboat\.example {2}owner {2}Ana {2}invited {2}never seen\n$/,
  });
  t.match(await run('disable', fields.email), { code: 0, stdout: /cannot sign in any more/ });
  t.match(await run('list'), { stdout: /disabled/ });
  for (const [args, line] of [
    [['add', 'nobody', '--role', 'owner'], /^candor: say who/],
    [['add', fields.email], /^candor: say what they may do/],
    [['add', fields.email, '--role', 'king'], /^candor: say what they may do/],
    [['disable', 'x@paperboat.example'], /^candor: There is nobody with the address/],
    [['dance'], /^candor: staff takes add, list or disable/],
    [['add', fields.email, '--rank', 'owner'], /^candor: Unknown option/],
  ] as [string[], RegExp][]) {
    const { code, stderr } = await run(...args);
    t.equal(code, 1);
    t.match(stderr, line);
    t.notMatch(stderr, /\n {4}at /);
  }
});

t.test('a command in a folder without a database makes none, but to let the first one in', async (t) => {
  const env = { DATA_DIR: emptyDir(t) };
  const run = async (...args: string[]) => {
    const one = candor(t, env, { command: [process.execPath, join(root, 'dist/cli.js'), ...args] });
    const { code } = await one.ended;
    return { code, stderr: one.stderr() };
  };
  for (const args of [
    'staff list',
    'staff disable ana@paperboat.example',
    'token list',
    'token revoke x',
    'export -',
    'sending',
  ])
    t.match(
      await run(...args.split(' ')),
      { code: 1, stderr: /there is no database in .*candor start/ },
      args,
    );
  t.notOk(existsSync(join(env.DATA_DIR, 'db')));
  t.match(await run('staff', 'add', fields.email, '--role', 'owner'), {
    code: 0,
    stderr: /^There was no database in .*; a new one is made\.\n.* is added/,
  });
  t.match(await run('token', 'list'), {
    code: 0,
    stderr: /^None yet: candor token create --name NAME makes one\.\n$/,
  });
});
