import type { Db } from '../db.ts';
import { type AllFigures, figuresOf } from '../domain/figures.ts';
import { type Fold, startFigures, takeEntry } from '../domain/figures-facts.ts';
import { type Entry, noHash } from '../domain/ledger.ts';
import { readEntries } from './entries.ts';
import { type Head, sealLedger } from './seal.ts';

/** The figures, and the entry of the ledger up to which they were counted. */
export interface Counted extends AllFigures {
  head: Head;
  /** When the ledger began; null: nothing stands in it yet. */
  since: Date | null;
}

const batch = 500;
const freshMs = 5_000; // of a crowd that asks at once only the first counts

/**
 * A counter of the ledger that keeps in memory what it has counted (some numbers an issue), and takes in only what was
 * said since. It counts anew where the ledger is another than the one it knew, as after a backup was brought back.
 */
export function counter(db: Db): (now: Date) => Promise<Counted> {
  let fold: Fold = startFigures(noHash);
  let catchingUp: Promise<void> | null = null;
  let latest: { of: string; counted: Counted } | null = null;

  const catchUp = async () => {
    const head = await sealLedger(db);
    if (fold.seq > 0 && !(await stands(db, fold))) fold = startFigures(noHash);
    while (fold.seq < head.seq) {
      const entries = (await readEntries(db, fold.seq, batch)) as unknown as Entry[];
      if (entries.length === 0) return;
      for (const entry of entries) takeEntry(fold, entry);
    }
  };

  return async (now) => {
    catchingUp ??= catchUp().finally(() => {
      catchingUp = null;
    });
    await catchingUp;
    const { seq, hash, since } = fold;
    const of = `${hash} ${Math.floor(now.getTime() / freshMs)}`;
    if (latest?.of === of) return latest.counted;
    const began = since === null ? null : new Date(since);
    const counted = { ...figuresOf(fold, now), head: { seq, hash }, since: began };
    latest = { of, counted };
    return counted;
  };
}

async function stands(db: Db, { seq, hash }: Head): Promise<boolean> {
  const row = await db.selectFrom('ledger').select('hash').where('seq', '=', seq).executeTakeFirst();
  return row?.hash === hash;
}
