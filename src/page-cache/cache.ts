import type { IncomingMessage, ServerResponse } from 'node:http';
import { endsWithin } from '../ends-within.ts';
import { publicAddress } from './addresses.ts';
import { openMaking, type PageCounts, type Standing, tooMany } from './making.ts';
import { withItsAge } from './old-page.ts';
import type { Answer, Page } from './page.ts';
import { prepare } from './prepare.ts';
import { send, sendFailure } from './send.ts';
import type { Shelf } from './shelf.ts';
import { openStock } from './stock.ts';

export interface CacheOptions {
  /** Makes the answer to a GET of a public address. */
  make: (url: string) => Promise<Answer>;
  /** Where pages outlive the process; null: the database is in this process, and its end is the page's. */
  shelf: Shelf | null;
  onTrouble: (error: unknown) => void;
  mostBytes?: number;
  /** How long a reader waits for a page made anew where there is an older one, in milliseconds. */
  patienceMs?: number;
}

export interface Cache {
  /** Answers a request, at once or as soon as its page is made; false: it is for somebody else to answer. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** What was said on the channel `page`; '' makes everything anew. */
  hear(said: string): void;
  /** The clock went on: nothing was said, but ages and promises are others. */
  tick(): void;
  /** The database answered, or did not. */
  noteDatabase(answers: boolean): void;
  /** Makes what readers ask for first. */
  warm(): void;
  counts: PageCounts;
  /** A front page was there from the beginning. */
  hasFront: boolean;
  close(): Promise<void>;
}

const hotMs = 60_000; // what was asked for within is made anew before anybody asks again
const mostHot = 50;

/** Keeps every public answer ready to go out: made once per change, one at a time, however many wait for it. */
export function openCache(options: CacheOptions): Cache {
  const { shelf, onTrouble, mostBytes = 16 * 1024 * 1024, patienceMs = 3_000 } = options;
  const stock = openStock(mostBytes, (page) => shelf?.drop(page)); // what lies there is made anew with its change
  const counts: PageCounts = { ready: 0, unchanged: 0, old: 0, made: 0 };
  const standing: Standing = { isAway: false, heardAt: Date.now() };
  const { remake, remakeInTurn, close } = openMaking({ ...options, stock, standing, counts, noteDatabase });

  for (const { address, made, knownAt } of shelf?.read() ?? [])
    Object.assign(stock.at(address), { made, knownAt });

  function answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { method, url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return false;
    const page = stock.get(url);
    if (page?.fresh) {
      sendReady(page, request, response);
      return true;
    }
    const address = publicAddress(url);
    if (!address || hasBody(request)) return false;
    void answerSoon(stock.at(address), request, response).catch((error) => {
      onTrouble(error);
      response.destroy();
    });
    return true;
  }

  function sendReady(page: Page, request: IncomingMessage, response: ServerResponse): void {
    page.askedAt = standing.heardAt;
    counts.ready += 1;
    if (standing.isAway) counts.old += 1;
    if (send(page.shown!, request, response)) counts.unchanged += 1;
  }

  async function answerSoon(page: Page, request: IncomingMessage, response: ServerResponse): Promise<void> {
    page.askedAt = Date.now();
    const failure = await readied(page);
    if (response.destroyed) return;
    if (page.shown) sendReady(page, request, response);
    else sendFailure(failure ?? tooMany, request, response);
  }

  /** Until the page can go out: fresh, or as we knew it last. The answer is why it cannot. */
  async function readied(page: Page): Promise<Answer | null> {
    // Twice: what is being made now may have been begun before the change that this reader knows of.
    let hasFailed = false;
    for (let tries = 0; tries < 2 && !page.fresh && !hasFailed; tries++) {
      if (standing.isAway && page.made !== null) break;
      const making = remake(page);
      const isLate = page.made !== null && shelf !== null && !(await endsWithin(making, patienceMs));
      if (isLate) noteDatabase(false);
      const failure = isLate ? null : await making;
      if (failure && page.made === null) return failure;
      hasFailed = failure !== null;
    }
    if (!page.fresh && page.made !== null && (standing.isAway || hasFailed || page.shown === null)) {
      page.aging ??= showAge(page).finally(() => {
        page.aging = null;
      });
      await page.aging;
    }
    return null;
  }

  function hear(said: string): void {
    const now = Date.now();
    const stale: Page[] = [];
    for (const page of stock.all()) {
      if (!concerns(said, page)) continue;
      page.changes += 1;
      page.fresh = false;
      if (page.made !== null) stale.push(page);
    }
    if (standing.isAway) return;
    const isHot = (page: Page) => page.key === '/' || now - page.askedAt < hotMs;
    const hot = stale.filter(isHot).sort((a, b) => b.askedAt - a.askedAt);
    for (const page of hot.slice(0, mostHot)) remake(page).catch(onTrouble);
    if (!shelf) return;
    for (const page of stale) if (!hot.includes(page) && shelf.holds(page)) remakeInTurn(page);
  }

  function tick(): void {
    for (const page of stock.all()) {
      page.changes += 1;
      page.fresh = false;
    }
  }

  function noteDatabase(answers: boolean): void {
    if (answers) {
      standing.heardAt = Date.now();
      shelf?.know(standing.heardAt);
    }
    if (answers === !standing.isAway || (!answers && shelf === null)) return;
    standing.isAway = !answers;
    for (const page of stock.all()) {
      if (standing.isAway && page.fresh) page.knownAt = Math.max(page.knownAt, standing.heardAt);
      if (!standing.isAway && page.prepared) page.shown = page.prepared;
    }
    if (standing.isAway) for (const page of stock.all()) page.fresh = false;
    else hear('');
  }

  async function showAge(page: Page): Promise<void> {
    // Without a time: the page of before, shown again later, would be older than this word on it.
    const old = await prepare(withItsAge(page.made!, page.knownAt), null);
    if (page.fresh) return;
    page.shown = old;
    page.fresh = standing.isAway;
  }

  return {
    answer,
    hear,
    tick,
    noteDatabase,
    warm: () => void remake(stock.at({ key: '/', issueId: null })).catch(onTrouble),
    counts,
    hasFront: stock.get('/') !== undefined,
    async close() {
      await close();
      await shelf?.close();
    },
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

const ofLedger =
  /^\/(?:ledger|promise|history\.atom|history\.rss|feed\.json|maintenance\.ics|components\/\w+\/)/;

function concerns(said: string, { key, issueId }: Page): boolean {
  if (key.startsWith('/assets/')) return false; // another version has another address
  if (said === '') return true;
  return said === 'ledger' ? ofLedger.test(key) : issueId === null || issueId === said;
}
