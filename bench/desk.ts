import { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { connect, type Database, type Db, fromPGlite } from '../src/db.ts';
import { fillDemo } from '../src/demo/sample.ts';
import { csrfOf } from '../src/desk/forgery.ts';
import { newId } from '../src/ids.ts';
import { linksFor } from '../src/links.ts';
import { migrate } from '../src/migrate.ts';
import { gatherReports } from '../src/reports/gather-reports.ts';
import { startCluster } from '../test/fixtures/db.ts';
import { hire } from './hire.ts';
import type { Bench } from './run.ts';
import { percentile, printTable } from './table.ts';

const waiting = 10_000;
const alike = 4_000;
const limit = 100; // milliseconds of server time
const rounds = 15;

export const bench: Bench = {
  about: `the desk's pages with ${waiting.toLocaleString('en')} reports waiting, on both databases`,
  run,
};

async function run(): Promise<boolean> {
  const cluster = await startCluster();
  const postgres = await connect({ databaseUrl: cluster.template, dataDir: '' });
  const onPostgres = await measure('PostgreSQL', postgres);
  await postgres.close();
  await cluster.stop();
  const embedded = await fromPGlite(await PGlite.create());
  await migrate(embedded.db);
  const onEmbedded = await measure('PGlite', embedded);
  await embedded.close();
  printTable(
    ['page', 'PostgreSQL p50/p95 ms', 'ratio', 'PGlite p50/p95 ms', 'ratio'],
    onPostgres.map(({ page, times }, n) => [
      page,
      shown(times),
      (percentile(times, 0.5) / limit).toFixed(2),
      shown(onEmbedded[n]!.times),
      (percentile(onEmbedded[n]!.times, 0.5) / limit).toFixed(2),
    ]),
  );
  console.log(`The ratio is that of the median to the limit of ${limit} ms.`);
  return [...onPostgres, ...onEmbedded].every(({ times }) => percentile(times, 0.5) < limit);
}

function shown(times: number[]): string {
  return `${percentile(times, 0.5).toFixed(0)} / ${percentile(times, 0.95).toFixed(0)}`;
}

async function measure(name: string, base: Database): Promise<{ page: string; times: number[] }[]> {
  const { db } = base;
  console.error(`${name}: filling …`);
  const { broken } = await fillDemo(db, new Date());
  await customersSpeak(db, broken);
  const began = performance.now();
  await gatherReports(db, new Date());
  console.error(`${name}: ${waiting} reports gathered in ${(performance.now() - began).toFixed(0)} ms`);
  const links = linksFor(Buffer.alloc(32, 1));
  const secret = await hire(db);
  const app = await buildApp({ config: readConfig({}), database: base, links });
  const headers = { cookie: `candor-session=${secret}`, 'x-csrf': csrfOf(links, secret) };
  const get = (url: string) => app.inject({ url, headers });
  const inbox = (await get('/admin/inbox')).body;
  const next = /href="([^"]*)">Older ones/.exec(inbox)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const { rows } = await sql<{ id: string }>`
    select group_id as id from report where state = 'new' group by group_id order by count(*) desc limit 1`.execute(
    db,
  );
  const group = rows[0]!.id;
  const pages = {
    today: '/admin',
    inbox: '/admin/inbox',
    'inbox, next page': next.startsWith('/') ? next : `/admin/inbox${next}`,
    'inbox, found by words': '/admin/inbox?q=invoice',
    [`a group of ${alike}`]: `/admin/inbox/${group}`,
    'answer it': `/admin/inbox/${group}/answer`,
    'acknowledge it': `/admin/inbox/${group}/acknowledge`,
    'look-up': '/admin/lookup?q=the+publish+button+is+dead',
    issues: '/admin/issues',
    'an issue of 10,000 people': `/admin/issues/${broken}`,
    'its reporters': `/admin/issues/${broken}/reporters`,
    'its end': `/admin/issues/${broken}/resolve`,
    'its mails': `/admin/issues/${broken}/mail`,
    'its merging': `/admin/issues/${broken}/merge`,
    audit: '/admin/audit',
  };
  const measured = [];
  for (const [page, url] of Object.entries(pages)) {
    const times: number[] = [];
    for (let n = -3; n < rounds; n++) {
      const start = performance.now();
      const { statusCode } = await get(url);
      if (statusCode !== 200) throw new Error(`${url} answers ${statusCode}`);
      if (n >= 0) times.push(performance.now() - start);
    }
    measured.push({ page, times });
  }
  await app.close();
  return measured;
}

/** Thousands with one problem in their own words, thousands with one of their own, and an issue that many share. */
async function customersSpeak(db: Db, issueId: string): Promise<void> {
  const own = 'abcdefghijklmnopqrstuvwxyz';
  const word = (n: number) =>
    Array.from({ length: 6 }, (_, i) => own[(n * 7 + i * i * 11 + (n >> i)) % 26]).join('');
  const messages = Array.from({ length: waiting }, (_, n) =>
    n < alike
      ? `${['The invoice PDF is blank', 'My invoice PDF is only a blank page', 'blank invoice pdf again'][n % 3]}, number ${n}`
      : `${word(n)} ${word(n * 3)} does not ${word(n * 5)} since ${word(n * 9)}`,
  );
  const rows = messages.map((message, n) => ({ id: newId(), message, email: `p${n}@d${n % 50}.example`, n }));
  for (let from = 0; from < rows.length; from += 1_000) {
    await sql`
      insert into report (id, source, email, message, created_at)
      select id, 'form', email, message, now() - (n || ' seconds')::interval
      from jsonb_to_recordset(${JSON.stringify(rows.slice(from, from + 1_000))}::jsonb)
        as row (id text, message text, email text, n integer)`.execute(db);
  }
  await sql`
    insert into report (id, issue_id, state, source, email, message, created_at, linked_at)
    select substr(md5(n::text), 1, 12), ${issueId}, 'linked', 'me_too', 'q' || n || '@example.com', 'me too ' || n, now(), now()
    from generate_series(1, 10000) as n`.execute(db);
  await sql`
    insert into delivery (event, template, issue_id, update_id, address, message_id, state, due_at, created_at, ended_at)
    select 'update:bench', 'update', ${issueId}, (select max(id) from issue_update where issue_id = ${issueId}),
      'q' || n || '@example.com', '<' || n || '@bench>', case when n % 100 = 0 then 'failed' else 'sent' end, now(), now(), now()
    from generate_series(1, 10000) as n`.execute(db);
  await sql`
    insert into audit (at, who, act, about) select now(), 'Ben', 'posted an update', 'issue:' || n
    from generate_series(1, 20000) as n`.execute(db);
  await sql`analyze`.execute(db);
}
