import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { connect, type Db } from '../../src/db.ts';
import { balance } from '../fixtures/balancer.ts';
import { freePort, startCluster } from '../fixtures/db.ts';
import {
  adminToken,
  type Candor,
  call,
  candor,
  emptyDir,
  incident,
  root,
  until,
} from '../fixtures/process.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';

const manyReaders = 50;
const perBatch = 300;
const mostAtOnce = 5; // mails that one notifier has in flight

t.test(
  'three replicas under load: one is killed, all are replaced, the database restarts; nothing is lost',
  async (t) => {
    const cluster = await startCluster();
    t.teardown(() => cluster.stop());
    const smtp = await smtpServer(t, { delay: () => 40 });
    const base = await connect({ databaseUrl: cluster.template, dataDir: '', onLost: () => {} });
    t.teardown(() => base.close());
    const all = await Promise.all(
      [0, 1, 2].map(() => openReplica(t, { DATABASE_URL: cluster.template, SMTP_URL: smtp.url })),
    );
    const url = await balance(
      t,
      all.map((one) => one.url),
    );
    const issue = (await call(url, 'POST', '/issues', incident)).id;
    for (const one of all) for (const path of pagesOf(issue)) await fetch(one.url + path);

    const reading = read(url, pagesOf(issue));
    const writing = write(url, issue);
    const still = async (what: string, seconds: number) => {
      reading.during = what;
      writing.during = what;
      await sleep(seconds * 1_000);
    };

    await still('all is well', 2);
    const killed = await resolveFor(url, 'killed');
    await until('mails go out', () => about(smtp, 'killed').length > 50);
    await still('one is killed', 0);
    await all[0]!.end('SIGKILL');
    await still('one is gone', 1);
    await all[0]!.start();

    await still('the schema is newer than the replicas', 0);
    const newer = newerProduct(t);
    const migrated = candor(
      t,
      { DATABASE_URL: cluster.template, DATA_DIR: emptyDir(t) },
      { command: newer('migrate') },
    );
    t.match(await migrated.ended, { code: 0 }, migrated.printed());
    t.match(migrated.stdout(), 'applied 9999_a_later_one.sql');
    await sleep(1_000);
    for (const [n, one] of all.entries()) {
      await still(`replica ${n + 1} is replaced`, 0);
      t.match(await one.end('SIGTERM'), { code: 0 }, 'it stops gracefully under load');
      await one.start(newer('start'));
    }

    await still('mails go out', 0);
    const crashed = await resolveFor(url, 'crashed');
    await until('mails go out once more', () => about(smtp, 'crashed').length > 50);
    await still('the database is away', 0);
    await cluster.crash();
    await until('readers are told how old it is', () => reading.old > 100);
    await cluster.start();
    await until('all replicas are ready', async () => (await Promise.all(all.map(isReady))).every(Boolean));
    await still('the database is back', 2);

    await reading.stop();
    const { said, told } = await writing.stop();
    t.comment(
      `${reading.good} reads (${reading.old} of them with their age), ${said.length} updates, ${told.length} reports`,
    );
    t.comment(`refused: ${JSON.stringify(Object.fromEntries(writing.refused))}`);
    t.ok(reading.good > 1_000 && said.length > 10 && told.length > 30, 'there was a load');
    t.same(reading.failed, [], 'no reader was left without a page');
    t.same(
      [...writing.refused.keys()].filter((what) => /is well|newer|replaced/.test(what)),
      [],
      'nobody who wrote was turned away but by a kill or by the database',
    );

    const kept = await base.db
      .selectFrom('report')
      .select(['message', 'email'])
      .where('issue_id', '=', issue)
      .execute();
    const words = new Set(kept.map(({ message }) => message));
    t.same(
      told.filter((one) => !words.has(one)),
      [],
      'every report that was answered with success is there',
    );
    const updates = await base.db
      .selectFrom('issue_update')
      .select('message')
      .where('issue_id', '=', issue)
      .execute();
    const count = (one: string) => updates.filter(({ message }) => message === one).length;
    t.same(
      said.filter((one) => count(one) !== 1),
      [],
      'and every update, once',
    );

    const last = 'It works again for half of you.';
    await say(url, issue, last);
    const pages = [`/issues/${issue}`, '/feed.json'];
    const took = await Promise.all(all.flatMap((one) => pages.map((path) => shows(one.url + path, last))));
    t.comment(`the last update was on all replicas after ${took.map(Math.round).join(', ')} ms`);

    await call(url, 'POST', `/issues/${issue}/updates`, { status: 'resolved', message: 'about: whole' });
    await letLeasesRunOut(base.db);
    for (const id of [issue, killed, crashed]) {
      await until(
        'everybody was told',
        async () => {
          const { total, sent } = await call(url, 'GET', `/issues/${id}/notifications`);
          return total > 0 && sent === total;
        },
        60,
      );
    }
    const everybody = new Set(kept.map(({ email }) => email!));
    tellsEach(t, about(smtp, 'whole'), everybody, 0);
    tellsEach(t, about(smtp, 'killed'), people('killed'), mostAtOnce);
    tellsEach(t, about(smtp, 'crashed'), people('crashed'), mostAtOnce * all.length);
  },
);

