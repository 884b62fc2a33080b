import { PGlite } from '@electric-sql/pglite';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { connect, type Database, fromPGlite } from '../src/db.ts';
import { csrfOf } from '../src/desk/forgery.ts';
import { linksFor } from '../src/links.ts';
import { migrate } from '../src/migrate.ts';
import { gatherReports } from '../src/reports/gather-reports.ts';
import { startCluster } from '../test/fixtures/db.ts';
import { grow, type Size, sentence } from './grown.ts';
import { hire } from './hire.ts';
import type { Bench } from './run.ts';
import { percentile, printTable } from './table.ts';

const rounds = 5;
const each = 9; // requests of a round
const small: Size = { issues: 100, reports: 1_000 };
const most = 1.1; // how much longer the large one may take where the answer has the same size

export const bench: Bench = {
  about: 'every page at 100 and at 100,000 issues with 1,000,000 reports (--issues=N, --reports=N)',
  async run(options) {
    const option = (name: string, usual: number) =>
      Number(options.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? usual);
    const issues = option('issues', 100_000);
    const large = { issues, reports: option('reports', issues * 10) };
    const cluster = await startCluster();
    const kept = await measureBoth('PostgreSQL', large, async (name) => {
      const url = new URL(cluster.url);
      const base = await connect({ databaseUrl: url.href, dataDir: '' });
      await sql`create database ${sql.id(name)} template candor_template`.execute(base.db);
      await base.close();
      url.pathname = `/${name}`;
      return connect({ databaseUrl: url.href, dataDir: '' });
    });
    await cluster.stop();
    // One thread fills the embedded database: a fifth of it is enough to see what grows.
    const fifth = { issues: large.issues / 5, reports: large.reports / 5 };
    const embedded = await measureBoth('PGlite', fifth, async () => {
      const base = await fromPGlite(await PGlite.create());
      await migrate(base.db);
      return base;
    });
    return kept && embedded;
  },
};

async function measureBoth(
  name: string,
  large: Size,
  open: (name: string) => Promise<Database>,
): Promise<boolean> {
  const now = new Date();
  console.error(`${name}: filling …`);
  const [little, much] = [await open('little'), await open('much')];
  const sites = [await openSite(little, small, now), await openSite(much, large, now)] as const;
  console.error(`${name}: asking …`);
  const measured = await compare(...sites);
  await Promise.all(sites.map(({ app }) => app.close()));
  await Promise.all([little.close(), much.close()]);
  console.log(
    `${name}: milliseconds of server time, ${count(small)} beside ${count(large)}; medians of ${rounds} rounds (their spread)\n`,
  );
  printTable(
    ['page', '100 issues', `${large.issues.toLocaleString('en')}`, 'ratio', 'p95'],
    measured.map(({ page, few, many, ratio }) => [
      page,
      spreadOf(few),
      spreadOf(many),
      ratio.toFixed(2),
      percentile(many.flat(), 0.95).toFixed(1),
    ]),
  );
  console.log(
    `The ratio is the median of the rounds' ratios; where the answer has the same size it should stay below ${most}.\n`,
  );
  return measured.every(({ page, ratio }) => page.startsWith('search') || ratio < most);
}

interface Site {
  clock: { now: number };
  app: FastifyInstance;
  issue: string;
  month: string;
  headers: Record<string, string>;
}

export async function openSite(base: Database, size: Size, now: Date): Promise<Site> {
  const made = await grow(base.db, size, now);
  return siteOf(base, made, now);
}

/** The whole app over a database that was grown before. */
export async function siteOf(
  base: Database,
  made: { issue: string; month: string },
  now: Date,
): Promise<Site> {
  await gatherReports(base.db, now);
  const links = linksFor(Buffer.alloc(32, 1));
  const secret = await hire(base.db);
  const clock = { now: now.getTime() };
  const app = await buildApp({
    config: readConfig({}),
    database: base,
    links,
    now: () => new Date(clock.now),
  });
  return {
    app,
    clock,
    ...made,
    headers: { cookie: `candor-session=${secret}`, 'x-csrf': csrfOf(links, secret) },
  };
}

