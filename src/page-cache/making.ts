import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { goesWith } from './addresses.ts';
import { type Answer, type Page, takeMade } from './page.ts';
import type { Shelf } from './shelf.ts';
import type { Stock } from './stock.ts';

/** How often public answers were asked for and made. */
export interface PageCounts {
  /** Answers that were ready when asked for; `unchanged` of them were 304, `old` said how old they are. */
  ready: number;
  unchanged: number;
  old: number;
  made: number;
}

/** How we stand with the database. */
export interface Standing {
  isAway: boolean;
  /** When it answered last, in milliseconds. */
  heardAt: number;
}

export interface MakingParts {
  make: (url: string) => Promise<Answer>;
  stock: Stock;
  shelf: Shelf | null;
  standing: Standing;
  counts: PageCounts;
  noteDatabase: (answers: boolean) => void;
  onTrouble: (error: unknown) => void;
}

export interface Making {
  /** Makes a page, or joins whoever makes it already; the answer is why there is none. */
  remake(page: Page): Promise<Answer | null>;
  /** The same when nothing else is to be done, one at a time. */
  remakeInTurn(page: Page): void;
  /** Begins nothing more, and waits for what is under way. */
  close(): Promise<void>;
}

const restFactor = 4; // so making one page over and over takes a fifth of the time at most
const mostRestMs = 500;
const mostWaiting = 1_000;
const mostLinked = 80;
const mostInTurn = 500;
const closingMs = 2_000;

/** Makes pages: each by one maker at a time, and few at once, so that nobody's addresses fill the database's time. */
export function openMaking(parts: MakingParts): Making {
  const { make, stock, shelf, standing, counts, noteDatabase, onTrouble } = parts;
  const [forKnown, forUnknown, forNobody] = [pLimit(3), pLimit(2), pLimit(1)];
  let closed = false;

  function remake(page: Page): Promise<Answer | null> {
    const limit = page.made === null ? forUnknown : forKnown;
    if (page.making === null && (closed || limit.pendingCount >= mostWaiting)) {
      if (page.made === null) stock.drop(page);
      return Promise.resolve(tooMany);
    }
    page.making ??= rested(page)
      .then(() => limit(() => makeNow(page)))
      .finally(() => {
        page.making = null;
        if (page.made === null) stock.drop(page);
      });
    return page.making;
  }

  async function rested({ restUntil }: Page): Promise<void> {
    const ms = restUntil - Date.now();
    if (ms > 0) await sleep(ms);
  }

  async function makeNow(page: Page): Promise<Answer | null> {
    const { changes } = page;
    const began = Date.now();
    const made = await make(page.key);
    counts.made += 1;
    page.restUntil = Date.now() + Math.min((Date.now() - began) * restFactor, mostRestMs);
    if (!mayBeKept(made)) {
      if (made.status < 500) forget(page);
      else if (made.status === 503) noteDatabase(false);
      return made;
    }
    standing.heardAt = began;
    const isNew = await takeMade(page, made, began);
    page.fresh = page.changes === changes && !standing.isAway;
    stock.shrink();
    if (isNew) shelf?.put(page);
    if (isNew && page.key === '/') prepareWhatFollows(made.body.toString('utf8'));
    return null;
  }

  function forget(page: Page): void {
    stock.drop(page);
    shelf?.drop(page);
    Object.assign(page, { made: null, prepared: null, shown: null, fresh: false });
  }

  /** What the front page leads to outlives the database too, whether or not somebody has asked for it yet. */
  function prepareWhatFollows(html: string): void {
    if (!shelf) return;
    for (const address of goesWith(html).slice(0, mostLinked)) {
      if (!stock.get(address.key)) remakeInTurn(stock.at(address));
    }
  }

  function remakeInTurn(page: Page): void {
    if (closed || forNobody.pendingCount > mostInTurn) return;
    forNobody(async () => (closed || standing.isAway || page.fresh ? null : remake(page))).catch(onTrouble);
  }

  return {
    remake,
    remakeInTurn,
    async close() {
      closed = true;
      forNobody.clearQueue();
      const underWay = Promise.allSettled([...stock.all()].map((page) => page.making));
      await Promise.race([underWay, sleep(closingMs, undefined, { ref: false })]);
    },
  };
}

/** For addresses nobody asked for before, when very many ask for such. */
export const tooMany: Answer = {
  status: 503,
  headers: [
    ['content-type', 'text/plain; charset=utf-8'],
    ['retry-after', '5'],
    ['cache-control', 'no-store'],
  ],
  body: Buffer.from('Too many ask for what nobody asked for before. Please try again in a few seconds.\n'),
};

function mayBeKept({ status, headers }: Answer): boolean {
  const named = new Map(headers);
  return status === 200 && /^public\b/.test(named.get('cache-control') ?? '') && !named.has('set-cookie');
}
