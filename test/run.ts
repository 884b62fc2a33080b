import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { buildTests } from './fixtures/build-tests.ts';
import { startCluster, writePGliteImage } from './fixtures/db.ts';
import { type Ran, runFile, stopAll } from './fixtures/test-file.ts';

// The whole suite, or what is named: one PostgreSQL for the run, one image of the embedded database, the tests as
// JavaScript; then each in a process of its own.
const { values: options, positionals: named } = readArgs();
if (options.help) {
  console.log(`npm test -- [FILE.ts ...] [--jobs=N] [--timeout=SECONDS] [--test-arg=ARGUMENT ...]

Runs the test files named, or every test/**/*.test.ts: N at once (2), each for at most so many seconds (300), each
handed the arguments. One that only waited for too long is run once more, alone, and said so. What each printed is
kept in .tap/test-results.`);
  process.exit(0);
}
const [jobs, limitSeconds] = [Number(options.jobs), Number(options.timeout)];
if (!(jobs >= 1 && limitSeconds >= 1)) refuse('--jobs and --timeout are numbers from 1');
const root = join(import.meta.dirname, '..');
const missing = named.find((file) => !file.endsWith('.ts') || !existsSync(join(root, file)));
if (missing !== undefined) refuse(`There is no test file ${missing}`);
prepareTap();
buildIfStale();
const files = named.length > 0 ? named : everyTest();
const image = join(tmpdir(), `candor-pglite-${process.pid}.tar`);
const folder = clearedFolder();
const [cluster, built] = await Promise.all([
  startCluster(),
  buildTests(root, files, folder),
  writePGliteImage(image),
]);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stopAll);

const began = Date.now();
const results = new Map<string, Ran>();
const inTurn = pLimit(jobs);
await Promise.all(files.map((file) => inTurn(() => runAndSay(file))));
const late = files.filter((file) => results.get(file)!.onlyLate);
for (const file of late) {
  console.log(`# ${file} did not end in time; once more, alone`);
  await runAndSay(file);
}
await cluster.stop();
rmSync(image, { force: true });
rmSync(join(root, folder), { recursive: true });

const all = [...results.values()];
for (const file of late) console.log(`# ended only at the second attempt, or not at all: ${file}`);
console.log(`# time=${Math.round((Date.now() - began) / 1_000)}s`);
const sum = (count: 'passed' | 'failed') => all.reduce((total, ran) => total + ran[count], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') > 0 ? 1 : 0);

function readArgs() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        jobs: { type: 'string', default: '2' },
        timeout: { type: 'string', default: '300' },
        'test-arg': { type: 'string', multiple: true, default: [] },
      },
    });
  } catch (error) {
    return refuse((error as Error).message.split('. ')[0]!);
  }
}

function refuse(why: string): never {
  console.error(
    `${why}. Name files from the root: npm test -- test/domain/tone.test.ts; npm test -- --help says more.`,
  );
  process.exit(2);
}

async function runAndSay(file: string): Promise<void> {
  const ran = await runFile(built[files.indexOf(file)]!, {
    root,
    keptAs: join(root, '.tap/test-results', `${file}.tap`),
    limitSeconds,
    args: options['test-arg'],
    env: { ...process.env, TEST_POSTGRES_URL: cluster.url, TEST_PGLITE_IMAGE: image },
  });
  results.set(file, ran);
  for (const line of ran.lines) console.log(`    ${line}`);
  console.log(
    `${ran.failed > 0 ? 'not ok' : 'ok'} ${results.size} - ${file} # time=${ran.seconds.toFixed(1)}s`,
  );
}

function everyTest(): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', name))
    .sort();
}

/** Where this run's tests are built; those of runs that were broken off are cleared away. */
function clearedFolder(): string {
  mkdirSync(join(root, '.tap/built'), { recursive: true });
  for (const run of readdirSync(join(root, '.tap/built'))) {
    if (!isAlive(Number(run))) rmSync(join(root, '.tap/built', run), { recursive: true });
  }
  return join('.tap/built', String(process.pid));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

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
