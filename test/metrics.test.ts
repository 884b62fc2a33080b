import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import t from 'tap';
import { absentDatabase } from '../src/absent-database.ts';
import { buildApp } from '../src/app.ts';
import type { Database } from '../src/db.ts';
import { newId } from '../src/ids.ts';
import { type QueryTiming, queryTimings } from '../src/timings.ts';
import { links, openApp, testConfig } from './fixtures/app.ts';
import { onBoth } from './fixtures/db.ts';
import { anIssue, reportsOf, resolve } from './fixtures/outbox.ts';

const rules = new URL('../ops/candor-alerts.yml', import.meta.url);

onBoth(t, 'the figures are those of the database, and name nobody', async (t, base) => {
  const { db } = base;
  const { app, clock, api } = await openApp(t, base);
  const ago = (minutes: number) => new Date(clock.now.getTime() - minutes * 60_000);
  const open = await anIssue(db, { next_update_at: ago(1), title: 'canary-title' });
  await anIssue(db, { kind: 'incident', next_update_at: ago(-1) });
  const over = await anIssue(db);
  await reportsOf(db, over, ['canary-1@example.com', 'canary-2@example.com', 'canary-3@example.com'], {
    state: 'linked',
  });
  await resolve(db, over, 'Mended.', 'fixed', ago(12));
  await reportsOf(db, null, ['canary-4@example.com'], { created_at: ago(90) });
  const [first, second] = await db.selectFrom('delivery').select('id').orderBy('address').execute();
  const end = (id: string, state: string) =>
    sql`update delivery set state = ${state}, ended_at = ${ago(1)} where id = ${id}`.execute(db);
  await end(first!.id, 'sent');
  await end(second!.id, 'failed');
  const hook = { id: newId(), kind: 'slack' as const, url: 'https://canary.example/hook', secret: 'canary' };
  await db
    .insertInto('webhook')
    .values({ ...hook, subscriber_id: null, staff_id: null, created_at: ago(9) })
    .execute();
  await sql`insert into delivery (event, template, webhook_id, address, message_id, due_at, created_at)
    values ('hook_test:1', 'hook_test', ${hook.id}, 'hook@x', '<1@x>', ${ago(-5)}, ${ago(3)})`.execute(db);
  const person = { id: newId(), email: 'canary-5@example.com', state: 'active' as const, source: 'form' };
  await db
    .insertInto('subscriber')
    .values({ ...person, created_at: ago(9), confirmed_at: ago(8) })
    .execute();
  const draft = {
    id: newId(),
    source: 'canary',
    source_key: 'k',
    title: 'canary',
    created_at: ago(9),
    seen_at: ago(9),
  };
  await db.insertInto('issue_draft').values(draft).execute();
  await db
    .updateTable('sending')
    .set({ held_since: ago(2), held_reason: 'canary' })
    .execute();

  for (const url of [
    '/',
    `/issues/${open}`,
    '/search?q=canary',
    '/r/canary-token',
    '/no/canary',
    '/issues/canary',
  ])
    await app.inject(url);
  await api('GET', '/issues?limit=1');
  const answer = await app.inject('/metrics');
  t.match(answer.headers, {
    'cache-control': 'no-store',
    'content-type': /^text\/plain; version=0\.0\.4/,
    'x-content-type-options': 'nosniff',
  });
  const figures = answer.payload.split('\n');
  for (const line of [
    'candor_database_up 1',
    'candor_deliveries{state="queued",channel="mail"} 1',
    'candor_deliveries{state="sent",channel="mail"} 1',
    'candor_deliveries{state="failed",channel="mail"} 1',
    'candor_deliveries{state="suppressed",channel="mail"} 0',
    'candor_deliveries{state="queued",channel="webhook"} 1',
    'candor_delivery_wait_seconds{channel="mail"} 720',
    'candor_delivery_wait_seconds{channel="webhook"} 0', // it is not due yet
    'candor_sending_paused 0',
    'candor_sending_held 1',
    'candor_promises_overdue 1',
    'candor_reports_waiting 1',
    'candor_reports_wait_seconds 5400',
    'candor_drafts_waiting 1',
    'candor_issues_open{kind="bug"} 1',
    'candor_issues_open{kind="incident"} 1',
    'candor_issues_open{kind="maintenance"} 0',
    'candor_subscribers{state="active"} 1',
    'candor_http_requests_total{route="/issues/:id",method="GET",status="2xx"} 1',
    'candor_http_requests_total{route="/issues/:id",method="GET",status="4xx"} 1',
    'candor_http_requests_total{route="/r/:token",method="GET",status="4xx"} 1',
    'candor_http_requests_total{route="none",method="GET",status="4xx"} 1',
    'candor_http_requests_total{route="/api/v1/issues",method="GET",status="2xx"} 1',
    'candor_render_seconds_count{view="front"} 1',
  ])
    t.ok(figures.includes(line), line);
  t.match(answer.payload, /candor_query_seconds_count\{statement="select"\} \d/);
  t.match(answer.payload, /\nprocess_resident_memory_bytes \d/);
  t.notMatch(answer.payload, /canary|@|example/, 'no address, id, token or word');
  t.notOk(answer.payload.includes(open));
});

