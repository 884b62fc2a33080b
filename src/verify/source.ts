import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { askForLines } from './ask.ts';
import { CannotCheck } from './finding.ts';
import { splitLines } from './split-lines.ts';

/** Where a ledger is read from. */
export interface Source {
  name: string;
  /** The lines of the ledger behind an entry. */
  ledger(after: number): AsyncIterable<string>;
  /** The page that the ledger is of; null for a file, which shows nothing. */
  page: Page | null;
}

export interface Page {
  base: string;
  /** What it shows now: of everything, or of one thing alone. */
  now(only?: { issue?: string; component?: string }): AsyncIterable<string>;
}

/** A page by its address, or by that of its ledger, or a file. Reads nothing yet. Throws CannotCheck for what is neither. */
export function sourceOf(given: string): Source {
  if (!/^[a-z]+:\/\//i.test(given)) return fromFile(given);
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new CannotCheck(`“${given}” is no address of a page: it begins with https:// or http://.`);
  return fromPage(url);
}

function fromPage(url: URL): Source {
  const folder = url.pathname.replace(/\/ledger(\.jsonl)?$/, '/').replace(/\/?$/, '/');
  const base = `${url.origin}${folder}`;
  return {
    name: base,
    ledger: (after) => askForLines(`${base}ledger.jsonl${after > 0 ? `?after=${after}` : ''}`),
    page: {
      base,
      now: (only = {}) => {
        const query = new URLSearchParams(only as Record<string, string>).toString();
        return askForLines(`${base}ledger/now.jsonl${query && `?${query}`}`);
      },
    },
  };
}

function fromFile(path: string): Source {
  return { name: resolve(path), ledger: () => readFile(path), page: null };
}

async function* readFile(path: string): AsyncGenerator<string> {
  try {
    yield* splitLines(createReadStream(path));
  } catch (error) {
    if (error instanceof CannotCheck) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CannotCheck(
      code === 'ENOENT'
        ? `there is no file ${resolve(path)}; for a page write its address with https://.`
        : `${resolve(path)} cannot be read: ${message}.`,
    );
  }
}
