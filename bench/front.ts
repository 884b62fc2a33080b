import { setTimeout as sleep } from 'node:timers/promises';
import { findNginx, openFront } from '../test/fixtures/nginx.ts';
import { openSite, type Site } from './load/site.ts';
import { type Asked, ask, settle } from './load/wrk.ts';
import { build, middle, option, type Running, rssOf, startPageOnly } from './load.ts';
import type { Bench } from './run.ts';
import { mostRss, post, updateMs } from './stampede.ts';
import { printTable } from './table.ts';

export const bench: Bench = {
  about:
    '10,000 readers (--readers=N, --seconds=60) through the nginx of ops/nginx while updates come every 2 s',
  needs: ['wrk'],
  run,
};

interface News {
  said: number;
  /** Milliseconds from the answer to whoever wrote it until a reader had it. */
  seenAfter: number[];
}

async function run(options: string[]): Promise<boolean> {
  const nginx = findNginx();
  if (!nginx) return true;
  build();
  const site = await openSite();
  const undo: (() => Promise<unknown>)[] = [() => site.stop()];
  const teardown = (step: () => Promise<unknown>) => void undo.unshift(step);
  try {
    const ours = await startPageOnly(site, []);
    undo.unshift(() => ours.stop());
    const front = await openFront({ teardown }, nginx, ours.url, false);
    await settle(ours);
    const rest = rssOf(ours.pid);
    let most = rest;
    const watch = setInterval(() => (most = Math.max(most, rssOf(ours.pid))), 300);
    const over = new AbortController();
    const news = write(site, ours, front.url, over.signal);
    const asked = await ask(
      { ...ours, url: front.url },
      {
        seconds: option(options, 'seconds', 60),
        connections: option(options, 'readers', 10_000),
        headers: { 'Accept-Encoding': 'gzip' },
        timeout: 30,
      },
    );
    over.abort();
    clearInterval(watch);
    return print(asked, await news, rest, most);
  } finally {
    for (const step of undo) await step();
  }
}

/** Posts an update every two seconds, and looks through nginx until it is there. */
async function write(site: Site, ours: Running, url: string, over: AbortSignal): Promise<News> {
  const news: News = { said: 0, seenAfter: [] };
  while (!over.aborted) {
    const message = `It is change ${++news.said} of this hour.`;
    await post(ours, site.issue, message);
    const began = performance.now();
    while (performance.now() - began < 30_000) {
      if ((await (await fetch(`${url}/issues/${site.issue}`)).text()).includes(message)) {
        news.seenAfter.push(performance.now() - began);
        break;
      }
      await sleep(50);
    }
    await sleep(Math.max(0, updateMs - (performance.now() - began)));
  }
  return news;
}

function print(asked: Asked, { said, seenAfter }: News, rest: number, most: number): boolean {
  const errors = Object.values(asked.errors).reduce((sum, one) => sum + one, 0);
  const slowest = Math.max(...seenAfter);
  printTable(
    ['what', 'measured', 'good'],
    [
      ['answers', `${asked.requests.toLocaleString('en')}, ${Math.round(asked.perSecond)}/s`, 'more'],
      ['errors', String(errors), '0'],
      ['p50, p99', `${asked.p50} ms, ${asked.p99} ms`, 'less'],
      [
        'updates, and seen by a reader',
        `${said}, ${seenAfter.length}; after ${Math.round(middle(seenAfter))} ms, at most ${Math.round(slowest)}`,
        'all, within 2,000',
      ],
      ['RSS of the page-only process', `${Math.round(rest)} MB, at most ${Math.round(most)}`, `≤ ${mostRss}`],
    ],
  );
  return errors === 0 && seenAfter.length === said && slowest <= updateMs && most <= mostRss;
}
