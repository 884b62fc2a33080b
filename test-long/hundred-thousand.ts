import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import t from 'tap';
import { startPageOnly } from '../bench/load.ts';
import type { Arrived } from '../bench/notify/messages.ts';
import { connect } from '../src/db.ts';
import { createToken, everyScope } from '../src/staff/tokens.ts';
import { freshUrl } from '../test/fixtures/db.ts';
import { anIssue } from '../test/fixtures/outbox.ts';
import { emptyDir } from '../test/fixtures/process.ts';

const people = 100_000;
const token = 'candor_bench-token-bench';

t.test('100,000 reporters of one issue are told, each once', async (t) => {
  const databaseUrl = await freshUrl(t);
  const { db, close } = await connect({ databaseUrl, dataDir: '' });
  t.teardown(close);
  await createToken(db, { name: 'long', scopes: everyScope, expiresAt: null, token }, new Date());
  const start = async (name: string, ...args: unknown[]): Promise<[ChildProcess, unknown]> => {
    const path = fileURLToPath(new URL(`../bench/notify/${name}.ts`, import.meta.url));
    const child = fork(path, args.map(String), { execArgv: ['--import=tsx'] });
    t.teardown(() => child.kill());
    return [child, (await once(child, 'message'))[0].ready];
  };
  const [sink, port] = await start('sink');
  const [notifier] = await start('ours', databaseUrl, port, 5);
  const page = await startPageOnly({ url: databaseUrl, dataDir: emptyDir(t) }, []);
  t.teardown(() => page.stop());
  const rss = async () => {
    notifier.send({});
    return (await once(notifier, 'message'))[0].rss as number;
  };

  const id = await anIssue(db);
  await sql`
    insert into report (id, issue_id, source, email, message, created_at)
    select substr(md5(n::text), 1, 12), ${id}, 'api', 'p' || n || '@d' || n % 50 || '.example', 'mine too', now()
    from generate_series(1, ${people}::int) n`.execute(db);
  sink.send({ expect: people });
  await once(sink, 'message');
  const all = once(sink, 'message').then(([{ all }]) => all as Arrived);
  const began = performance.now();
  const answer = await fetch(`${page.url}/api/v1/issues/${id}/updates`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'resolved', message: 'Fixed.' }),
  });
  const tookMs = performance.now() - began;
  t.equal(answer.status, 201);
  t.ok(tookMs < 5_000, `the request took ${tookMs.toFixed(0)} ms`);

  let over = false;
  void all.then(() => (over = true));
  const memory: number[] = [];
  const pages: number[] = [];
  for (let look = 0; !over; look++) {
    if (look % 100 === 0) memory.push(await rss());
    const asked = performance.now();
    await (await fetch(page.url)).arrayBuffer();
    pages.push(performance.now() - asked);
    await sleep(20);
  }
  const arrived = await all;
  t.same([arrived.mails, arrived.people], [people, people], 'each once');
  const perSecond = (people * 1_000) / (arrived.lastAt - arrived.firstAt);
  const p99 = pages.sort((a, b) => a - b)[Math.floor(pages.length * 0.99)]!;
  t.ok(p99 < 300, `page p99 ${p99.toFixed(0)} ms, ${perSecond.toFixed(0)} mails/s`);
  const [half, end] = [memory[Math.floor(memory.length / 2)]!, memory.at(-1)!];
  t.ok(end < half * 1.15, `memory ${half} at half, ${end} at the end`);
});
