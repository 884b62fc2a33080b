import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const atOnce = 32;
const pauseMs = 100;
const unknown = 10_000;
const strangers = Array.from({ length: unknown }, () => randomBytes(6).toString('hex'));

/** Readers of every sort until `stop`, which answers how often each status came. */
export function mixedReaders(url: string, issue: string): { stop: () => Promise<Record<string, number>> } {
  const agent = new http.Agent({ keepAlive: true, maxSockets: atOnce });
  const answers: Record<string, number> = {};
  let over = false;
  let n = 0;
  const readers = Array.from({ length: atOnce }, async () => {
    while (!over) {
      const status = await once(url, n++, issue, agent);
      answers[status] = (answers[status] ?? 0) + 1;
      await sleep(pauseMs);
    }
  });
  return {
    async stop() {
      over = true;
      await Promise.all(readers);
      agent.destroy();
      return answers;
    },
  };
}

const known = [
  '/',
  '/history',
  '/history.atom',
  '/feed.json',
  '/api/v2/summary.json',
  '/promise',
  '/badge.svg',
];

/** Of twenty requests thirteen are for what is there, six for what nobody knows, one says "me too". */
function once(url: string, n: number, issue: string, agent: http.Agent): Promise<string> {
  const stranger = strangers[n % unknown]!;
  const sort = n % 20;
  if (sort === 0) return ask(`${url}/issues/${issue}/me-too`, agent, `email=me${n}%40example.com`);
  if (sort === 1) return ask(`${url}/issues/${stranger}`, agent);
  if (sort === 2) return ask(`${url}/history?month=${1900 + (n % 900)}-01`, agent);
  if (sort === 3) return ask(`${url}/?${stranger}=${stranger}`, agent);
  if (sort === 4) return ask(`${url}/${stranger}`, agent);
  if (sort === 5) return ask(`${url}/search?q=${stranger}`, agent);
  if (sort === 6) return ask(`${url}/api/v2/${stranger.replace(/\d/g, 'x')}.json`, agent);
  return ask(`${url}${n % 2 ? `/issues/${issue}` : known[n % known.length]}`, agent);
}

function ask(url: string, agent: http.Agent, form?: string): Promise<string> {
  return new Promise((resolve) => {
    const headers = {
      'accept-encoding': 'gzip',
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    };
    http
      .request(url, { agent, headers, method: form === undefined ? 'GET' : 'POST' }, (answer) => {
        answer.resume().on('end', () => resolve(String(answer.statusCode)));
      })
      .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
      .end(form);
  });
}
