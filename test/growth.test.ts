import { sql } from 'kysely';
import t from 'tap';
import type { Database, Db } from '../src/db.ts';
import { counter } from '../src/ledger/figures.ts';
import { sealLedger } from '../src/ledger/seal.ts';
import { scheduleLines } from '../src/schedule.ts';
import { type QueryTiming, queryTimings } from '../src/timings.ts';
import { openApp } from './fixtures/app.ts';
import { onBoth } from './fixtures/db.ts';

onBoth(t, 'while nothing happens the clock writes nothing, and asks little', async (t, base) => {
  const { api } = await openApp(t, base);
  await api('POST', '/issues', { title: 'Export is empty', kind: 'bug', message: 'We know.' });
  const often = scheduleLines({ database: base, notifierCron: '* * * * * *', poke: null }).filter(([when]) =>
    /^(\S+ ){5}|^\* /.test(when),
  );
  t.equal(often.length, 6);
  for (const [, what] of often) await what(); // what was said is sealed, and the first sweep noted
  const before = await written(base);
  for (const [when, what] of often) {
    const asked = await statementsOf(async () => void (await what()));
    t.ok(
      asked.every((one) => one === 'select'),
      `${when} only asks: ${asked}`,
    );
    t.ok(asked.length <= 2, `${when} asks ${asked.length} times`);
  }
  t.same(await written(base), before, 'and no row was touched');
});

onBoth(t, 'a page asks as often however much it has to tell', async (t, base) => {
  const { app, api } = await openApp(t, base);
  await api('POST', '/components', { name: 'Export' });
  const ids: string[] = [];
  for (const n of [1, 2, 3]) {
    const { body } = await api('POST', '/issues', { title: `Bug ${n}`, kind: 'bug', message: 'We know.' });
    await api('POST', `/issues/${body.id}/reports`, [{ email: `p${n}@example.com` }]);
    ids.push(body.id);
  }
  const most = { '/': 7, [`/issues/${ids[0]}`]: 8, '/feed.json': 6, '/history': 5 };
  for (const [url, times] of Object.entries(most)) {
    await app.inject(url); // seals what was said
    const asked = await statementsOf(async () => void (await app.inject(url)));
    t.equal(asked.length, times, `${url} asks ${times} times`);
  }
});

onBoth(t, 'figures go on from where they were kept, and come to the same', async (t, base) => {
  const { api, clock } = await openApp(t, base);
  const day = 86_400_000;
  const say = async (id: string, status: string) => {
    clock.now = new Date(clock.now.getTime() + 3_600_000);
    await api('POST', `/issues/${id}/updates`, { status, message: 'More.' });
  };
  const open = async (title: string) =>
    (await api('POST', '/issues', { title, kind: 'bug', message: 'We know.' })).body.id as string;
  const old = await open('Export is empty');
  await say(old, 'resolved');
  clock.now = new Date(clock.now.getTime() + 40 * day);
  const later = await open('Login fails');
  await say(later, 'identified');

  const pace = { batch: 2, keepAfter: 1 };
  const first = await counter(base.db, pace)(clock.now);
  const kept = await base.db.selectFrom('figures_kept').selectAll().executeTakeFirstOrThrow();
  t.equal(Number(kept.seq), first.head.seq);
  t.notMatch(kept.body, old, 'of what is long over only what it comes to is kept');
  t.match(kept.body, later);

  await say(old, 'investigating');
  await say(old, 'resolved');
  const counted = await counter(base.db, pace)(clock.now);
  t.equal(counted.all.fixes.fixed, 2);
  t.equal(counted.all.fixes.came_back, 1, 'what is spoken of again is brought back');
  await base.db.deleteFrom('figures_kept').execute();
  t.same(await counter(base.db)(clock.now), counted, 'as one that reads everything counts');

  await base.db
    .insertInto('figures_kept')
    .values({ ...kept, seq: 3 })
    .execute();
  t.same(await counter(base.db)(clock.now), counted, 'and what the ledger does not bear out is not believed');
  t.equal((await sealLedger(base.db)).seq, counted.head.seq);
});

/** The kinds of the statements that this work sends. */
async function statementsOf(work: () => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  const note = (message: unknown) => void seen.push((message as QueryTiming).statement);
  queryTimings.subscribe(note);
  await work().finally(() => queryTimings.unsubscribe(note));
  return seen;
}

/** What changes with each row that is written or locked; other databases of the same PostgreSQL move it as well. */
async function written({ db, engine }: Database): Promise<unknown> {
  if (engine === 'embedded')
    return (await sql`select pg_snapshot_xmax(pg_current_snapshot())::text`.execute(db)).rows;
  return versions(db);
}

async function versions(db: Db): Promise<unknown> {
  const { rows } = await sql`
    select xmin::text, xmax::text from setting union all select xmin::text, xmax::text from report
    union all select xmin::text, xmax::text from issue union all select xmin::text, xmax::text from ledger order by 1, 2`.execute(
    db,
  );
  return rows;
}
