import t from 'tap';
import { type Address, mayUse, rights } from '../../src/desk/rights.ts';
import { deskRoutes } from '../../src/desk/routes.ts';
import { roles } from '../../src/domain/words.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { type DeskVisitor, openDesk } from '../fixtures/desk.ts';

const addresses = Object.keys(rights) as Address[];

t.test('every address of the table has one route, and every route stands in the table', async (t) => {
  t.same(deskRoutes.map((route) => route.name).sort(), [...addresses].sort());
});

t.test('each role may do all that the one before it may', async (t) => {
  for (const address of addresses) {
    const open = [null, ...roles].map((role) => mayUse(address, role));
    t.same(open, [...open].sort(), `${address}: ${open}`);
  }
  t.equal(mayUse('POST /admin/issues/:id/updates', 'reader'), false);
  t.equal(mayUse('POST /admin/issues/:id/updates', 'support'), true);
  t.equal(mayUse('POST /admin/erase', 'support'), false);
  t.equal(mayUse('GET /admin/issues/:id/reporters.csv', 'reader'), false);
});

t.test('every role at every address: let in as the table says, and nobody else', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const reader = await openDesk(t, base, { role: 'reader', name: 'Rea' });
  const support = await reader.colleague({ role: 'support', name: 'Sue' });
  const owner = await reader.colleague({ role: 'owner', name: 'Olga' });
  const visitors: Record<string, DeskVisitor> = { reader, support, owner };
  for (const address of addresses) {
    const [method, path] = address.split(' ') as ['GET' | 'POST', string];
    const url = path.replaceAll(/:\w+/g, '000000000000');
    const nobody = await reader.app.inject({ method, url });
    if (rights[address].needs === 'everybody') t.not(nobody.statusCode, 401, `nobody: ${address}`);
    else if (method === 'GET')
      t.match(nobody.headers.location, /^\/admin\/sign-in\?to=/, `nobody: ${address}`);
    else t.equal(nobody.statusCode, 401, `nobody: ${address}`);
    for (const role of roles) {
      // A form without its word is refused before anything is done, so that the visitor stays signed in.
      const { app, cookie, csrf } = visitors[role]!;
      const headers = { cookie: `${cookie.name}=${cookie.value}`, 'x-csrf': `${csrf}-not` };
      const answer = await app.inject({ method, url, headers });
      const refused = answer.statusCode === 403 && answer.body.includes(`Your role (${role})`);
      t.equal(!refused, mayUse(address, role), `${role}: ${address} answers ${answer.statusCode}`);
      t.ok(answer.statusCode < 500, `${role}: ${address} answers ${answer.statusCode}`);
    }
  }
});

t.test('nothing under /admin answers that is not in the table', async (t) => {
  const base = await freshDatabase(t, 'postgres');
  const owner = await openDesk(t, base, { role: 'owner' });
  for (const path of [
    '/admin/',
    '/admin/nothing',
    '/admin/issues/000000000000/nothing',
    '/admin/../healthz',
  ]) {
    const { status } = await owner.get(path);
    t.ok(path === '/admin/' ? status === 200 : status !== 500, `${path} answers ${status}`);
  }
  const lost = await owner.get('/admin/nothing');
  t.equal(lost.status, 404);
  t.match(lost.html, 'Go to the desk');
  const stranger = await owner.app.inject('/admin/nothing');
  t.equal(stranger.statusCode, 404);
  t.match(stranger.body, 'See what is broken right now', 'who is not signed in gets the answer of the page');
});

t.test('a list that is too large is refused at the desk, with how large it may be', async (t) => {
  const owner = await openDesk(t, await freshDatabase(t, 'postgres'), { role: 'owner' });
  const part = `--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n`;
  const send = (cookie: string, lines: number) =>
    owner.app.inject({
      method: 'POST',
      url: '/admin/subscribers/import',
      headers: { cookie, 'content-type': 'multipart/form-data; boundary=b' },
      payload: `${part}email\n${'ana@example.com\n'.repeat(lines)}\r\n--b--\r\n`,
    });
  for (const lines of [150_000, 300_000]) {
    const refused = await send(`${owner.cookie.name}=${owner.cookie.value}`, lines);
    t.equal(refused.statusCode, 413);
    t.match(refused.body, /Too much at once[\s\S]*may have 2 MB[\s\S]*Go to the desk/);
    t.match((await send('', lines)).body, 'See what is broken right now');
  }
});
