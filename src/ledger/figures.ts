import type { Db } from '../db.ts';
import { type AllFigures, figuresOf } from '../domain/figures.ts';
import { type Fold, startFigures, takeEntry } from '../domain/figures-facts.ts';
import { revive, settle, touchedBy } from '../domain/figures-settled.ts';
import { type Entry, noHash } from '../domain/ledger.ts';
import { readAbout, readBehind } from './figures-entries.ts';
import { bringBackFold, keepFold } from './figures-kept.ts';
import { type Head, sealLedger } from './seal.ts';

/** The figures, and the entry of the ledger up to which they were counted. */
export interface Counted extends AllFigures {
  head: Head;
  /** When the ledger began; null: nothing stands in it yet. */
  since: Date | null;
}

/** How many entries are read at once, and after how many what was counted is kept for the next start. */
export interface Pace {
  batch: number;
  keepAfter: number;
}

const usual: Pace = { batch: 2_000, keepAfter: 5_000 };
const freshMs = 5_000; // of a crowd that asks at once only the first counts

/**
 * A counter of the ledger that keeps in memory what it has counted (of an issue that is long over some numbers), and
 * takes in only what was said since. After a start it goes on from what was kept. It counts anew where the ledger is
 * another than the one it knew, as after a backup was brought back.
 */
export function counter(db: Db, pace: Pace = usual): (now: Date) => Promise<Counted> {
  let fold: Fold | null = null;
  let kept = 0;
  let catchingUp: Promise<Fold> | null = null;
  let latest: { of: string; counted: Counted } | null = null;

  const catchUp = async (): Promise<Fold> => {
    const head = await sealLedger(db);
    if (fold === null || (fold.seq > 0 && !(await stands(db, fold)))) {
      const before = await bringBackFold(db);
      fold = before && (await stands(db, before)) ? before : startFigures(noHash);
      kept = fold.seq;
    }
    while (fold.seq < head.seq && (await takeSome(db, fold, pace.batch)) > 0);
    if (fold.seq - kept >= pace.keepAfter) {
      await keepFold(db, fold);
      kept = fold.seq;
    }
    return fold;
  };

  return async (now) => {
    catchingUp ??= catchUp().finally(() => {
      catchingUp = null;
    });
    const taken = await catchingUp;
    const { seq, hash, since } = taken;
    const of = `${hash} ${Math.floor(now.getTime() / freshMs)}`;
    if (latest?.of === of) return latest.counted;
    const began = since === null ? null : new Date(since);
    const counted = { ...figuresOf(taken, now), head: { seq, hash }, since: began };
    latest = { of, counted };
    return counted;
  };
}

/** Takes the next entries in, those they are about brought back first, and lets go of what has been over for long. */
async function takeSome(db: Db, fold: Fold, batch: number): Promise<number> {
  const entries = await readBehind(db, fold.seq, batch);
  await bringBackTouched(db, fold, entries);
  for (const entry of entries) takeEntry(fold, entry);
  settle(fold);
  return entries.length;
}

async function bringBackTouched(db: Db, fold: Fold, entries: readonly Entry[]): Promise<void> {
  const gone = [...new Set(entries.flatMap(touchedBy))].filter((id) => !fold.issues.has(id));
  if (gone.length === 0 || fold.seq === 0) return;
  const again = startFigures(noHash);
  for (const entry of await readAbout(db, gone, fold.seq)) takeEntry(again, entry);
  for (const [id, issue] of again.issues) revive(fold, id, issue);
}

async function stands(db: Db, { seq, hash }: Head): Promise<boolean> {
  const row = await db.selectFrom('ledger').select('hash').where('seq', '=', seq).executeTakeFirst();
  return row?.hash === hash;
}
