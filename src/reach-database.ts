import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { absent, absentDatabase } from './absent-database.ts';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { isDatabaseAway } from './db.ts';
import type { FrontDoor } from './front-door.ts';
import type { Links } from './links.ts';
import type { PageCache } from './page-cache/door.ts';

export interface Waiting {
  config: Config;
  door: FrontDoor;
  pages: PageCache;
  log: Logger;
  /** Aborts when the process shall stop. */
  stopped: AbortSignal;
}

const retryMs = 2_000;
const sayAgainMs = 60_000;

/**
 * Does what needs the database. While that is away, the public pages of before are shown with their age, and forms are
 * given back with what to do; then it is tried again. Throws at once what is not the database's absence, and that too
 * where no page is there to be shown.
 */
export async function reachDatabase<T>(waiting: Waiting, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isDatabaseAway(error) || !waiting.pages.hasPages) throw error;
    waiting.log.error({ err: error }, waitingWords);
  }
  const app = await openWithout(waiting);
  try {
    return await untilThere(waiting, work);
  } finally {
    await app.close();
  }
}

const waitingWords =
  'the database does not answer. The public pages are shown as we knew them last, and say how old that is; forms are given back with what to do. Trying again every two seconds; GET /readyz answers 503 until then';

/** The whole product, but for what it would have to look up or write down. */
async function openWithout({ config, door, pages, log }: Waiting) {
  const app = await buildApp({ config, database: absentDatabase(), links: absentLinks, log, door });
  await app.ready();
  pages.makeWith(app.routing);
  log.warn(`the pages of before are on ${await door.listen(config)}`);
  return app;
}

const absentLinks: Links = {
  token: missing,
  read: missing,
  bucket: missing,
  seal: missing,
};

function missing(): never {
  throw absent();
}

async function untilThere<T>({ log, stopped }: Waiting, work: () => Promise<T>): Promise<T> {
  let saidAt = Date.now();
  for (;;) {
    await sleep(retryMs, undefined, { signal: stopped });
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      if (Date.now() - saidAt >= sayAgainMs) {
        log.error({ err: error }, 'the database still does not answer');
        saidAt = Date.now();
      }
    }
  }
}
