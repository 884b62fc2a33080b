import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { readConfig } from '../src/config.ts';
import { connect, type Db } from '../src/db.ts';
import { newId } from '../src/ids.ts';
import { linksFor } from '../src/links.ts';
import { writeEmail } from '../src/notifications/email.ts';
import { stillWanted } from '../src/notifications/still-wanted.ts';
import { createToken, everyScope } from '../src/staff/tokens.ts';
import { startCluster } from '../test/fixtures/db.ts';
import { build, middle, option, type Running, startPageOnly } from './load.ts';
import type { Arrived, FromSink, Sample, ToBare } from './notify/messages.ts';
import type { Bench } from './run.ts';
import { percentile, printTable } from './table.ts';

const token = 'candor_bench-token-bench';
const connections = 5;

export const bench: Bench = {
  about:
    'an issue with --people=20000 reporters resolved on PostgreSQL, --rounds=3: the answer, the mails, the page meanwhile',
  run,
};

async function run(options: string[]): Promise<boolean> {
  const people = option(options, 'people', 20_000);
  const rounds = option(options, 'rounds', 3);
  build();
  const cluster = await startCluster();
  const { db, close } = await connect({ databaseUrl: cluster.template, dataDir: '' });
  await createToken(db, { name: 'bench', scopes: everyScope, expiresAt: null, token }, new Date());
  const children: ChildProcess[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'candor-bench-'));
  let page: Running | null = null;
  const start = async (name: string, ...args: unknown[]) => {
    const child = fork(fileURLToPath(new URL(`notify/${name}.ts`, import.meta.url)), args.map(String), {
      execArgv: ['--import=tsx', ...profiling(options, name)],
    });
    children.push(child);
    const [{ ready }] = await once(child, 'message');
    return { child, ready };
  };
  try {
    const sink = await start('sink');
    const bare = await start('bare', sink.ready, connections);
    const ours = await start('ours', cluster.template, sink.ready, connections);
    page = await startPageOnly({ url: cluster.template, dataDir }, []);
    const { url } = page;
    const hearAll = async (what: number): Promise<() => Promise<Arrived>> => {
      sink.child.send({ expect: what });
      await once(sink.child, 'message');
      return async () => ((await once(sink.child, 'message'))[0] as Extract<FromSink, { all: Arrived }>).all;
    };
    const warm = await issueOf(db, 500);
    const told = await hearAll(500);
    await Promise.all([told(), resolve(url, warm)]);
    const sample = await sampleOf(db, warm);
    const seen = { resolve: [], first: [], ours: [], bare: [], raw: [], quiet: [], busy: [] } as Record<
      string,
      number[]
    >;
    const rss: number[] = [];
    const tellAll = async (isRead: boolean) => {
      const id = await issueOf(db, people);
      if (isRead) seen.quiet!.push(...(await watch(url, sleep(5_000))));
      const arrived = (await hearAll(people))();
      rss.push(await rssOf(ours.child));
      const began = Date.now();
      await resolve(url, id);
      const answered = Date.now();
      const looking = setInterval(async () => rss.push(await rssOf(ours.child)), 1_000);
      if (isRead) seen.busy!.push(...(await watch(url, arrived)));
      const came = await arrived;
      clearInterval(looking);
      if (came.people !== people) throw new Error(`${came.people} of ${people} people were told`);
      seen.resolve!.push(answered - began);
      seen.first!.push(Math.max(0, came.firstAt - answered));
      if (!isRead) seen.ours!.push(rateOf(came));
    };
    for (let round = 1; round <= rounds; round++) {
      for (const raw of [false, true]) {
        const all = await hearAll(people);
        const message: ToBare = { people, raw, sample };
        const [arrived] = await Promise.all([all(), once(bare.child, 'message'), bare.child.send(message)]);
        seen[raw ? 'raw' : 'bare']!.push(rateOf(arrived));
      }
      await tellAll(false);
      console.error(
        `round ${round}: ours ${last(seen.ours!)}/s, bare ${last(seen.bare!)}/s, raw ${last(seen.raw!)}/s`,
      );
    }
    console.error('once more, with a reader at the page …');
    await tellAll(true);
    return print(people, rounds, seen, rss);
  } finally {
    for (const child of children) child.kill();
    await page?.stop();
    await close();
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function print(people: number, rounds: number, seen: Record<string, number[]>, rss: number[]): boolean {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const rate = (values: number[]) =>
    `${middle(values).toFixed(0)}/s (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
  const settled = rss.slice(Math.floor(rss.length / 3));
  const grown = settled.at(-1)! / settled[0]!;
  const [quiet, busy] = [percentile(seen.quiet!, 0.99), percentile(seen.busy!, 0.99)];
  const answer = middle(seen.resolve!);
  const first = middle(seen.first!);
  const beside = (other: number[]) => middle(seen.ours!.map((rate, round) => rate / other[round]!));
  const toBare = beside(seen.bare!);
  console.log(
    `${people.toLocaleString('en')} people, ${rounds} rounds, ${connections} connections; medians (spread), ratios of each round by itself\n`,
  );
  printTable(
    ['what', 'measured', 'beside', 'ratio', 'good'],
    [
      [
        'mails leave',
        rate(seen.ours!),
        `bare Nodemailer, text + HTML: ${rate(seen.bare!)}`,
        toBare.toFixed(2),
        '≥ 1',
      ],
      ['', '', `its pool with bytes made before: ${rate(seen.raw!)}`, beside(seen.raw!).toFixed(2), 'more'],
      ['resolve answers', ms(answer), '5,000 ms', (answer / 5_000).toFixed(2), '≤ 1'],
      ['the first mail after that', ms(first), '1,000 ms', (first / 1_000).toFixed(2), '≤ 1'],
      [
        "the notifier's memory at the end",
        mb(settled.at(-1)!),
        `after a third of the run: ${mb(settled[0]!)}`,
        grown.toFixed(2),
        '≤ 1.15',
      ],
      ['front page p99 meanwhile', ms(busy), `quiet: ${ms(quiet)}`, (busy / quiet).toFixed(2), '≤ 1.5'],
    ],
  );
  return toBare >= 1 && answer <= 5_000 && grown <= 1.15;
}

/** An issue with that many people, added as no call could that fast. */
async function issueOf(db: Db, people: number): Promise<string> {
  const now = new Date();
  const id = newId();
  await db
    .insertInto('issue')
    .values({
      id,
      kind: 'bug',
      title: 'Uploads stop at 99 %',
      status: 'identified',
      impact: 'major',
      started_at: now,
      created_at: now,
      updated_at: now,
    })
    .execute();
  await sql`
    insert into report (id, issue_id, source, email, message, created_at)
    select substr(md5(random()::text), 1, 12), ${id}, 'api', 'p' || n || '@d' || n % 50 || '.example', 'mine too', ${now}
    from generate_series(0, ${people - 1}::int) n`.execute(db);
  await sql`analyze report`.execute(db);
  return id;
}

async function resolve(url: string, id: string): Promise<void> {
  const message =
    'A disk was full. It has **more** room now.\n\nWe watch it, and we have made the alarm ring earlier.';
  const answer = await fetch(`${url}/api/v1/issues/${id}/updates`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'resolved', message }),
  });
  if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
}

/** A mail of ours, for the other senders. */
async function sampleOf(db: Db, issueId: string): Promise<Sample> {
  const delivery = await db
    .selectFrom('delivery')
    .selectAll()
    .where('issue_id', '=', issueId)
    .executeTakeFirstOrThrow();
  const matter = await stillWanted(db, delivery, new Date());
  if ('state' in matter) throw new Error(matter.reason);
  const config = readConfig({ BASE_URL: 'https://status.example.org' });
  const letter = writeEmail(config, linksFor(Buffer.alloc(32, 1)), delivery, matter);
  const own = (text: string) => text.replaceAll(delivery.report_id!, 'PERSON');
  const headers = Object.fromEntries(
    Object.entries(letter.headers).map(([name, value]) => [name, own(value)]),
  );
  return { subject: letter.subject, text: own(letter.text), html: own(letter.html), headers };
}

/** How long the front page took, asked for every few milliseconds until then. */
async function watch(url: string, until: Promise<unknown>): Promise<number[]> {
  let over = false;
  void until.then(() => (over = true));
  const times: number[] = [];
  while (!over) {
    const began = performance.now();
    await (await fetch(url)).arrayBuffer();
    times.push(performance.now() - began);
    await sleep(10);
  }
  return times;
}

async function rssOf(child: ChildProcess): Promise<number> {
  child.send({});
  return ((await once(child, 'message'))[0] as { rss: number }).rss;
}

function rateOf({ firstAt, lastAt, mails }: Arrived): number {
  return Math.round(mails / ((lastAt - firstAt) / 1_000));
}

function last(values: number[]): number {
  return values.at(-1)!;
}

function profiling(options: string[], name: string): string[] {
  const folder = options.find((one) => one.startsWith('--profile='))?.split('=')[1];
  return folder && name === 'ours' ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
}
