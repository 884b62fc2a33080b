import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { EntryType } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import type { Database } from '../../src/db.ts';
import { fillDemo } from '../../src/demo/sample.ts';
import { links, testConfig } from '../fixtures/app.ts';
import { openBrowser } from '../fixtures/browser.ts';
import { freePort, freshDatabase } from '../fixtures/db.ts';
import { ask } from '../fixtures/nginx.ts';
import { root } from '../fixtures/process.ts';

// What a first look costs, with the demo's data: bytes, requests, movement, and what Lighthouse makes of it.
t.setTimeout(900_000); // Lighthouse takes ten seconds a look, and several times that on a busy machine

const now = new Date();
type Preset = 'mobile' | 'desktop';
let filled: Promise<{ database: Database; broken: string }> | undefined;

t.test('the first view is 14 kB at most, and nothing but its style is waited for', async (t) => {
  const { url, pages } = await serve(t);
  for (const path of [...pages, '/history']) {
    const html = (await ask(url + path)).body.toString();
    const head = html.slice(0, html.indexOf('</head>'));
    const styles = [...head.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(([, href]) => href!);
    t.equal(styles.length, 1, `${path}: one style`);
    t.notMatch(
      html,
      /<script(?! type="module" src="\/assets\/)|<style|@import/,
      `${path}: no script that is waited for`,
    );
    const style = (await ask(url + styles[0])).body.toString();
    t.notMatch(style, /@import|@font-face|url\(/, 'the style fetches nothing');
    for (const [encoding, unpack] of [
      ['br', brotliDecompressSync],
      ['gzip', gunzipSync],
    ] as const) {
      const answers = await Promise.all(
        [path, styles[0]!].map((one) => ask(url + one, { headers: { 'accept-encoding': encoding } })),
      );
      t.same(
        answers.map(({ body }) => unpack(body).toString()),
        [html, style],
      );
      const bytes = answers.reduce((sum, { body }) => sum + body.length, 0);
      t.ok(bytes <= 14_000, `${path} with its style: ${bytes} bytes as ${encoding}`);
    }
  }
});

t.test('nothing moves when the script comes late and adds the reader’s own time', async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const { url, pages } = await serve(t);
  for (const width of [390, 1280]) {
    for (const path of [...pages, '/history']) {
      const context = await browser.newContext({
        timezoneId: 'Asia/Tokyo',
        viewport: { width, height: 800 },
      });
      const page = await context.newPage();
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      await page.route('**/local-times.js*', async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(url + path, { waitUntil: 'commit' });
      await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
      t.equal(await page.locator('.local').count(), 0, 'it is seen before the script is there');
      release();
      await page.waitForLoadState('load');
      t.equal(await page.locator('.local').count(), await page.locator('time[datetime*=T]').count());
      t.equal(await movedOn(page), 0, `${path} at ${width} px`);
      await context.close();
    }
  }
});

t.test('Lighthouse finds nothing to mend', async (t) => {
  const port = await freePort();
  const browser = await openBrowser(t, [`--remote-debugging-port=${port}`]);
  if (!browser) return;
  const { url, pages } = await serve(t);
  for (const path of pages) {
    for (const preset of path === '/' ? (['mobile', 'desktop'] as const) : (['mobile'] as const)) {
      const { scores, below } = await bestOfThree(url + path, port, preset);
      const all = { performance: 1, accessibility: 1, 'best-practices': 1, seo: 1 };
      t.same(scores, all, `${path}, ${preset}`, { below, speed });
    }
  }
});

/** The sum of what moved on the page, the last of it painted. */
function movedOn(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let sum = 0;
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries()) sum += (shift as unknown as { value: number }).value;
    }).observe({ type: 'layout-shift' as EntryType, buffered: true });
    for (let n = 0; n < 6; n++) await new Promise((resolve) => setTimeout(resolve, 25));
    return sum;
  });
}

/** Of three tries the best counts: what else a machine does must not decide. */
async function bestOfThree(url: string, port: number, preset: Preset) {
  const best = await judgedAtLast(url, port, preset);
  for (let n = 1; n < 3 && best.scores.performance! < 1; n++) {
    const { scores, below } = await judgedAtLast(url, port, preset, ['--only-categories=performance']);
    if (scores.performance! <= best.scores.performance!) continue;
    best.scores.performance = scores.performance!;
    best.below = below;
  }
  return best;
}

/** On a busy machine it may lose its own trace of a page, and says then that it should be run again. */
async function judgedAtLast(...asked: Parameters<typeof judged>): ReturnType<typeof judged> {
  for (let n = 1; n < 3; n++) {
    try {
      return await judged(...asked);
    } catch (error) {
      if (!/run Lighthouse again/.test(String((error as { stderr?: string }).stderr))) throw error;
    }
  }
  return judged(...asked);
}

/**
 * Lighthouse makes a phone of this machine by taking each of its moments for four, which is meant for a quick desktop.
 * One that Lighthouse's own benchmark calls slower, or that is busy, is nearer to a phone already, by as much.
 */
const quickDesktop = 1_500;
let speed = quickDesktop;

/** In a process of its own: it would hold up the very server it measures. */
async function judged(url: string, port: number, preset: Preset, only: string[] = []) {
  const slower = preset === 'desktop' ? 1 : Math.max(1, 4 * Math.min(1, speed / quickDesktop));
  const { stdout } = await promisify(execFile)(
    'env',
    [
      ...['-u', 'NODE_OPTIONS', process.execPath, join(root, 'node_modules/lighthouse/cli/index.js'), url],
      ...[`--port=${port}`, '--output=json', '--quiet', '--no-enable-error-reporting'],
      ...(preset === 'desktop' ? ['--preset=desktop'] : []),
      ...only,
      '--disable-full-page-screenshot',
      '--skip-audits=bf-cache', // scored nowhere, and slow
      `--throttling.cpuSlowdownMultiplier=${slower}`,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const { categories, audits, environment } = JSON.parse(stdout) as Report;
  const scores = Object.fromEntries(Object.entries(categories).map(([name, { score }]) => [name, score]));
  const below = Object.values(audits)
    .filter(({ score }) => score !== null && score < 1)
    .map(({ id, score, displayValue = '' }) => `${id}: ${score} ${displayValue}`);
  speed = environment.benchmarkIndex;
  return { scores, below };
}

interface Report {
  categories: Record<string, { score: number | null }>;
  audits: Record<string, { id: string; score: number | null; displayValue?: string }>;
  environment: { benchmarkIndex: number };
}

/** The demo's page, on an address of this machine. */
async function serve(t: Test) {
  filled ??= fill(t);
  const { database, broken } = await filled;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const app = await buildApp({ config: testConfig({ BASE_URL: url }), database, links, now: () => now });
  t.teardown(() => app.close());
  await app.listen({ port, host: '127.0.0.1' });
  return { url, pages: ['/', `/issues/${broken}`, '/report'] };
}

async function fill(t: Test) {
  const database = await freshDatabase(t, 'embedded');
  const { broken } = await fillDemo(database.db, now);
  return { database, broken };
}
