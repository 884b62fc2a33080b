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
      node: [] as Start[],
      lite: [] as Start[],
      embedded: [] as Start[],
      postgres: [] as Start[],
    };
    for (let round = 0; round < rounds; round++) {
      measured.node.push(await timed(''));
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
  /** Of the processor until it listens: other work on the machine changes it least. */
  cpu: number;
}

async function startOnce(env: Record<string, string>): Promise<Start> {
  const began = performance.now();
  const server = await startOurs(env, []);
  const ready = await untilOk(`${server.url}/readyz`, began);
  await server.stop();
  return { listening: server.listeningMs, ready, cpu: server.listeningCpuMs };
}

const opening = `
  const { PGlite } = await import('@electric-sql/pglite');
  const lite = await PGlite.create({ dataDir: process.argv[1] });
  await lite.query('select count(*) from report');
`;

/** How long a program takes, as we take one that listens when it ends. */
async function timed(script: string, ...args: string[]): Promise<Start> {
  const began = performance.now();
  const { stdout } = await runProgram(process.execPath, ['--input-type=module', '-e', script + end, ...args]);
  const listening = performance.now() - began;
  return { listening, ready: listening, cpu: Number(stdout) / 1_000 };
}

const end = `; const { user, system } = process.cpuUsage(); console.log(user + system); process.exit(0);`;

async function fill({ db, close }: Database, reports: number): Promise<void> {
  await migrate(db);
  const { rows } = await sql`select from issue limit 1`.execute(db);
  if (rows.length === 0) await fillDemo(db, new Date());
  await sql`
    insert into report (id, issue_id, state, source, email, message, created_at, linked_at)
    select left(md5('r' || n), 12), issue.id, 'linked', 'form', 'p' || n || '@example.com', 'It happens to me too, ' || n,
      now() - n * interval '1 minute', now() - n * interval '1 minute'
    from generate_series(1, ${reports}::int) as n cross join (select id from issue order by created_at limit 1) as issue`.execute(
    db,
  );
  await close();
}

function print(
  measured: { node: Start[]; lite: Start[]; embedded: Start[]; postgres: Start[] },
  reports: number,
): boolean {
  const { node, lite, embedded, postgres } = measured;
  const listening = (name: string, all: Start[]) => ({
    name,
    times: all.map(({ listening }) => listening),
    all,
  });
  const ready = (name: string, all: Start[]) => ({ name, times: all.map(({ ready }) => ready), all: [] });
  const ours = [
    listening('embedded: it listens', embedded),
    ready('embedded: /readyz 200', embedded),
    listening('PostgreSQL: it listens', postgres),
    ready('PostgreSQL: /readyz 200', postgres),
  ];
  const cpu = (all: Start[]) => (all.length > 0 ? spread(all.map(({ cpu }) => cpu)) : '');
  const alone = [listening('node -e 0', node), listening('PGlite opens the same database, and counts', lite)];
  printTable(
    [`start, ${reports.toLocaleString('en')} reports`, 'ms', 'CPU ms', 'of the limit (≤ 1 is good)'],
    [
      ...alone.map(({ name, times, all }) => [name, spread(times), cpu(all), '']),
      ...ours.map(({ name, times, all }) => [
        name,
        spread(times),
        cpu(all),
        (middle(times) / most).toFixed(2),
      ]),
    ],
  );
  console.log(`The limit is ${most} ms. ${load()}\n`);
  return ours.every(({ times }) => middle(times) <= most);
}
