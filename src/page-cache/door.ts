import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Database } from '../db.ts';
import { openCache } from './cache.ts';
import type { PageCounts } from './making.ts';
import { followNews, type News } from './news.ts';
import type { Answer } from './page.ts';
import { openShelf } from './shelf.ts';

/** Every public page, ready to go out. Nobody else knows of it: pages are made as if it were not there. */
export interface PageCache {
  /** Answers a request for what is public; false: the app shall. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** The app that makes the pages from now on. */
  makeWith(app: Pick<FastifyInstance, 'inject'>): void;
  /** From now on pages change when the database does. */
  follow(database: Database): Promise<void>;
  /** Makes what readers ask for first, before they do. */
  warm(): void;
  /** Until all that was committed before is in the pages: whoever changed something sees it at her next look. */
  hearAll(): Promise<void>;
  /** Whether there is a front page to show while the database is away. */
  hasPages: boolean;
  counts: PageCounts;
  close(): Promise<void>;
}

/** Opens it with the pages in `folder`, if there is one: those outlive this process. */
export function openPageCache({
  folder,
  onTrouble,
}: {
  folder: string | null;
  onTrouble: (error: unknown) => void;
}): PageCache {
  let app: Pick<FastifyInstance, 'inject'> | null = null;
  let news: News | null = null;
  const shelf = folder === null ? null : openShelf(folder, onTrouble);
  const cache = openCache({ make: async (url) => (app ? ask(app, url) : nobody), shelf, onTrouble });

  return {
    answer: cache.answer,
    makeWith(next) {
      app = next;
    },
    async follow(database) {
      news = await followNews(database, cache, onTrouble);
    },
    warm: cache.warm,
    hearAll: async () => news?.hearAll(),
    hasPages: cache.hasFront,
    counts: cache.counts,
    async close() {
      await news?.stop();
      await cache.close();
    },
  };
}

const nobody: Answer = { status: 503, headers: [], body: Buffer.alloc(0) };
const ofTheConnection = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

/** Asks the app from inside, as a client that takes no compression. */
async function ask(app: Pick<FastifyInstance, 'inject'>, url: string): Promise<Answer> {
  const { statusCode, headers, rawPayload } = await app.inject({ method: 'GET', url });
  const named = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || ofTheConnection.includes(name) ? [] : [[name, String(value)]],
  );
  return { status: statusCode, headers: named, body: rawPayload };
}
