import type { Config } from '../config.ts';
import { queueFinding } from './database.ts';
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts';
import { get } from './page.ts';

/** What the running server says of its embedded database, which only it may open. `why` names that process. */
export async function examineRunning(config: Config, why: string): Promise<Finding[]> {
  const at = await readyAt(config);
  if (at instanceof Error) {
    return [
      fail(
        'database',
        `${why} It does not answer: ${reasonOf(at)}.`,
        'Read its log, or stop it and run the doctor again.',
      ),
    ];
  }
  const found = [ok('database', `The server that uses the embedded database is ready (${at}).`)];
  try {
    found.push(...figuresOf(await (await get(`${at}/metrics`)).text()));
  } catch (error) {
    found.push(
      warn(
        'mail queue',
        `The server does not tell: ${reasonOf(error)}.`,
        'Look at the top of the desk (/admin).',
      ),
    );
  }
  return found;
}

async function readyAt({ host, port, baseUrl }: Config): Promise<string | Error> {
  const near = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  let trouble = new Error('its address is unknown');
  for (const at of [...(port === 0 ? [] : [`http://${near}:${port}`]), baseUrl]) {
    try {
      const { status } = await get(`${at}/readyz`);
      if (status === 200) return at;
      trouble = new Error(`${at}/readyz answers ${status}`);
    } catch (error) {
      trouble = error as Error;
    }
  }
  return trouble;
}

/** Reads what /metrics tells. */
function figuresOf(text: string): Finding[] {
  const figure = (name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? 0 : Number(line.slice(name.length));
  };
  const queue = {
    waiting: figure('candor_deliveries{state="queued",channel="mail"}'),
    waitedMs: figure('candor_delivery_wait_seconds{channel="mail"}') * 1_000,
    paused: figure('candor_sending_paused') ? '(the top of the desk, /admin, says why)' : null,
    held: figure('candor_sending_held') ? 'since a backup was brought back' : null,
  };
  return [
    figure('candor_database_up')
      ? ok('server', 'Its database answers it.')
      : fail('server', 'Its database does not answer it.', 'Read its log, and start it again.'),
    queueFinding(queue),
  ];
}
