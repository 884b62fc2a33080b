import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { percentile } from './table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
export const adminToken = 'candor_bench-token-0123456789';

/** A number given as --name=N. */
export function option(options: string[], name: string, usual: number): number {
  return Number(options.find((one) => one.startsWith(`--${name}=`))?.split('=')[1] ?? usual);
}

export interface Running {
  url: string;
  pid: number;
  /** From its start to the line that says it listens. */
  listeningMs: number;
  /** And what it had of the processor until then. */
  listeningCpuMs: number;
  printed(): string;
  stop(): Promise<void>;
}

/** Compiles the product, so that what is measured is what is written. */
export function build(): void {
  execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, stdio: ['ignore', 2, 2] });
}

/** The built product in a process of its own, on the first core where there are several, or wherever there is room. */
export function startOurs(env: Record<string, string>, cores = onCore(0)): Promise<Running> {
  return startNode(cores, [...asStarted, join(root, 'dist/cli.js'), 'start'], {
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_TOKEN: adminToken,
    ...startedIn,
    ...env,
  });
}

/** The same, where it serves pages and sends nothing. */
export function startPageOnly(
  { url, dataDir }: { url: string; dataDir: string },
  cores = onCore(0),
): Promise<Running> {
  return startOurs({ DATABASE_URL: url, DATA_DIR: dataDir, NOTIFIER: 'off' }, cores);
}

// By npm start, and in the container.
const asStarted = ['--max-semi-space-size=4'];
const startedIn = { MALLOC_ARENA_MAX: '2' };

export interface Prepared {
  status: number;
  /** Names and values in turn. */
  head: string[];
  body: string;
}

/** A bare node:http process that sends what is given and nothing else. */
export function startBare(answer: Prepared): Promise<Running> {
  return startNode(onCore(0), [join(root, 'bench/load/bare.js')], {}, JSON.stringify(answer));
}

async function startNode(
  cores: string[],
  args: string[],
  env: Record<string, string>,
  input = '',
): Promise<Running> {
  const began = performance.now();
  const [command, ...rest] = [...cores, process.execPath, ...args];
  const child = spawn(command!, rest, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    const hear = (chunk: string) => {
      printed = (printed + chunk).slice(-20_000);
      const [, found] = /listening on (http:\/\/[\w.:[\]]+)/.exec(printed) ?? [];
      if (found) resolve(found);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.stdin.on('error', () => {}).end(input);
    void ended.then(() => reject(new Error(`it ended before it listened: ${printed}`)));
  });
  return {
    url,
    pid: child.pid!,
    listeningMs: performance.now() - began,
    listeningCpuMs: cpuOf(child.pid!) / 1_000,
    printed: () => printed,
    stop: () => stop(child, ended),
  };
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill();
  const impatient = setTimeout(() => child.kill('SIGKILL'), 12_000);
  await ended;
  clearTimeout(impatient);
}

const cores = Number(execFileSync('getconf', ['_NPROCESSORS_ONLN']).toString());
const canPin =
  cores > 1 && (process.env.PATH ?? '').split(':').some((one) => existsSync(join(one, 'taskset')));

/** So that the server and who asks it do not take turns on one core. */
export function onCore(core: number): string[] {
  return canPin ? ['taskset', '-c', String(core)] : [];
}

const ofTheConnection = ['connection', 'date', 'keep-alive', 'transfer-encoding'];

/** What an address answers, to be sent again by somebody else; node:http itself adds what is the connection's. */
export function takeAnswer(url: string, headers: Record<string, string> = {}): Promise<Prepared> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          const raw = answer.rawHeaders;
          const head = raw.filter((_, i) => !ofTheConnection.includes(raw[i - (i % 2)]!.toLowerCase()));
          const body = Buffer.concat(chunks).toString('base64');
          resolve({ status: answer.statusCode!, head, body });
        });
      })
      .on('error', reject);
  });
}

/** The memory that a process holds now, in megabytes; 0 where the system does not say. */
export function rssOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_000;
  } catch {
    return 0;
  }
}

/** What a process has had of the processor, in microseconds. */
export function cpuOf(pid: number): number {
  if (!existsSync(`/proc/${pid}/stat`)) return Number.NaN;
  const [, ...fields] = /\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))![1]!.split(' ');
  return (Number(fields[10]) + Number(fields[11])) * 10_000;
}

/** The middle of the measurements, and between what they lay. */
export function spread(values: number[], digits = 0): string {
  const shown = (value: number) => value.toLocaleString('en', { maximumFractionDigits: digits });
  return `${shown(middle(values))} (${shown(Math.min(...values))}–${shown(Math.max(...values))})`;
}

export function middle(values: number[]): number {
  return percentile(values, 0.5);
}

/** To be said under each table: what else the machine did meanwhile. */
export function load(): string {
  return `On ${cores} cores at load ${loadavg()[0]!.toFixed(1)}, Node ${process.versions.node}.`;
}

/** Asks until it answers with success; the milliseconds it took. */
export async function untilOk(url: string, began: number): Promise<number> {
  for (;;) {
    const answer = await fetch(url).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return performance.now() - began;
    await sleep(5);
  }
}
