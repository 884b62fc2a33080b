import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuOf, onCore, type Running } from '../load.ts';

export interface Asked {
  perSecond: number;
  /** Of the server's processor, in microseconds an answer: other work on the machine changes it least. */
  cpu: number;
  p50: number;
  p99: number;
  requests: number;
  /** Connections refused or broken, answers that did not come in time, and answers of 400 and above. */
  errors: { connect: number; read: number; write: number; timeout: number; status: number };
}

export interface Asking {
  seconds: number;
  path?: string;
  connections?: number;
  headers?: Record<string, string>;
  /** How long an answer may take, in seconds, before it counts as an error. */
  timeout?: number;
}

/** Asks by wrk, on the second core, as fast as answers come. */
export async function ask({ url, pid }: Running, asking: Asking): Promise<Asked> {
  const { seconds, path = '', connections = 64, headers = {}, timeout = 10 } = asking;
  const heads = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    `--timeout=${timeout}s`,
    '--latency',
    ...heads,
    url + path,
  ];
  const [command, ...rest] = [...onCore(1), 'wrk', ...args];
  const before = cpuOf(pid);
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (said += chunk));
  await new Promise((resolve) => child.on('close', resolve));
  return readWrk(said, cpuOf(pid) - before);
}

/** Until a process that has just started has nothing more to do by itself. */
export async function settle({ pid }: Running): Promise<void> {
  for (let before = Number.NaN; ; ) {
    const now = cpuOf(pid);
    if (Number.isNaN(now) || now - before <= 20_000) return;
    before = now;
    await sleep(1_000);
  }
}

function readWrk(said: string, cpu: number): Asked {
  const number = (pattern: RegExp) => Number(pattern.exec(said)?.[1] ?? 0);
  const time = (share: string) => {
    const [, value = '', unit = ''] = new RegExp(`${share}%\\s+([\\d.]+)(us|ms|s|m)`).exec(said) ?? [];
    return Number(value) * ({ us: 0.001, ms: 1, s: 1_000, m: 60_000 }[unit] ?? Number.NaN);
  };
  const requests = number(/(\d+) requests in/);
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    cpu: cpu / requests,
    p50: time('50'),
    p99: time('99'),
    requests,
    errors: {
      connect: number(/Socket errors: connect (\d+)/),
      read: number(/Socket errors:.* read (\d+)/),
      write: number(/Socket errors:.* write (\d+)/),
      timeout: number(/Socket errors:.* timeout (\d+)/),
      status: number(/Non-2xx or 3xx responses: (\d+)/),
    },
  };
}
