import type { Db } from '../db.ts';
import type { Statement } from '../domain/ledger.ts';
import { type Head, sealLedger } from './seal.ts';

/** What is only counted, every few seconds on a busy day; nothing is said by it. */
const counts: Statement['type'][] = ['counted', 'told', 'answered', 'were_right'];

/**
 * The ledger's newest entry by which something was said, when, and its hash; null before anything was. Seals what was
 * written down first. Whoever keeps it can show later that nothing up to there was rewritten.
 */
export async function saidHead(db: Db): Promise<(Head & { at: Date }) | null> {
  await sealLedger(db);
  const row = await db
    .selectFrom('ledger')
    .select(['seq', 'hash', 'at'])
    .where('seq', 'is not', null)
    .where('type', 'not in', counts)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? { seq: Number(row.seq), hash: row.hash!, at: row.at } : null;
}
