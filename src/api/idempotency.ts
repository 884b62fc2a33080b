import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { Mismatch, Refused } from '../errors.ts';
import { sha256 } from '../ids.ts';

export interface Asked {
  tokenId: string;
  key: string;
  /** Method, address and body. */
  request: string;
}

export interface Answered {
  status: number;
  answer: unknown;
}

/**
 * Does the work once for a key: the first answer is kept in the work's own transaction, and every later
 * request with the key and the same body gets it again. One that comes while the first still runs waits
 * for it. Throws Mismatch when the key came with another request.
 */
export async function answerOnce(
  trx: Trx,
  { tokenId, key, request }: Asked,
  now: Date,
  work: () => Promise<Answered>,
): Promise<Answered> {
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Refused('Idempotency-Key must be 1 to 255 visible ASCII characters.');
  }
  const requestHash = sha256(request);
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('idempotency')
    .values({
      token_id: tokenId,
      key,
      request_hash: requestHash,
      status: null,
      answer: null,
      created_at: now,
    })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) {
    const first = await trx
      .selectFrom('idempotency')
      .select(['request_hash', 'status', 'answer'])
      .where('token_id', '=', tokenId)
      .where('key', '=', key)
      .executeTakeFirstOrThrow();
    if (first.request_hash !== requestHash) {
      throw new Mismatch('This Idempotency-Key was used before for another request; take a fresh one.');
    }
    return { status: first.status!, answer: first.answer };
  }
  const done = await work();
  await trx
    .updateTable('idempotency')
    .set({ status: done.status, answer: JSON.stringify(done.answer) })
    .where('token_id', '=', tokenId)
    .where('key', '=', key)
    .execute();
  return done;
}

/** Forgets keys older than a day; repeats come within minutes. */
export async function forgetOldKeys(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('idempotency')
    .where('created_at', '<', sql<Date>`${now}::timestamptz - interval '24 hours'`)
    .execute();
}

/** Forgets what was answered with this address in it; such a request sent again would be done again. */
export async function forgetAnswersAbout(trx: Trx, address: string): Promise<void> {
  await trx
    .deleteFrom('idempotency')
    .where(sql<boolean>`strpos(lower(answer::text), ${address.toLowerCase()}) > 0`)
    .execute();
}