type Ask = (site: Site, n: number) => ReturnType<typeof get>;

const get = ({ app, headers }: Site, url: string) => app.inject({ url, headers });
const post = ({ app }: Site, url: string, form: Record<string, string>) =>
  app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });

const component = '0a3d72134fb3'; // one of those that grow() makes
const asks: Record<string, Ask> = {
  'front page': (site) => get(site, '/'),
  'an issue': (site) => get(site, `/issues/${site.issue}`),
  'a month of history': (site) => get(site, `/history?month=${site.month}`),
  'a component': (site) => get(site, `/components/${component}`),
  'history.atom': (site) => get(site, '/history.atom'),
  'feed.json': (site) => get(site, '/feed.json'),
  'a component’s feed.json': (site) => get(site, `/components/${component}/feed.json`),
  'summary.json': (site) => get(site, '/api/v2/summary.json'),
  'incidents.json': (site) => get(site, '/api/v2/incidents.json'),
  'maintenance.ics': (site) => get(site, '/maintenance.ics'),
  'badge.svg': (site) => get(site, '/badge.svg'),
  '/promise': (site) => {
    site.clock.now += 6_000; // a crowd within five seconds would get what was counted for the first
    return get(site, '/promise');
  },
  '/ledger': (site) => get(site, '/ledger'),
  'search, two words': (site, n) => get(site, `/search?q=${encodeURIComponent(sentence(n + 31, 2))}`),
  'search, a sentence': (site, n) => get(site, `/search?q=${encodeURIComponent(sentence(n + 7_919, 8))}`),
  'desk: today': (site) => get(site, '/admin'),
  'desk: inbox': (site) => get(site, '/admin/inbox'),
  'desk: inbox, handled': (site) => get(site, '/admin/inbox?show=linked'),
  'desk: issues': (site) => get(site, '/admin/issues'),
  'desk: an issue': (site) => get(site, `/admin/issues/${site.issue}`),
  'me too': (site, n) => post(site, `/issues/${site.issue}/me-too`, { email: `me${n}@example.com` }),
  'a report': (site, n) => post(site, '/report', { message: sentence(n, 12), email: `r${n}@example.com` }),
};

interface Measured {
  page: string;
  few: number[][];
  many: number[][];
  ratio: number;
}

/** Asks both for each page in turn, round by round. */
export async function compare(few: Site, many: Site, only = Object.keys(asks)): Promise<Measured[]> {
  const measured: Measured[] = [];
  let n = 0;
  for (const page of only) {
    const began = performance.now();
    for (const site of [few, many]) await timed(site, page, n++);
    if (page === '/promise')
      console.error(`  /promise first: both ${(performance.now() - began).toFixed(0)} ms`);
    const one: Measured = { page, few: [], many: [], ratio: 0 };
    for (let round = 0; round < rounds; round++) {
      const times = { few: [] as number[], many: [] as number[] };
      for (let i = 0; i < each; i++) {
        times.few.push(await timed(few, page, n++));
        times.many.push(await timed(many, page, n++));
      }
      one.few.push(times.few);
      one.many.push(times.many);
    }
    const ratios = one.few.map((times, round) => middle(one.many[round]!) / middle(times));
    measured.push({ ...one, ratio: middle(ratios) });
  }
  return measured;
}

async function timed(site: Site, page: string, n: number): Promise<number> {
  const began = performance.now();
  const { statusCode } = await asks[page]!(site, n);
  const took = performance.now() - began;
  if (statusCode !== 200 && statusCode !== 303) throw new Error(`${page} answers ${statusCode}`);
  return took;
}

const middle = (times: number[]) => percentile(times, 0.5);

function spreadOf(times: number[][]): string {
  const all = times.map(middle);
  return `${middle(all).toFixed(1)} (${Math.min(...all).toFixed(1)}–${Math.max(...all).toFixed(1)})`;
}

function count({ issues, reports }: Size): string {
  return `${issues.toLocaleString('en')} issues, ${reports.toLocaleString('en')} reports`;
}
