import type { PublicAddress } from './addresses.ts';
import { type Made, type Prepared, prepare } from './prepare.ts';

/** One public address as we last made it. */
export interface Page extends PublicAddress {
  /** What goes out. While the database is away it says how old it is; null: never made. */
  shown: Prepared | null;
  /** Nothing has changed since `shown` was made: it goes out without a question. */
  fresh: boolean;
  made: Made | null;
  prepared: Prepared | null;
  /** When we last knew it to be so, in milliseconds. */
  knownAt: number;
  /** How often it became another one; what is being made is fresh only if nothing came between. */
  changes: number;
  making: Promise<Answer | null> | null;
  /** Under way: an answer that says how old it is. */
  aging: Promise<void> | null;
  /** It is not made again before. */
  restUntil: number;
  askedAt: number;
}

/** Whatever the app answered: a page that may be kept, or why there is none. */
export interface Answer extends Made {
  status: number;
}

export function blankPage(address: PublicAddress): Page {
  return {
    ...address,
    shown: null,
    fresh: false,
    made: null,
    prepared: null,
    knownAt: 0,
    changes: 0,
    making: null,
    aging: null,
    restUntil: 0,
    askedAt: 0,
  };
}

/** Takes over what was made; the same bytes as before stay the same answer, with the same age. */
export async function takeMade(page: Page, made: Made, at: number): Promise<boolean> {
  const isSame = page.made?.body.equals(made.body) === true && sameHeaders(page.made, made);
  if (!isSame || page.prepared === null) {
    // Two answers within a second would have the same Last-Modified.
    const before = page.prepared?.lastModified ?? 0;
    const lastModified = Math.max(Math.floor(at / 1_000) * 1_000, before + 1_000);
    page.prepared = await prepare(made, page.prepared === null ? at : lastModified);
    page.made = made;
  }
  page.knownAt = at;
  page.shown = page.prepared;
  return !isSame;
}

function sameHeaders(a: Made, b: Made): boolean {
  return JSON.stringify(a.headers) === JSON.stringify(b.headers);
}
