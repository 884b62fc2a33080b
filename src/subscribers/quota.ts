import { addressKey } from '../address.ts';
import type { Db, Trx } from '../db.ts';
import { type Rule, take, takeAll, type Visitor } from '../limits.ts';

const minute = 60_000;
export const rules = {
  asksPerNetwork: { most: 60, perMs: 60 * minute },
  asksInAll: { most: 10_000, perMs: 60 * minute },
  confirmsPerAddress: { most: 1, perMs: 24 * 60 * minute },
} satisfies Record<string, Rule>;

/**
 * Counts one more form, whatever address stands in it, so that how long one has to wait says nothing of anybody;
 * answers the seconds to wait where that is too many, else 0.
 */
export async function waitToAsk(db: Db, { bucket, network }: Visitor, now: Date): Promise<number> {
  const ofNetwork = network === null ? [] : [[bucket('asks', network), rules.asksPerNetwork] as const];
  return takeAll(db, [...ofNetwork, [bucket('asks', 'all'), rules.asksInAll]], now);
}

/** Whether the mail that asks "do you want to hear from us?" may go to this address now, and counts it if so. */
export async function mayConfirm(
  trx: Trx,
  bucket: Visitor['bucket'],
  address: string,
  now: Date,
): Promise<boolean> {
  return (await take(trx, confirmBucket(bucket, address), rules.confirmsPerAddress, now)) === 0;
}

export function confirmBucket(bucket: Visitor['bucket'], address: string): string {
  return bucket('confirm', addressKey(address));
}
