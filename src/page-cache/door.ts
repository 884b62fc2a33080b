import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Database } from '../db.ts';
import { openCache } from './cache.ts';
import type { PageCounts } from './making.ts';
import { followNews, type News } from './news.ts';
import type { Answer } from './page.ts';
import { openShelf } from './shelf.ts';
import { openWire } from './wire.ts';

/** Every public page, ready to go out. Nobody else knows of it: pages are made as if it were not there. */
export interface PageCache {
  /** Answers a request for what is public; false: the app shall. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** The app that makes the pages from now on. */
  makeWith(app: RequestListener): void;
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
  let ask: ((url: string) => Promise<Answer>) | null = null;
  let news: News | null = null;
  const shelf = folder === null ? null : openShelf(folder, onTrouble);
  const cache = openCache({ make: async (url) => ask?.(url) ?? nobody, shelf, onTrouble });

  return {
    answer: cache.answer,
    makeWith(app) {
      ask = openWire(app);
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
