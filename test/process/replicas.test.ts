import { readdirSync } from 'node:fs';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { connect } from '../../src/db.ts';
import { freshUrl } from '../fixtures/db.ts';
import { adminToken, call, candor, emptyDir, incident, root, until } from '../fixtures/process.ts';

t.test('five replicas boot at once on an empty database: one migrates, all are ready', async (t) => {
  const databaseUrl = await freshUrl(t, { empty: true });
  const all = Array.from({ length: 5 }, () =>
    candor(t, { DATABASE_URL: databaseUrl, DATA_DIR: emptyDir(t), ADMIN_TOKEN: adminToken }),
  );
  for (const one of all) t.equal((await fetch(`${await one.url}/readyz`)).status, 200);
  t.equal(all.filter((one) => /the database was migrated/.test(one.stdout())).length, 1);
  const base = await connect({ databaseUrl, dataDir: '' });
  t.teardown(() => base.close());
  const applied = await base.db.selectFrom('migration').select('name').orderBy('name').execute();
  t.same(
    applied.map((row) => row.name),
    readdirSync(join(root, 'migrations')).sort(),
  );
  const tokens = await base.db.selectFrom('api_token').select('id').execute();
  t.equal(tokens.length, 1, 'they share one token');
  for (const one of all) one.kill('SIGTERM');
  for (const one of all) t.match(await one.ended, { code: 0 });
});

t.test('what is said at one replica is on the others at once, and soon where nothing is heard', async (t) => {
  const databaseUrl = await freshUrl(t);
  const deaf = await betweenDatabase(t, databaseUrl);
  const open = (url: string) =>
    candor(t, { DATABASE_URL: url, DATA_DIR: emptyDir(t), ADMIN_TOKEN: adminToken, NOTIFIER: 'off' }).url;
  const [one, two, three] = await Promise.all([open(databaseUrl), open(databaseUrl), open(deaf.url)]);
  const { id } = await call(one!, 'POST', '/issues', incident);
  const base = await connect({ databaseUrl, dataDir: '' });
  t.teardown(() => base.close());
  const say = async (url: string, message: string) => {
    await call(url, 'POST', `/issues/${id}/updates`, { status: 'identified', message });
    return message;
  };

  const took: number[] = [];
  for (let n = 0; n < 10; n++) {
    const message = await say(one!, `Word ${n} of ours.`);
    t.match(await textOf(one!, id), message, 'whoever said it sees it at once');
    took.push(...(await Promise.all([two!, three!].map((url) => shows(url, id, message)))));
  }
  took.sort((a, b) => a - b);
  t.comment(
    `news were on other replicas after ${took[took.length >> 1]} ms (median), ${took.at(-1)} ms at most`,
  );

  for (let n = 0; n < 3; n++) {
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen "page"'`.execute(
      base.db,
    );
    const message = await say(one!, `Word ${n} that nobody heard.`);
    t.match(await textOf(one!, id), message, 'whoever said it sees it all the same');
    await Promise.all([two!, three!].map((url) => shows(url, id, message)));
  }

  deaf.mute();
  const late = await shows(three!, id, await say(one!, 'Said while a pooler keeps it to itself.'));
  t.comment(`with a connection that is silent: after ${late} ms`);
  const own = await say(three!, 'Said by the one that hears nothing.');
  t.match(await textOf(three!, id), own, 'whoever said it there sees it at once, too');
  await shows(one!, id, own);
});

async function textOf(url: string, id: string): Promise<string> {
  return (await fetch(`${url}/issues/${id}`)).text();
}

/** How long until a replica shows these words, in milliseconds. */
async function shows(url: string, id: string, words: string): Promise<number> {
  const began = Date.now();
  await until(`${url} shows it`, async () => (await textOf(url, id)).includes(words), 20);
  return Date.now() - began;
}

/** A way to the database that can keep to itself, from then on, what the database says to whoever listens for news. */
async function betweenDatabase(t: Test, databaseUrl: string): Promise<{ url: string; mute: () => void }> {
  const to = new URL(databaseUrl);
  let muted = false;
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTo(Number(to.port), to.hostname);
    let listens = false;
    near.on('data', (said) => {
      listens ||= said.includes('listen "page"');
      far.write(said);
    });
    far.on('data', (said) => {
      if (!(muted && listens)) near.write(said);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const url = new URL(to);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: url.href, mute: () => (muted = true) };
}
