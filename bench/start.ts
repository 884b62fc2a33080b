import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { connect, type Database } from '../src/db.ts';
import { fillDemo } from '../src/demo/sample.ts';
import { migrate } from '../src/migrate.ts';
import { openSite } from './load/site.ts';
import { build, load, middle, option, spread, startOurs, untilOk } from './load.ts';
import type { Bench } from './run.ts';
import { printTable } from './table.ts';

export const bench: Bench = {
  about: 'how soon it is ready on a database with --reports=20000, beside Node and PGlite alone (--rounds=5)',
  run,
};

const most = 2_000;
const runProgram = promisify(execFile);

async function run(options: string[]): Promise<boolean> {
  const rounds = option(options, 'rounds', 5);
  const reports = option(options, 'reports', 20_000);
  build();
  const site = await openSite();
  const folder = mkdtempSync(join(tmpdir(), 'candor-start-'));
  const [dataDir, beside] = [join(folder, 'data'), join(folder, 'beside')];
  try {
    await fill(await connect({ databaseUrl: site.url, dataDir: '' }), reports);
    await fill(await connect({ databaseUrl: null, dataDir }), reports);
    cpSync(dataDir, beside, { recursive: true });
    const measured = {
      node: [] as number[],
      lite: [] as number[],
      embedded: [] as Start[],
      postgres: [] as Start[],
    };
    for (let round = 0; round < rounds; round++) {
      measured.node.push(await timed('0'));
      measured.lite.push(await timed(opening, join(beside, 'db')));
      measured.embedded.push(await startOnce({ DATA_DIR: dataDir }));
      measured.postgres.push(await startOnce({ DATABASE_URL: site.url, DATA_DIR: site.dataDir }));
      console.error(`  round ${round + 1}: ${measured.embedded.at(-1)!.ready.toFixed(0)} ms`);
    }
    return print(measured, reports);
  } finally {
    await site.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from its start to the line that says it listens, and until it is ready. */
interface Start {
  listening: number;
  ready: number;
}

async function startOnce(env: Record<string, string>): Promise<Start> {
  const began = performance.now();
  const server = await startOurs(env);
  const ready = await untilOk(`${server.url}/readyz`, began);
  await server.stop();
  return { listening: server.listeningMs, ready };
}

const opening = `
  const { PGlite } = await import('@electric-sql/pglite');
  const lite = await PGlite.create({ dataDir: process.argv[1] });
  await lite.query('select count(*) from report');
  process.exit(0);
`;

async function timed(script: string, ...args: string[]): Promise<number> {
  const began = performance.now();
  await runProgram(process.execPath, ['--input-type=module', '-e', script, ...args]);
  return performance.now() - began;
}

async function fill({ db, close }: Database, reports: number): Promise<void> {
  await migrate(db);
  const { rows } = await sql`select from issue limit 1`.execute(db);
  if (rows.length === 0) await fillDemo(db, new Date());
  await sql`
    insert into report (id, source, email, message, created_at)
    select left(md5('r' || n), 12), 'form', 'p' || n || '@example.com', 'It happens to me too, ' || n, now() - n * interval '1 minute'
    from generate_series(1, ${reports}::int) as n`.execute(db);
  await close();
}

function print(
  measured: { node: number[]; lite: number[]; embedded: Start[]; postgres: Start[] },
  reports: number,
): boolean {
  const { node, lite, embedded, postgres } = measured;
  const all = [
    { name: 'embedded: it listens', times: embedded.map(({ listening }) => listening) },
    { name: 'embedded: /readyz 200', times: embedded.map(({ ready }) => ready) },
    { name: 'PostgreSQL: it listens', times: postgres.map(({ listening }) => listening) },
    { name: 'PostgreSQL: /readyz 200', times: postgres.map(({ ready }) => ready) },
  ];
  printTable(
    [`start, ${reports.toLocaleString('en')} reports`, 'ms', 'of the limit (≤ 1 is good)'],
    [
      ['node -e 0', spread(node), ''],
      ['PGlite opens the same database, and counts', spread(lite), ''],
      ...all.map(({ name, times }) => [name, spread(times), (middle(times) / most).toFixed(2)]),
    ],
  );
  console.log(`The limit is ${most} ms. ${load()}\n`);
  return all.every(({ times }) => middle(times) <= most);
}
