import { PGlite } from '@electric-sql/pglite';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { connect, type Database, fromPGlite } from '../src/db.ts';
import { linksFor } from '../src/links.ts';
import { migrate } from '../src/migrate.ts';
import { createToken, everyScope } from '../src/staff/tokens.ts';
import { startCluster } from '../test/fixtures/db.ts';
import type { Bench } from './run.ts';
import { percentile, printTable } from './table.ts';

const subscribers = 10_000;
const limit = 2_000; // milliseconds until the answer
const rounds = 9;
const token = 'candor_bench-token-with-every-right';

export const bench: Bench = {
  about: `posting an update with ${subscribers.toLocaleString('en')} subscribers, on both databases`,
  run,
};

async function run(): Promise<boolean> {
  const cluster = await startCluster();
  const postgres = await connect({ databaseUrl: cluster.template, dataDir: '' });
  const rows = [await measure('PostgreSQL', postgres)];
  await postgres.close();
  await cluster.stop();
  const embedded = await fromPGlite(await PGlite.create());
  await migrate(embedded.db);
  rows.push(await measure('PGlite', embedded));
  await embedded.close();
  printTable(
    ['database', 'nobody ms', 'all ms p50/p95', 'ratio', 'one part in ten ms', 'mails owed'],
    rows.map(({ name, nobody, all, some, owed }) => [
      name,
      percentile(nobody, 0.5).toFixed(0),
      `${percentile(all, 0.5).toFixed(0)} / ${percentile(all, 0.95).toFixed(0)}`,
      (percentile(all, 0.5) / limit).toFixed(2),
      percentile(some, 0.5).toFixed(0),
      owed.toLocaleString('en'),
    ]),
  );
  console.log(`The ratio is that of the median to the limit of ${limit} ms.`);
  return rows.every(({ all, owed }) => percentile(all, 0.5) < limit && owed === subscribers * rounds * 1.1);
}

async function measure(name: string, base: Database) {
  console.error(`${name}: filling …`);
  const { db } = base;
  const config = readConfig({ BASE_URL: 'https://status.example.com', LOG_LEVEL: 'silent' });
  await createToken(db, { name: 'bench', scopes: everyScope, expiresAt: null, token }, new Date());
  const app = await buildApp({ config, database: base, links: linksFor(Buffer.alloc(32, 1)) });
  const component = await call(app, '/components', { name: 'Editor' });
  const open = (components: object[]) =>
    call(app, '/issues', { title: 'It stops', kind: 'incident', message: 'We look.', components });
  const touching = await open([{ id: component.id, status: 'major_outage' }]);
  const nobody = await times(app, touching.id);
  await sql`
    insert into subscriber (id, email, state, hears, source, created_at, confirmed_at)
    select lpad(to_hex(n), 12, '0'), 'person' || n || '@example.com', 'active',
      'everything', 'form', now(), now()
    from generate_series(1, ${subscribers}::int) as n`.execute(db);
  const all = await times(app, touching.id);
  await sql`update subscriber set hears = 'components'`.execute(db);
  await sql`
    insert into subscriber_component (subscriber_id, component_id)
    select lpad(to_hex(n), 12, '0'), ${component.id} from generate_series(10, ${subscribers}::int, 10) as n`.execute(
    db,
  );
  const some = await times(app, touching.id);
  const { owed } = await db
    .selectFrom('delivery')
    .select((eb) => eb.fn.countAll<number>().as('owed'))
    .executeTakeFirstOrThrow();
  await app.close();
  return { name, nobody, all, some, owed: Number(owed) };
}

async function times(app: FastifyInstance, issueId: string): Promise<number[]> {
  const taken: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await call(app, `/issues/${issueId}/updates`, { status: 'identified', message: `News ${round}.` });
    taken.push(performance.now() - began);
  }
  return taken;
}

async function call(app: FastifyInstance, path: string, payload: object): Promise<{ id: string }> {
  const answer = await app.inject({
    method: 'POST',
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${token}` },
    payload,
  });
  if (answer.statusCode !== 201) throw new Error(`${path} answered ${answer.statusCode}: ${answer.body}`);
  return answer.json();
}
