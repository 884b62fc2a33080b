import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { candor, dataDir } from '../fixtures/process.ts';

const writeLock = (dir: string, holder: object | string) =>
  writeFileSync(join(dir, 'db.lock'), typeof holder === 'string' ? holder : JSON.stringify(holder));

t.test('a second process on the same directory is refused, and the first is unharmed', async (t) => {
  const dir = await dataDir(t);
  const first = candor(t, { DATA_DIR: dir });
  const url = await first.url;
  for (const _ of [1, 2]) {
    await isRefused(t, dir, new RegExp(`^candor: DATA_DIR: .* in use by process ${first.pid}\\b`));
    t.equal((await fetch(`${url}/readyz`)).status, 200);
  }
  t.equal(JSON.parse(readFileSync(join(dir, 'db.lock'), 'utf8')).pid, first.pid, 'its lock is still its own');
  first.kill('SIGKILL');
  await first.ended;

  const next = candor(t, { DATA_DIR: dir });
  await next.url;
  t.equal(JSON.parse(readFileSync(join(dir, 'db.lock'), 'utf8')).pid, next.pid, 'a killed one is succeeded');
  t.equal((await fetch(`${await next.url}/readyz`)).status, 200);
});

t.test('a lock whose pid belongs to another program by now is taken over', async (t) => {
  const dir = await dataDir(t);
  const other = spawn('sleep', ['600']);
  t.teardown(() => other.kill('SIGKILL'));
  writeLock(dir, { pid: other.pid, started: 'another boot/12345', host: hostname() });
  const one = candor(t, { DATA_DIR: dir });
  t.equal((await fetch(`${await one.url}/readyz`)).status, 200);
});

t.test('a lock of which nothing can be proved is never taken over', async (t) => {
  const dir = await dataDir(t);
  writeLock(dir, { pid: 2_000_000, started: 'x', host: 'another-host' });
  await isRefused(t, dir, /^candor: DATA_DIR: .* process 2000000 on host another-host .*delete the file/);
  writeLock(dir, 'half a lo');
  await isRefused(t, dir, /^candor: DATA_DIR: .* somebody uses this database/);
});

async function isRefused(t: Test, dir: string, line: RegExp): Promise<void> {
  const one = candor(t, { DATA_DIR: dir });
  const { code, afterMs } = await one.ended;
  t.equal(code, 1);
  t.ok(afterMs < 10_000, `after ${afterMs} ms`);
  const lines = one.stderr().trim().split('\n');
  t.equal(lines.length, 1, one.stderr());
  t.match(lines[0], line);
}
