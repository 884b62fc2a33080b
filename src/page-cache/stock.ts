import type { PublicAddress } from './addresses.ts';
import { blankPage, type Page } from './page.ts';

const mostPages = 2_000;

/** The pages that are kept, bounded in number and in bytes: who was asked for longest ago goes first. */
export interface Stock {
  get(key: string): Page | undefined;
  /** The page at an address, made blank if there is none. */
  at(address: PublicAddress): Page;
  all(): Iterable<Page>;
  drop(page: Page): void;
  /** To be called when a page has grown or come in. */
  shrink(): void;
}

export function openStock(mostBytes: number, onGone: (page: Page) => void): Stock {
  const pages = new Map<string, Page>();
  return {
    get: (key) => pages.get(key),
    at(address) {
      const page = pages.get(address.key) ?? blankPage(address);
      pages.set(address.key, page);
      return page;
    },
    all: () => pages.values(),
    drop(page) {
      if (pages.get(page.key) === page) pages.delete(page.key);
    },
    shrink() {
      let bytes = 0;
      for (const page of pages.values()) bytes += sizeOf(page);
      if (bytes <= mostBytes && pages.size <= mostPages) return;
      const idle = [...pages.values()]
        .filter((page) => page.making === null && page.key !== '/')
        .sort((a, b) => a.askedAt - b.askedAt);
      for (const page of idle) {
        if (bytes <= mostBytes * 0.9 && pages.size <= mostPages * 0.9) return;
        bytes -= sizeOf(page);
        pages.delete(page.key);
        onGone(page);
      }
    },
  };
}

function sizeOf({ made, prepared, shown }: Page): number {
  const old = shown !== null && shown !== prepared ? shown.bytes : 0;
  return (made?.body.length ?? 0) + (prepared?.bytes ?? 0) + old;
}
