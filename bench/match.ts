import { existsSync, readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import { connect, type Database, type Db, fromPGlite } from '../src/db.ts';
import { migrate } from '../src/migrate.ts';
import { findIssues } from '../src/status-page/find-issues.ts';
import { startCluster } from '../test/fixtures/db.ts';
import { bm25 } from './bm25.ts';
import type { Bench } from './run.ts';
import { percentile, printTable } from './table.ts';

const folder = new URL('../../shared/data/known-bugs/', import.meta.url);

export const bench: Bench = {
  about: 'search: recall on real duplicates, latency over 100,000 issues (--issues=N), cost on write',
  async run(options) {
    if (!existsSync(new URL('bugs.csv', folder))) {
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
interface Issue {
  id: string;
  title: string;
  text: string;
}
/** What a customer asks, her own report, and the issue she should find. */
interface Pair {
  asks: string;
  own: string;
  wants: string;
}

function readBugs(): { issues: Issue[]; pairs: Pair[] } {
  const read = (name: string) =>
    parse(readFileSync(new URL(name, folder)), { columns: true }) as Array<Record<string, string>>;
  const issues = read('bugs.csv').map((row) => ({
    id: row['Issue id']!.padStart(12, '0'),
    title: row.Summary!.trim(),
    text: row.Description!.trim() || row.Summary!,
  }));
  const titles = new Map(issues.map(({ id, title }) => [id, title]));
  const pairs = read('duplicates.csv').map((row) => {
    const own = row['Issue id']!.padStart(12, '0');
    return { own, asks: titles.get(own)!, wants: row['Duplicate id']!.padStart(12, '0') };
  });
  return { issues, pairs: pairs.filter(({ own, wants }) => own !== wants) };
}

async function answersOfBm25(issues: Issue[], pairs: Pair[]): Promise<string[][]> {
  const search = bm25(issues);
  return pairs.map(({ asks }) =>
    search(asks)
      .slice(0, 11)
      .map((i) => issues[i]!.id),
  );
}

async function answersOfCandor(db: Db, pairs: Pair[], typed: (text: string) => string): Promise<string[][]> {
  seed = 1; // the same misspellings on each database
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
  const made = Array.from({ length: many }, (_, i) => {
    const [a, b, c] = [pick(issues), pick(issues), pick(issues)];
    const [head, tail] = [a.title.split(' '), b.title.split(' ')];
    return {
      id: i.toString(36).padStart(12, '0'),
      title: [...head.slice(0, Math.ceil(head.length / 2)), ...tail.slice(Math.floor(tail.length / 2))].join(
        ' ',
      ),
      text: c.text.slice(0, 400),
    };
  });
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

async function write(db: Db, issues: Issue[]): Promise<void> {
  for (let i = 0; i < issues.length; i += 10_000) {
    const part = JSON.stringify(issues.slice(i, i + 10_000));
    await sql`insert into issue (id, kind, title, status, impact, started_at, created_at, updated_at)
      select id, 'bug', title, 'investigating', 'minor', now(), now(), now()
      from json_to_recordset(${part}::json) as one (id text, title text)`.execute(db);
    await sql`insert into issue_update (id, issue_id, status, message, created_at)
      select id, id, 'investigating', text, now()
      from json_to_recordset(${part}::json) as one (id text, text text)`.execute(db);
  }
}

let seed = 1;
/** The same numbers in every run. */
function chance(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

function pick<T>(all: T[]): T {
  return all[Math.floor(chance() * all.length)]!;
}

/** Every other longer word with a letter left out, doubled, or swapped with its neighbour. */
function misspell(text: string): string {
  return text
    .split(' ')
    .map((word) => {
      if (word.length < 5 || chance() < 0.5) return word;
      const at = 1 + Math.floor(chance() * (word.length - 2));
      const [head, letter, next, tail] = [word.slice(0, at), word[at]!, word[at + 1]!, word.slice(at + 2)];
      return head + pick([next, letter + letter + next, next + letter]) + tail;
    })
    .join(' ');
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function say(what: string): void {
  console.error(`  ${what}`);
}
