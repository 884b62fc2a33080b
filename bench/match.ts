import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { sql } from 'kysely';
import { connect, type Database, type Db, fromPGlite } from '../src/db.ts';
import { migrate } from '../src/migrate.ts';
import { findIssues } from '../src/status-page/find-issues.ts';
import { startCluster } from '../test/fixtures/db.ts';
import { bm25 } from './bm25.ts';
import {
  areHere,
  type Issue,
  misspell,
  type Pair,
  readBugs,
  recombined,
  startAnew,
  write,
} from './known-bugs.ts';
import type { Bench } from './run.ts';
import { percentile, printTable } from './table.ts';

export const bench: Bench = {
  about: 'search: recall on real duplicates, latency over 100,000 issues (--issues=N), cost on write',
  async run(options) {
    if (!areHere()) {
      console.log('skipped: ../shared/data/known-bugs is not here (see bench/README.md)');
      return true;
    }
    const many = Number(options.find((one) => one.startsWith('--issues='))?.slice(9) ?? 100_000);
    const { issues, pairs } = readBugs();
    const cluster = await startCluster();
    try {
      const open: Array<[name: string, () => Promise<Database>]> = [
        ['PostgreSQL', () => connect({ databaseUrl: cluster.url, dataDir: '' })],
        ['PGlite', async () => fromPGlite(await PGlite.create({ extensions: { pg_trgm } }))],
      ];
      const recall: Row[] = [recallOf('plain BM25', pairs, await answersOfBm25(issues, pairs))];
      const times: Row[] = [];
      const writes: Row[] = [];
      let kept = true;
      for (const [name, connectTo] of open) {
        const base = await connectTo();
        await migrate(base.db);
        say(`${name}: ${issues.length} real issues`);
        await write(base.db, issues);
        recall.push(
          recallOf(`Candor on ${name}`, pairs, await answersOfCandor(base.db, pairs, (text) => text)),
        );
        recall.push(recallOf(`… misspelt`, pairs, await answersOfCandor(base.db, pairs, misspell)));
        await sql`truncate issue cascade`.execute(base.db);
        writes.push([name, ...(await writeMany(base.db, issues, many, name))]);
        const latency = await measure(base.db, issues, pairs, name);
        times.push(...latency.rows);
        kept = kept && latency.kept;
        await base.close();
      }
      console.log(
        `\nFound among the first 1, 5, 10; ${pairs.length} reports that repeat one of ${issues.length} bugs\n`,
      );
      printTable(['', '1', '5', '10'], recall);
      console.log(
        `Milliseconds a search over ${many} issues; the limit is the p95 of a trigram search of the titles\n`,
      );
      printTable(['', 'p50', 'p95', 'limit', 'ratio'], times);
      console.log('Writing issues with one update each, 10,000 at a time: milliseconds an issue\n');
      printTable(['', 'with search', 'without', 'index, MB'], writes);
      return kept;
    } finally {
      await cluster.stop();
    }
  },
};

type Row = Array<string | number>;
async function answersOfBm25(issues: Issue[], pairs: Pair[]): Promise<string[][]> {
  const search = bm25(issues);
  return pairs.map(({ asks }) =>
    search(asks)
      .slice(0, 11)
      .map((i) => issues[i]!.id),
  );
}

async function answersOfCandor(db: Db, pairs: Pair[], typed: (text: string) => string): Promise<string[][]> {
  startAnew(); // the same misspellings on each database
  const answers: string[][] = [];
  for (const { asks } of pairs)
    answers.push((await findIssues(db, typed(asks), { limit: 11 })).map(({ id }) => id));
  return answers;
}

function recallOf(name: string, pairs: Pair[], answers: string[][]): Row {
  const places = pairs.map(({ own, wants }, i) => answers[i]!.filter((id) => id !== own).indexOf(wants));
  const within = (n: number) => places.filter((place) => place >= 0 && place < n).length;
  return [name, ...[1, 5, 10].map((n) => `${((100 * within(n)) / pairs.length).toFixed(1)} %`)];
}

/** Writes many issues made of pieces of the real ones, and answers what one costs with the index and without. */
async function writeMany(db: Db, issues: Issue[], many: number, name: string): Promise<Row> {
  const made = recombined(issues, many);
  const few = made.slice(0, 10_000);
  await sql`alter table issue disable trigger user`.execute(db);
  await sql`alter table issue_update disable trigger user`.execute(db);
  const without = await timed(() => write(db, few));
  await sql`truncate issue cascade`.execute(db);
  await sql`alter table issue enable trigger user`.execute(db);
  await sql`alter table issue_update enable trigger user`.execute(db);
  let spent = 0;
  for (let i = 0; i < made.length; i += 10_000) {
    spent += await timed(() => write(db, made.slice(i, i + 10_000)));
    say(`${name}: ${Math.min(many, i + 10_000)} issues after ${Math.round(spent / 1_000)} s`);
  }
  await sql`analyze issue, issue_update, issue_search, search_word`.execute(db);
  const { rows } = await sql<{ size: number }>`select pg_total_relation_size('issue_search')
    + pg_total_relation_size('search_word') as size`.execute(db);
  return [(spent / many).toFixed(2), (without / few.length).toFixed(2), Math.round(rows[0]!.size / 1e6)];
}

async function measure(
  db: Db,
  issues: Issue[],
  pairs: Pair[],
  name: string,
): Promise<{ rows: Row[]; kept: boolean }> {
  say(`${name}: measuring`);
  await sql`create extension if not exists pg_trgm`.execute(db);
  await sql`create index issue_title_likeness on issue using gin (title gin_trgm_ops)`.execute(db);
  const texts = pairs.flatMap(({ asks }) => [asks, misspell(asks)]);
  const times = async (run: (text: string) => Promise<unknown>, some = texts) => {
    for (const text of some.slice(0, 10)) await run(text);
    const all: number[] = [];
    for (const text of some) all.push(await timed(() => run(text)));
    return all;
  };
  const trip = await times(() => sql`select 1`.execute(db));
  const ours = await times((text) => findIssues(db, text));
  const trigram = await times(
    (text) =>
      sql`select id, title from issue where title % ${text} order by similarity(title, ${text}) desc limit 10`.execute(
        db,
      ),
    texts.slice(0, 60),
  );
  const words = issues.map(({ title }) => title).join(' ');
  const long = await times(
    (text) => findIssues(db, text),
    [words, words.slice(9_999), 'a'.repeat(65_536), 'é/'.repeat(32_768), '日'.repeat(65_536)].map((text) =>
      text.slice(0, 65_536),
    ),
  );
  const limit = percentile(trigram, 0.95);
  const row = (label: string, all: number[]): Row => [
    label,
    percentile(all, 0.5).toFixed(1),
    percentile(all, 0.95).toFixed(1),
    limit.toFixed(1),
    (percentile(all, 0.95) / limit).toFixed(2),
  ];
  return {
    kept: percentile(ours, 0.95) <= limit,
    rows: [
      row(`${name}: search`, ours),
      row('… for 64 KiB of text', long),
      row('… select 1', trip),
      row('… title % text', trigram),
    ],
  };
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function say(what: string): void {
  console.error(`  ${what}`);
}
