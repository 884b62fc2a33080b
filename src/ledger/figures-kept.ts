import type { Db } from '../db.ts';
import { type Bucket, join } from '../domain/figures-buckets.ts';
import { type Fold, type IssueFacts, startFigures, type Tally } from '../domain/figures-facts.ts';

const form = 1; // of the body: another program that counts otherwise takes another number, and counts anew

interface Kept {
  since: number | null;
  issues: [string, IssueFacts][];
  months: [string, Tally][];
  settled: [string, Bucket][];
}

/** What was counted when it was kept last; null where nothing was. Whether the ledger bears it out is for the caller to see. */
export async function bringBackFold(db: Db): Promise<Fold | null> {
  const row = await db.selectFrom('figures_kept').selectAll().where('form', '=', form).executeTakeFirst();
  if (!row) return null;
  const kept = JSON.parse(row.body) as Kept;
  const fold = { ...startFigures(row.hash), seq: row.seq, since: kept.since };
  fold.issues = new Map(kept.issues);
  fold.months = new Map(kept.months);
  fold.settled.months = new Map(kept.settled);
  for (const bucket of fold.settled.months.values()) join(fold.settled.all, bucket);
  fold.settled.isSorted = false;
  return fold;
}

/** Keeps what was counted for the next process that starts, in place of what was kept before. */
export async function keepFold(db: Db, { seq, hash, since, issues, months, settled }: Fold): Promise<void> {
  const kept: Kept = { since, issues: [...issues], months: [...months], settled: [...settled.months] };
  const row = { seq, hash, body: JSON.stringify(kept) };
  await db
    .insertInto('figures_kept')
    .values({ form, ...row })
    .onConflict((oc) => oc.column('form').doUpdateSet(row))
    .execute();
}
