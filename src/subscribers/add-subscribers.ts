import type { Trx } from '../db.ts';
import { newId } from '../ids.ts';
import { takeEach, type Visitor } from '../limits.ts';
import { oweConfirms } from '../notifications/outbox.ts';
import { type Entry, keepEntries, whatIsThere } from './keep-entries.ts';
import { confirmBucket, rules } from './quota.ts';
import { sortEntries } from './sort-entries.ts';

/**
 * What became of one entry: she hears from us now; she is asked by mail; she was there, or stands in the list twice;
 * she left before, and only she can come back; or it could not be taken.
 */
export interface Outcome {
  index: number;
  did: 'added' | 'asked' | 'there' | 'left' | 'rejected';
  /** Where it was not done: why. Empty for who was there before the list. */
  reason: string;
}

/**
 * Adds up to some ten thousand people, in a few statements however many they are, and answers what became of each, in
 * their order. Whoever comes with the time and the source of her consent hears from us at once, without a mail; anybody
 * else is asked, within the limit of her address. Twice is the same, and whoever left stays away.
 */
export async function addSubscribers(
  trx: Trx,
  given: readonly unknown[],
  { bucket, source }: { bucket: Visitor['bucket']; source: string },
  now: Date,
): Promise<Outcome[]> {
  const { entries, rejected } = await sortEntries(trx, given, source, now);
  const there = await whatIsThere(trx, entries);
  const seen = new Set<string>();
  const fresh: Entry[] = [];
  const standing: Outcome[] = [];
  for (const entry of entries) {
    const was = there.get(entry.key);
    there.set(entry.key, was ?? 'there');
    const twice = seen.has(entry.key);
    seen.add(entry.key);
    if (was === 'left') standing.push({ index: entry.index, did: 'left', reason: leftBefore });
    else if (was === 'there' || (was === 'asked' && entry.consentedAt === null))
      standing.push({ index: entry.index, did: 'there', reason: twice ? inListTwice : '' });
    else {
      fresh.push({ ...entry, id: newId() });
      there.set(entry.key, 'there');
    }
  }
  const kept = await keepEntries(trx, fresh, now);
  const toAsk = kept.filter((one) => one.consentedAt === null);
  const free = await takeEach(
    trx,
    toAsk.map((one) => confirmBucket(bucket, one.email)),
    rules.confirmsPerAddress,
    now,
  );
  await oweConfirms(
    trx,
    toAsk
      .filter((one) => free.has(confirmBucket(bucket, one.email)))
      .map((one) => ({ subscriberId: one.id, address: one.email, occasion: String(one.seq) })),
    now,
  );
  const keptAt = new Map(kept.map((one) => [one.index, one]));
  const outcomes = fresh.map(({ index }): Outcome => {
    const one = keptAt.get(index);
    return { index, did: !one ? 'there' : one.consentedAt === null ? 'asked' : 'added', reason: '' };
  });
  return [...rejected, ...standing, ...outcomes].sort((a, b) => a.index - b.index);
}

const inListTwice = 'stands in the list further up';
const leftBefore = 'left before, and only the person can come back';
