import { addressKey } from '../address.ts';
import type { Db, Trx } from '../db.ts';
import { type Rule, take, takeAll, type Visitor } from '../limits.ts';

const minute = 60_000;
export const rules = {
  reportsPerNetwork: { most: 300, perMs: 10 * minute },
  receiptsPerAddress: { most: 1, perMs: 24 * 60 * minute },
  receiptsPerNetwork: { most: 20, perMs: 60 * minute },
  receiptsInAll: { most: 3_000, perMs: 60 * minute },
  helpedPerNetwork: { most: 60, perMs: 10 * minute },
  /**
   * Wrong codes. A code has 50 bits, and no limit holds for all together: it would let strangers shut everybody out.
   * A network makes 1,440 tries a day at most. Of a million reports, 10,000 networks that never rest would hit one in
   * about 78 days and a certain one in 214,000 years; of ten thousand reports, one in 21 years.
   */
  codesPerNetwork: { most: 10, perMs: 10 * minute },
  /** From this very machine, where no network is known: 24,000 a day. */
  codesFromHere: { most: 1_000, perMs: 60 * minute },
} satisfies Record<string, Rule>;

/** Counts one more report from her network; answers the seconds to wait where that is too many, else 0. */
export async function waitToReport(db: Db, visitor: Visitor, now: Date): Promise<number> {
  if (visitor.network === null) return 0;
  return take(db, visitor.bucket('reports', visitor.network), rules.reportsPerNetwork, now);
}

/** Whether a mail that a visitor's form sets off may go to this address, and counts it if so. */
export async function mayWrite(trx: Trx, visitor: Visitor, address: string, now: Date): Promise<boolean> {
  const { bucket, network } = visitor;
  const wait = await takeAll(
    trx,
    [
      ...(network === null ? [] : [[bucket('receipts', network), rules.receiptsPerNetwork] as const]),
      [bucket('receipt', addressKey(address)), rules.receiptsPerAddress],
      [bucket('receipts', 'all'), rules.receiptsInAll], // last: this row is shared by all, and locked until the end
    ],
    now,
  );
  return wait === 0;
}