onBoth(t, 'however often it is asked, the database counts once in ten seconds', async (t, base) => {
  const { app, clock } = await openApp(t, base);
  const asked: string[] = [];
  const note = (event: unknown) => void asked.push((event as QueryTiming).statement);
  queryTimings.subscribe(note);
  t.teardown(() => queryTimings.unsubscribe(note));
  const scrape = async () => (await app.inject('/metrics')).payload;
  await Promise.all(Array.from({ length: 20 }, scrape));
  t.equal(asked.length, 2, 'what stands, and what has ended');
  await anIssue(base.db);
  asked.length = 0;
  clock.now = new Date(clock.now.getTime() + 9_000);
  t.match(await scrape(), 'candor_issues_open{kind="bug"} 0');
  t.equal(asked.length, 0);
  clock.now = new Date(clock.now.getTime() + 1_000);
  t.match(await scrape(), 'candor_issues_open{kind="bug"} 1');
  t.equal(asked.length, 1, 'what has ended is counted more seldom');
});

onBoth(t, 'with the database away it tells what it knew, and that it is away', async (t, base) => {
  let away = false;
  const broken: Database = {
    ...base,
    db: base.db.withPlugin({
      transformQuery({ node }) {
        if (away) throw new Error('away');
        return node;
      },
      transformResult: async ({ result }) => result,
    }),
  };
  const { app, clock } = await openApp(t, broken);
  await anIssue(base.db, { next_update_at: new Date(clock.now.getTime() - 1) });
  await app.inject('/metrics');
  away = true;
  clock.now = new Date(clock.now.getTime() + 60_000);
  const { statusCode, payload } = await app.inject('/metrics');
  t.equal(statusCode, 200);
  t.match(payload, 'candor_database_up 0');
  t.match(payload, 'candor_promises_overdue 1');
  t.match(payload, `candor_counted_timestamp_seconds ${clock.now.getTime() / 1_000 - 60}`);
  away = false;
  clock.now = new Date(clock.now.getTime() + 60_000);
  t.match((await app.inject('/metrics')).payload, 'candor_database_up 1');
});

t.test('with a database that never answered it tells no figure of it', async (t) => {
  const app = await buildApp({ config: testConfig(), database: absentDatabase(), links });
  t.teardown(() => app.close());
  const { statusCode, payload } = await app.inject('/metrics');
  t.equal(statusCode, 200);
  t.same(payload.match(/^candor_(?!http|pages|render|query).*$/gm), ['candor_database_up 0']);
});

onBoth(t, 'every figure that an alert looks at is told', async (t, base) => {
  const { app } = await openApp(t, base);
  const told = (await app.inject('/metrics')).payload;
  const names = new Set(readFileSync(rules, 'utf8').match(/\bcandor_[a-z_]+/g));
  t.ok(names.size >= 7);
  for (const name of names) t.match(told, new RegExp(`^# TYPE ${name} `, 'm'), name);
});

t.test('the alerting rules are such as Prometheus takes', async (t) => {
  const promtool = process.env.PROMTOOL ?? 'promtool';
  const { error, status, stdout, stderr } = spawnSync(promtool, ['check', 'rules', rules.pathname], {
    encoding: 'utf8',
  });
  if (error) {
    console.error(
      'SKIPPED: no promtool here (PATH or PROMTOOL), so ops/candor-alerts.yml was not checked by it',
    );
    return void t.pass('the rules', { skip: 'no promtool here' });
  }
  t.equal(status, 0, stderr);
  t.match(stdout, /SUCCESS: \d+ rules found/);
});
