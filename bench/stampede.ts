import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSite, type Site } from './load/site.ts';
import { type Asked, ask, settle } from './load/wrk.ts';
import {
  adminToken,
  build,
  load,
  option,
  type Running,
  rssOf,
  spread,
  startBare,
  startPageOnly,
  takeAnswer,
} from './load.ts';
import type { Bench } from './run.ts';
import { printTable } from './table.ts';

export const bench: Bench = {
  about:
    'everybody at once while updates come: --readers=10000 for --seconds=60, and 1,000 at the instant of a change',
  needs: ['wrk'],
  run,
};

export const updateMs = 2_000;
export const mostRss = 150;

async function run(options: string[]): Promise<boolean> {
  const readers = atMost(option(options, 'readers', 10_000));
  const seconds = option(options, 'seconds', 60);
  build();
  const site = await openSite();
  try {
    console.error('1,000 readers at the instant of a change …');
    const instants = await atTheInstant(site, option(options, 'rounds', 5));
    console.error(`${readers} readers of a bare node:http …`);
    const { server: bare, stop } = await bareLikeOurs(site);
    const alone = await watched(bare, readers, Math.min(seconds, 20));
    await stop();
    console.error(`${readers} readers while updates come …`);
    const ours = await startPageOnly(site);
    await settle(ours);
    const quiet = rssOf(ours.pid);
    const updates = updateEvery(ours, site.issue, updateMs);
    const before = await madeBy(ours);
    const crowd = await watched(ours, readers, seconds);
    const changes = await updates.stop();
    const made = (await madeBy(ours)) - before;
    const pages = pagesOf(site);
    await ours.stop();
    return print({ readers, instants, alone, crowd, changes, made, pages, quiet });
  } finally {
    await site.stop();
  }
}

/** No more than the files that a process may have open here. */
function atMost(readers: number): number {
  const most = Number(execFileSync('sh', ['-c', 'ulimit -n']).toString()) - 500;
  if (readers > most) console.error(`only ${most} readers: ulimit -n allows no more`);
  return Math.min(readers, most);
}

async function bareLikeOurs(site: Site): Promise<{ server: Running; stop: () => Promise<void> }> {
  const ours = await startPageOnly(site);
  const answer = await takeAnswer(ours.url, { 'Accept-Encoding': 'gzip' });
  await ours.stop();
  const server = await startBare(answer);
  return { server, stop: server.stop };
}

interface Watched extends Asked {
  mostRss: number;
}

async function watched(server: Running, connections: number, seconds: number): Promise<Watched> {
  let mostRss = 0;
  const watching = setInterval(() => {
    mostRss = Math.max(mostRss, rssOf(server.pid));
  }, 500);
  const asked = await ask(server, {
    seconds,
    connections,
    headers: { 'Accept-Encoding': 'gzip' },
    timeout: 30,
  });
  clearInterval(watching);
  return { ...asked, mostRss };
}

/** Posts an update now and then; `stop` answers how many there were. */
export function updateEvery(
  server: Running,
  issue: string,
  everyMs: number,
): { stop: () => Promise<number> } {
  let updates = 0;
  let over = false;
  const posting = (async () => {
    while (!over) {
      await post(server, issue, `We know more: ${++updates}.`);
      await sleep(everyMs);
    }
  })();
  return {
    async stop() {
      over = true;
      await posting;
      return updates;
    },
  };
}

/** Posts an update; throws where it is not taken. */
export async function post({ url }: Running, issue: string, message: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/issues/${issue}/updates`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'identified', message, notify: false }),
  });
  if (!answer.ok) throw new Error(`an update: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** How many pages it has made since it started. */
async function madeBy({ url }: Running): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^candor_pages_made_total (\d+)/m.exec(text)![1]);
}

/** The pages it keeps, of which an update concerns all but other issues' own. */
function pagesOf({ dataDir, issue }: Site): number {
  const folder = join(dataDir, 'pages');
  const keys = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).key as string);
  return keys.filter((key) => !key.startsWith('/issues/') || key === `/issues/${issue}`).length;
}

interface Instant {
  /** Pages made for one change while 1,000 asked for one of them. */
  made: number;
  errors: number;
}

/** 1,000 readers ask for a page that nobody made yet at once: all pages that the change concerns are made for it. */
async function atTheInstant(site: Site, rounds: number): Promise<Instant[]> {
  const all: Instant[] = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1_000 });
  const ours = await startPageOnly(site);
  await settle(ours);
  const path = `/issues/${site.issue}`;
  const get = () => statusOf(`${ours.url}${path}`, agent);
  await Promise.all(Array.from({ length: 1_000 }, get));
  for (let round = 0; round < rounds; round++) {
    await sleep(1_500);
    const before = await madeBy(ours);
    const [, ...answers] = await Promise.all([
      post(ours, site.issue, `It is the instant of change ${round}.`),
      ...Array.from({ length: 1_000 }, get),
    ]);
    await settle(ours);
    const made = (await madeBy(ours)) - before;
    all.push({ made, errors: answers.filter((status) => status !== 200).length });
  }
  agent.destroy();
  await ours.stop();
  return all;
}

function statusOf(url: string, agent: http.Agent): Promise<number> {
  return new Promise((resolve) => {
    http
      .get(url, { agent }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode!));
      })
      .on('error', () => resolve(0));
  });
}

interface Seen {
  readers: number;
  instants: Instant[];
  alone: Watched;
  crowd: Watched;
  changes: number;
  made: number;
  pages: number;
  quiet: number;
}

function print({ readers, instants, alone, crowd, changes, made, pages, quiet }: Seen): boolean {
  const count = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 0 });
  const errors = ({ errors }: Asked) => Object.values(errors).reduce((a, b) => a + b);
  const row = (name: string, one: Watched) => [
    name,
    count(one.requests),
    errors(one),
    count(one.perSecond),
    count(one.p50),
    count(one.p99),
    count(one.mostRss),
  ];
  printTable(
    [`${count(readers)} readers`, 'answers', 'errors (0 is good)', 'answers/s', 'p50 ms', 'p99 ms', 'RSS MB'],
    [row('bare node:http', alone), row('ours, while updates come', crowd)],
  );
  const kinds = Object.entries(crowd.errors).filter(([, n]) => n > 0);
  if (kinds.length > 0) console.log(`Ours failed: ${kinds.map(([kind, n]) => `${kind} ${n}`).join(', ')}.\n`);
  const mean = made / changes / pages;
  const failed = instants.reduce((sum, { errors }) => sum + errors, 0);
  const most = Math.max(...instants.map(({ made }) => made));
  printTable(
    ['while updates come', 'measured', 'limit', 'ratio (≤ 1 is good)'],
    [
      [
        `times a page is made per change (${changes} changes, ${pages} pages)`,
        mean.toFixed(2),
        1,
        mean.toFixed(2),
      ],
      [
        `pages made for a change with 1,000 readers at once (${failed} errors)`,
        spread(instants.map(({ made }) => made)),
        pages,
        (most / pages).toFixed(2),
      ],
      [
        `RSS MB (${count(quiet)} before they came)`,
        count(crowd.mostRss),
        mostRss,
        (crowd.mostRss / mostRss).toFixed(2),
      ],
      ['… beyond a bare node:http', count(crowd.mostRss - alone.mostRss), '', ''],
    ],
  );
  console.log(`${load()}\n`);
  return errors(crowd) + failed === 0 && mean <= 1 && most <= pages && crowd.mostRss <= mostRss;
}
