import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startCluster, writePGliteImage } from './fixtures/db.ts';
import { compactTap, summaryOf } from './fixtures/tap-output.ts';

// The whole suite, or what is named: one PostgreSQL for the run, one image of the embedded database, then tap.
const root = join(import.meta.dirname, '..');
prepareTap();
buildIfStale();
const image = join(tmpdir(), `candor-pglite-${process.pid}.tar`);
const [cluster] = await Promise.all([startCluster(), writePGliteImage(image)]);
const args = process.argv.slice(2);
const tap = spawn(join(root, 'node_modules/.bin/tap'), ['--reporter=tap', ...args], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, TEST_POSTGRES_URL: cluster.url, TEST_PGLITE_IMAGE: image },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tap.kill(signal));
const exited = new Promise<number>((resolve) => tap.on('close', (status) => resolve(status ?? 1)));
const keep = compactTap();
let summary = { passed: 0, failed: 0 };
for await (const line of createInterface({ input: tap.stdout })) {
  summary = summaryOf(line) ?? summary;
  if (keep(line)) console.log(line);
}
const code = await exited;
await cluster.stop();
rmSync(image, { force: true });
// A run that broke without a failed assertion failed all the same, and so did one in which nothing ran.
const broke = summary.failed === 0 && (code !== 0 || summary.passed === 0);
const failed = summary.failed + Number(broke);
console.log(`${summary.passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** tap as npm brings it still holds its TypeScript plugin, which cannot read TypeScript 7; package.json leaves it out. */
function prepareTap(): void {
  const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js');
  if (existsSync(built) && !readFileSync(built, 'utf8').includes('@tapjs/typescript')) return;
  run(join(root, 'node_modules/.bin/tap'), ['build']);
}

/** The tests of the real process start dist/cli.js. */
function buildIfStale(): void {
  const built = join(root, 'dist/cli.js');
  const newest = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(root, 'src', name)).mtimeMs)
    .reduce((a, b) => Math.max(a, b), 0);
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  run('npm', ['run', '--silent', 'build']);
}

function run(command: string, args: string[]): void {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) console.error(`${command} ${args.join(' ')} failed; the tests that need it will too`);
}
