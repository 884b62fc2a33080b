import { sql } from 'kysely';
import t from 'tap';
import { connect, type Db, isDatabaseAway } from '../src/db.ts';
import { takeTime } from '../src/give-up-silent.ts';
import { freshUrl } from './fixtures/db.ts';

// A database whose machine froze: its connections stand, and nobody answers.
t.test(
  'whoever waits for a silent database hears so, and the next one gets a connection of its own',
  async (t) => {
    const lost: Error[] = [];
    const base = await connect({
      databaseUrl: await freshUrl(t),
      dataDir: '',
      poolSize: 1,
      answerMs: 500,
      onLost: (error) => lost.push(error),
    });
    t.teardown(() => base.close());
    const { db } = base;
    const frozen = await backendOf(db);
    process.kill(frozen, 'SIGSTOP');
    t.teardown(() => process.kill(frozen, 'SIGCONT'));
    const asked = await db.selectFrom('issue').select('id').execute().then(String, isDatabaseAway);
    t.equal(asked, true);
    t.match(lost[0]?.message, 'the database did not answer within 0.5 s; the connection to it is given up');
    t.not(await backendOf(db), frozen, 'the one that stands still is asked no more');
  },
);

t.test('in the middle of a transaction too; nothing of it is written', async (t) => {
  const base = await connect({ databaseUrl: await freshUrl(t), dataDir: '', answerMs: 500 });
  t.teardown(() => base.close());
  const { db } = base;
  const write = db.transaction().execute(async (trx) => {
    await trx.insertInto('setting').values({ key: 'k', value: 'v' }).execute();
    const frozen = await backendOf(trx);
    process.kill(frozen, 'SIGSTOP');
    t.teardown(() => process.kill(frozen, 'SIGCONT'));
    await backendOf(trx);
  });
  t.equal(await write.then(String, isDatabaseAway), true);
  t.same(await db.selectFrom('setting').select('value').where('key', '=', 'k').execute(), []);
});

t.test('what may take its time is waited for, and only that', async (t) => {
  const base = await connect({ databaseUrl: await freshUrl(t), dataDir: '', poolSize: 1, answerMs: 500 });
  t.teardown(() => base.close());
  const { db } = base;
  const long = (db: Db) => sql<{ done: string }>`select 'done' as done, pg_sleep(1)`.execute(db);
  const { rows } = await db.transaction().execute(async (trx) => {
    await takeTime(trx);
    return long(trx);
  });
  t.equal(rows[0]?.done, 'done');
  await t.rejects(long(db), 'in the same connection, afterwards');
});

async function backendOf(db: Db): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  return rows[0]!.pid;
}
