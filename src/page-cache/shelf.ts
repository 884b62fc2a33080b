import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { type PublicAddress, publicAddress } from './addresses.ts';
import type { Page } from './page.ts';
import type { Made } from './prepare.ts';

/** Public pages on disk, one file each, for a start while the database is away. */
export interface Shelf {
  /** What lies there; what cannot be read is left out. */
  read(): { address: PublicAddress; made: Made; knownAt: number }[];
  holds(page: Page): boolean;
  /** Writes it soon; the newest wins. Where too many lie there, who was written longest ago makes room. */
  put(page: Page): void;
  drop(page: Pick<Page, 'key'>): void;
  /** All that lies there was true at this time, in milliseconds. */
  know(at: number): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

const most = 200;
const soonMs = 1_000;
const knowAgainMs = 30_000;

const kept = z.object({
  key: z.string(),
  knownAt: z.int(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string(),
});

/** Opens a folder of pages; `onTrouble` hears of a disk that takes nothing, and readers do not. */
export function openShelf(folder: string, onTrouble: (error: unknown) => void): Shelf {
  const there = new Set<string>();
  const waiting = new Map<string, Page | null>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let knewAt = 0;

  function later(key: string, page: Page | null): void {
    waiting.set(key, page);
    timer ??= setTimeout(flush, soonMs).unref();
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const now = [...waiting];
    waiting.clear();
    writing = writing.then(() => writeAll(now)).catch(onTrouble);
    return writing;
  }

  async function writeAll(all: [string, Page | null][]): Promise<void> {
    for (const [key, page] of all) {
      const path = join(folder, nameOf(key));
      if (page?.made) await write(path, key, page.made, page.knownAt);
      else await rm(path, { force: true });
    }
  }

  function drop({ key }: Pick<Page, 'key'>): void {
    if (there.delete(key)) later(key, null);
  }

  return {
    read: () => readAll(folder, there),
    holds: (page) => there.has(page.key),
    put(page) {
      there.delete(page.key);
      there.add(page.key);
      later(page.key, page);
      const oldest = [...there].find((key) => key !== '/');
      if (there.size > most && oldest !== undefined) drop({ key: oldest });
    },
    drop,
    know(at) {
      if (there.size === 0 || at - knewAt < knowAgainMs) return;
      knewAt = at;
      writing = writing.then(() => writeWhole(join(folder, knownFile), String(at))).catch(onTrouble);
    },
    close: () => flush(),
  };
}

function nameOf(key: string): string {
  return `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`;
}

function write(path: string, key: string, { headers, body }: Made, knownAt: number): Promise<void> {
  return writeWhole(path, JSON.stringify({ key, knownAt, headers, body: body.toString('utf8') }));
}

/** A reader of the folder never sees half a file. */
async function writeWhole(path: string, text: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.part`, text, { mode: 0o600 });
  await rename(`${path}.part`, path);
}

function readAll(folder: string, there: Set<string>): ReturnType<Shelf['read']> {
  const found: ReturnType<Shelf['read']> = [];
  const allKnownAt = readKnown(folder);
  for (const name of namesIn(folder).slice(0, most)) {
    try {
      const { key, knownAt, headers, body } = kept.parse(
        JSON.parse(readFileSync(join(folder, name), 'utf8')),
      );
      const address = publicAddress(key);
      if (address?.key !== key) continue;
      there.add(key);
      found.push({
        address,
        knownAt: Math.max(knownAt, allKnownAt),
        made: { headers, body: Buffer.from(body) },
      });
    } catch {
      // half written, or from another version: it will be made again
    }
  }
  return found;
}

const knownFile = 'known-at';

function readKnown(folder: string): number {
  try {
    return Number(readFileSync(join(folder, knownFile), 'utf8')) || 0;
  } catch {
    return 0;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}
