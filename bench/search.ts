import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { sql } from 'kysely';
import { connect, type Database, type Db, fromPGlite } from '../src/db.ts';
import { migrate } from '../src/migrate.ts';
import { findIssues } from '../src/status-page/find-issues.ts';
import { startCluster } from '../test/fixtures/db.ts';
import { areHere, type Issue, misspell, readBugs, recombined, startAnew, write } from './known-bugs.ts';
import type { Bench } from './run.ts';
import { percentile, printTable } from './table.ts';

const rounds = 5;
const mostMs = 30; // of server time, nine and a half of ten searches

export const bench: Bench = {
  about: 'search over 100,000 issues beside its limit of 30 ms and a trigram scan (--issues=N)',
  async run(options) {
    if (!areHere()) {
      console.log('skipped: ../shared/data/known-bugs is not here (see bench/README.md)');
      return true;
    }
    const many = Number(options.find((one) => one.startsWith('--issues='))?.slice(9) ?? 100_000);
    const cluster = await startCluster();
    const postgres = await connect({ databaseUrl: cluster.url, dataDir: '' });
    const kept = await measure('PostgreSQL', postgres, many);
    await cluster.stop();
    const embedded = await fromPGlite(await PGlite.create({ extensions: { pg_trgm } }));
    await measure('PGlite', embedded, many / 5); // no limit was ever named for it
    return kept;
  },
};

async function measure(name: string, base: Database, many: number): Promise<boolean> {
  const { db } = base;
  await migrate(db);
  const { issues, pairs } = readBugs();
  console.error(`${name}: filling …`);
  await fill(db, recombined(issues, many));
  await sql`create extension if not exists pg_trgm`.execute(db);
  await sql`create index issue_title_likeness on issue using gin (title gin_trgm_ops)`.execute(db);
  await sql`vacuum analyze`.execute(db);
  startAnew();
  const texts = pairs.flatMap(({ asks }) => [asks, misspell(asks)]);
  console.error(`${name}: searching …`);
  const times = await ask(db, texts);
  await base.close();
  const trigram = middle(times.map((round) => percentile(round.trigram, 0.95)));
  const row = (label: string, of: keyof Times) => {
    const p50 = times.map((round) => percentile(round[of], 0.5));
    const p95 = times.map((round) => percentile(round[of], 0.95));
    return [
      label,
      spread(p50),
      spread(p95),
      (middle(p95) / mostMs).toFixed(2),
      (middle(p95) / trigram).toFixed(2),
    ];
  };
  console.log(
    `${name}: milliseconds a search over ${many.toLocaleString('en')} issues, half of them misspelt; ${rounds} rounds of ${texts.length}\n`,
  );
  printTable(
    ['', 'p50 (spread)', 'p95 (spread)', `of ${mostMs} ms`, 'of a trigram scan'],
    [row('search', 'ours'), row('select 1', 'trip'), row('title % text', 'trigram')],
  );
  return middle(times.map((round) => percentile(round.ours, 0.95))) < mostMs;
}

/** Without the triggers, which would make the words of each issue twice. */
async function fill(db: Db, made: Issue[]): Promise<void> {
  const tables = ['issue', 'issue_update'].map((name) => sql.table(name));
  for (const table of tables) await sql`alter table ${table} disable trigger user`.execute(db);
  await write(db, made);
  for (const table of tables) await sql`alter table ${table} enable trigger user`.execute(db);
  for (let from = 0; from < made.length; from += 2_000) {
    const ids = made.slice(from, from + 2_000).map(({ id }) => id);
    await sql`select search_refresh(${ids}::text[])`.execute(db);
  }
}

type Times = Record<'ours' | 'trip' | 'trigram', number[]>;

/** The three in turn for each text, a trigram scan for every fourth alone: it takes long. */
async function ask(db: Db, texts: string[]): Promise<Times[]> {
  for (const text of texts.slice(0, 40)) await findIssues(db, text);
  const all: Times[] = [];
  for (let round = 0; round < rounds; round++) {
    const times: Times = { ours: [], trip: [], trigram: [] };
    for (const [n, text] of texts.entries()) {
      times.trip.push(await timed(() => sql`select 1`.execute(db)));
      times.ours.push(await timed(() => findIssues(db, text)));
      if (n % 4 !== round % 4) continue;
      times.trigram.push(
        await timed(() =>
          sql`select id, title from issue where title % ${text} order by similarity(title, ${text}) desc limit 10`.execute(
            db,
          ),
        ),
      );
    }
    all.push(times);
  }
  return all;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

const middle = (values: number[]) => percentile(values, 0.5);

function spread(values: number[]): string {
  return `${middle(values).toFixed(1)} (${Math.min(...values).toFixed(1)}–${Math.max(...values).toFixed(1)})`;
}
