import { sql } from 'kysely';
import { connect } from '../src/db.ts';
import { openSite } from './load/site.ts';
import { type Asked, ask, settle } from './load/wrk.ts';
import {
  build,
  load,
  middle,
  option,
  type Running,
  spread,
  startBare,
  startPageOnly,
  takeAnswer,
} from './load.ts';
import type { Bench } from './run.ts';
import { printTable } from './table.ts';

export const bench: Bench = {
  about:
    'the front page beside a bare node:http that sends the same bytes (--seconds=5, --rounds=5, --issues=100000)',
  needs: ['wrk'],
  run,
};

/** How an answer is asked for. */
export interface Way {
  name: string;
  /** Without one: the front page. */
  path?: string;
  headers: Record<string, string>;
}

const ways: Way[] = [
  { name: 'gzip', headers: { 'Accept-Encoding': 'gzip' } },
  { name: 'br', headers: { 'Accept-Encoding': 'gzip, deflate, br' } },
  { name: 'not compressed', headers: {} },
];
const least = 0.95;
const most = 1.3;

async function run(options: string[]): Promise<boolean> {
  const issues = option(options, 'issues', 100_000);
  build();
  const site = await openSite();
  try {
    const many = await site.copy('many');
    console.error(`${issues} issues into a copy …`);
    await addIssues(many, issues);
    const kept = await compareWithBare(site, ways, options);
    console.error('few and many issues …');
    const start = (url: string) => () => startPageOnly({ url, dataDir: site.dataDir });
    const [few, grownTo] = await interleave([start(site.url), start(many)], ways[0]!, options);
    printTable(
      [
        'front page, gzip',
        'requests/s',
        'CPU µs each',
        'requests of the first (1 is good)',
        'CPU of the first',
      ],
      [
        ['few issues', spread(rates(few!)), spread(cpu(few!), 1), '', ''],
        [
          `${issues.toLocaleString('en')} more`,
          spread(rates(grownTo!)),
          spread(cpu(grownTo!), 1),
          ratio(rates(grownTo!), rates(few!)).toFixed(2),
          ratio(cpu(grownTo!), cpu(few!)).toFixed(2),
        ],
      ],
    );
    console.log(load());
    return kept && ratio(rates(grownTo!), rates(few!)) >= least;
  } finally {
    await site.stop();
  }
}

/** Prints how we answer in each way beside a bare node:http that sends the same; whether all is as it should be. */
export async function compareWithBare(
  site: { url: string; dataDir: string },
  ways: Way[],
  options: string[],
): Promise<boolean> {
  const rows = [];
  let kept = true;
  for (const way of ways) {
    const once = await startPageOnly(site);
    const answer = await takeAnswer(once.url + (way.path ?? ''), way.headers);
    await once.stop();
    const starts = [() => startBare(answer), () => startPageOnly(site)];
    const [bare, our] = (await interleave(starts, way, options)) as [Asked[], Asked[]];
    const [toBare, lateToBare] = [ratio(rates(our), rates(bare)), ratio(late(our), late(bare))];
    const errors = our.reduce((sum, { errors }) => sum + Object.values(errors).reduce((a, b) => a + b), 0);
    kept &&= toBare >= least && lateToBare <= most && errors === 0;
    const bytes = Buffer.from(answer.body, 'base64').length;
    const row = (all: Asked[]) => [bytes, spread(rates(all)), spread(cpu(all), 1), spread(late(all), 1)];
    rows.push(
      [`${way.name}: bare node:http`, ...row(bare), '', '', '', ''],
      [
        `${way.name}: ours`,
        ...row(our),
        toBare.toFixed(2),
        ratio(cpu(our), cpu(bare)).toFixed(2),
        lateToBare.toFixed(2),
        errors,
      ],
    );
  }
  printTable(
    [
      'beside a bare node:http',
      'bytes',
      'requests/s',
      'CPU µs each',
      'p99 ms',
      `requests of bare’s (≥ ${least} is good)`,
      'CPU of bare’s',
      `p99 of bare’s (≤ ${most} is good)`,
      'errors',
    ],
    rows,
  );
  console.log(`${load()}\n`);
  return kept;
}

/**
 * Measures them in turn, second by second, so that what else the machine does falls on all alike; and every round in
 * fresh processes: one Node in five is slow for life.
 */
async function interleave(
  starts: (() => Promise<Running>)[],
  way: Way,
  options: string[],
): Promise<Asked[][]> {
  const seconds = option(options, 'seconds', 5);
  const rounds = option(options, 'rounds', 5);
  const measured: Asked[][] = starts.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const servers = await Promise.all(starts.map((start) => start()));
    for (const server of servers) {
      await settle(server);
      await ask(server, { ...way, seconds: 2 });
    }
    for (let second = 0; second < seconds; second++) {
      const turn = [...servers.entries()];
      if (second % 2) turn.reverse(); // nobody is always the first
      for (const [n, server] of turn) measured[n]!.push(await ask(server, { ...way, seconds: 1 }));
    }
    await Promise.all(servers.map((server) => server.stop()));
    const last = measured.map((one) => middle(rates(one.slice(-seconds))).toFixed(0));
    console.error(`  ${way.name}, round ${round + 1}: ${last.join(' ')}`);
  }
  return measured;
}

const rates = (all: Asked[]) => all.map(({ perSecond }) => perSecond);
const cpu = (all: Asked[]) => all.map(({ cpu }) => cpu);
const late = (all: Asked[]) => all.map(({ p99 }) => p99);
const ratio = (these: number[], those: number[]) => middle(these) / middle(those);

/** What has been over for long, each told of in two updates; made without the words for search, which no page reads. */
async function addIssues(databaseUrl: string, count: number): Promise<void> {
  const { db, close } = await connect({ databaseUrl, dataDir: '', poolSize: 1 });
  await sql`set statement_timeout = 0`.execute(db);
  for (const table of ['issue', 'issue_update'])
    await sql`alter table ${sql.table(table)} disable trigger user`.execute(db);
  await sql`
    insert into issue (id, kind, title, status, impact, resolution, started_at, resolved_at, created_at, updated_at)
    select left(md5('old' || n), 12), 'bug', 'The export of list ' || n || ' gives an empty file', 'resolved', 'minor', 'fixed',
      at, at + interval '5 hours', at, at + interval '5 hours'
    from generate_series(1, ${count}::int) as n
    cross join lateral (select now() - interval '400 days' - n * interval '20 minutes' as at) as made`.execute(
    db,
  );
  await sql`
    insert into issue_update (id, issue_id, status, message, created_at)
    select left(md5(id || step), 12), id, case step when 1 then 'investigating' else 'resolved' end, 'We see it too.',
      created_at + (step - 1) * interval '5 hours'
    from issue cross join generate_series(1, 2) as step where title like 'The export of list %'`.execute(db);
  for (const table of ['issue', 'issue_update'])
    await sql`alter table ${sql.table(table)} enable trigger user`.execute(db);
  await sql`vacuum analyze`.execute(db);
  await close();
}
