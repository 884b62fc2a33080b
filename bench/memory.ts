import { setTimeout as sleep } from 'node:timers/promises';
import { mixedReaders } from './load/readers.ts';
import { openSite, type Site } from './load/site.ts';
import { build, load, middle, option, rssOf, startPageOnly } from './load.ts';
import type { Bench } from './run.ts';
import { mostRss, updateEvery, updateMs } from './stampede.ts';
import { printTable } from './table.ts';

export const bench: Bench = {
  about: 'the memory of a page-only process over --minutes=10 of updates, readers, strangers and "me too"',
  async run(options) {
    build();
    const site = await openSite();
    try {
      return await forLong(site, option(options, 'minutes', 10));
    } finally {
      await site.stop();
    }
  },
};

/** Readers of every sort for long; the memory must not grow. */
async function forLong(site: Site, minutes: number): Promise<boolean> {
  const ours = await startPageOnly(site);
  const updates = updateEvery(ours, site.issue, updateMs);
  const readers = mixedReaders(ours.url, site.issue);
  const rss: number[] = [];
  for (let tens = 0; tens < minutes * 6; tens++) {
    await sleep(10_000);
    rss.push(rssOf(ours.pid));
    if (tens % 6 === 5) console.error(`  ${(tens + 1) / 6} min: ${rss.at(-1)!.toFixed(0)} MB`);
  }
  const answers = await readers.stop();
  const changes = await updates.stop();
  await ours.stop();
  const quarter = Math.max(1, Math.floor(rss.length / 4));
  const [second, last] = [middle(rss.slice(quarter, quarter * 2)), middle(rss.slice(-quarter))];
  printTable(
    ['RSS MB', 'first', 'median', 'most', 'second quarter', 'last quarter', 'last to second (≤ 1.1 is good)'],
    [
      [
        `${minutes} minutes, ${changes} updates`,
        ...[rss[0]!, middle(rss), Math.max(...rss), second, last].map((mb) => mb.toFixed(0)),
        (last / second).toFixed(2),
      ],
    ],
  );
  console.log(
    `Answers: ${Object.entries(answers)
      .map(([status, n]) => `${n} × ${status}`)
      .join(', ')}. ${load()}\n`,
  );
  return last / second <= 1.1 && Math.max(...rss) <= mostRss;
}