/** The built product at an address that stays the same, whatever stands behind it. */
async function openReplica(t: Test, env: Record<string, string>) {
  const port = String(await freePort());
  const given = { ...env, DATA_DIR: emptyDir(t), ADMIN_TOKEN: adminToken, PORT: port, LOG_LEVEL: 'fatal' };
  let one: Candor;
  const start = async (command?: string[]) => {
    one = candor(t, given, command ? { command } : {});
    await one.url;
  };
  const end = (signal: NodeJS.Signals) => {
    one.kill(signal);
    return one.ended;
  };
  await start();
  return { url: `http://127.0.0.1:${port}`, start, end };
}

/** The product as its next version may be: with one migration more. Answers its commands. */
function newerProduct(t: Test): (command: string) => string[] {
  const folder = emptyDir(t);
  for (const name of ['dist', 'migrations', 'views', 'public', 'package.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'migrations/9999_a_later_one.sql'), 'alter table issue add column later text;');
  return (command) => [process.execPath, join(folder, 'dist/cli.js'), command];
}

function pagesOf(issue: string): string[] {
  return ['/', `/issues/${issue}`, '/history.atom', '/feed.json', '/api/v2/summary.json'];
}

/** Many readers at once, until they are stopped. */
function read(url: string, pages: string[]) {
  const agent = new Agent({ keepAlive: true });
  const seen = { during: '', good: 0, old: 0, failed: [] as string[], stop };
  let goesOn = true;
  const look = (path: string) =>
    new Promise<void>((resolve) => {
      const failed = (why: unknown) => {
        seen.failed.push(`${seen.during}: ${path}: ${why}`);
        resolve();
      };
      get(url + path, { agent }, (answer) => {
        answer.resume();
        answer.on('error', failed);
        answer.on('end', () => {
          if (answer.statusCode !== 200) return failed(answer.statusCode);
          seen.good += 1;
          if (answer.headers['x-known-at']) seen.old += 1;
          resolve();
        });
      }).on('error', failed);
    });
  const readers = Array.from({ length: manyReaders }, async (_, n) => {
    for (let turn = n; goesOn; turn++) {
      await look(pages[turn % pages.length]!);
      await sleep(50);
    }
  });
  async function stop() {
    goesOn = false;
    await Promise.all(readers);
    agent.destroy();
  }
  return seen;
}

/** Staff and customers who write all the while; what was answered with success is what must be there. */
function write(url: string, issue: string) {
  const [said, told]: [string[], string[]] = [[], []];
  const state = { during: '', refused: new Map<string, number>(), stop };
  let goesOn = true;
  const loop = async (ms: number, act: (n: number) => Promise<void>) => {
    for (let n = 0; goesOn; n++) {
      await act(n).catch((error) => {
        const what = `${state.during}: ${/^\w+ \S+: (\d+)/.exec(error.message)?.[1] ?? error.message}`;
        state.refused.set(what, (state.refused.get(what) ?? 0) + 1);
      });
      await sleep(ms);
    }
  };
  const writers = [
    loop(500, async (n) => {
      await say(url, issue, `update-${n}`);
      said.push(`update-${n}`);
    }),
    loop(150, async (n) => {
      const [message, email] = [`me-too-${n}`, `me-${n}@customers.example`];
      const body = new URLSearchParams({ message, email });
      const answer = await fetch(`${url}/issues/${issue}/me-too`, {
        method: 'POST',
        body,
        redirect: 'manual',
      });
      if (answer.status !== 303) throw new Error(`POST me-too: ${answer.status}`);
      told.push(message);
    }),
    loop(300, async (n) => {
      const [message, email] = [`ticket-${n}`, `ticket-${n}@customers.example`];
      await call(url, 'POST', `/issues/${issue}/reports`, { message, email });
      told.push(message);
    }),
  ];
  async function stop() {
    goesOn = false;
    await Promise.all(writers);
    return { said, told };
  }
  return state;
}

function say(url: string, issue: string, message: string) {
  return call(url, 'POST', `/issues/${issue}/updates`, { status: 'identified', message });
}

/** How long until an address shows these words, in milliseconds. */
async function shows(url: string, words: string): Promise<number> {
  const began = performance.now();
  await until(`${url} shows it`, async () => (await (await fetch(url)).text()).includes(words), 5);
  return performance.now() - began;
}

function people(name: string): Set<string> {
  return new Set(Array.from({ length: perBatch }, (_, n) => `${name}-${n}@customers.example`));
}

/** Another issue, with people who are all to be told at once that it is over; answers its id. */
async function resolveFor(url: string, name: string): Promise<string> {
  const { id } = await call(url, 'POST', '/issues', { ...incident, title: `Another: ${name}` });
  const reports = [...people(name)].map((email) => ({ email }));
  await call(url, 'POST', `/issues/${id}/reports`, reports);
  await call(url, 'POST', `/issues/${id}/updates`, { status: 'resolved', message: `about: ${name}` });
  return id;
}

function about(smtp: SmtpStandIn, what: string) {
  return smtp.received.filter(({ raw }) => raw.includes(`about: ${what}`));
}

function tellsEach(t: Test, mails: SmtpStandIn['received'], expected: Set<string>, mostTwice: number): void {
  const ids = new Map<string, Set<string>>();
  for (const { to, messageId } of mails) ids.set(to.join(), (ids.get(to.join()) ?? new Set()).add(messageId));
  t.same([...ids.keys()].sort(), [...expected].sort(), 'everybody was told');
  t.ok(
    [...ids.values()].every((one) => one.size === 1),
    'a mail that came twice is the same mail',
  );
  const twice = mails.length - ids.size;
  t.ok(twice <= mostTwice, `${twice} of ${mails.length} twice`);
}

async function isReady({ url }: { url: string }): Promise<boolean> {
  return (await fetch(`${url}/readyz`)).ok;
}

/** What a dead process held comes free a minute later. The test waits until only such are left, and then no longer. */
async function letLeasesRunOut(db: Db): Promise<void> {
  let [before, now] = ['', ''];
  await until('nobody alive is at work on a mail', async () => {
    await sleep(1_000);
    const held = await db
      .selectFrom('delivery')
      .select('id')
      .where('state', '=', 'queued')
      .orderBy('id')
      .execute();
    [before, now] = [now, held.map(({ id }) => id).join()];
    return before === now;
  });
  const at = new Date();
  await db.updateTable('delivery').set({ lease_until: at }).where('lease_until', '>', at).execute();
}
