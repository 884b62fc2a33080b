import { sql } from 'kysely';
import { addressKey } from '../address.ts';
import type { Db, Trx } from '../db.ts';
import { containing } from '../domain/text.ts';
import type { SuppressionSource } from '../domain/words.ts';

/** An address that no mail goes to. */
export interface Suppression {
  address_key: string;
  reason: string;
  source: SuppressionSource;
  created_at: Date;
}

/** From now on no mail goes to this address. False where it stood on the list before; its first reason stays. */
export async function suppress(
  db: Db | Trx,
  { address, reason, source }: { address: string; reason: string; source: SuppressionSource },
  now: Date,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('suppression')
    .values({ address_key: addressKey(address), reason, source, created_at: now })
    .onConflict((oc) => oc.column('address_key').doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

/** Mail goes to this address again; what failed stays so until somebody sends it again. False where it was not there. */
export async function lift(trx: Trx, address: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('suppression')
    .where('address_key', '=', addressKey(address))
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

/** Those of these addresses that no mail goes to. */
export async function suppressedOf(db: Db | Trx, addresses: readonly string[]): Promise<Suppression[]> {
  if (addresses.length === 0) return [];
  return db
    .selectFrom('suppression')
    .selectAll()
    .where('address_key', 'in', addresses.map(addressKey))
    .execute();
}

/** The list, newest first, by a part of the address. */
export function listSuppressions(
  db: Db,
  { q, limit, after }: { q: string; limit: number; after: { at: Date; address: string } | null },
): Promise<Suppression[]> {
  return db
    .selectFrom('suppression')
    .selectAll()
    .$if(q !== '', (query) => query.where('address_key', 'like', containing(q.toLowerCase())))
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(created_at, address_key) < (${after!.at}, ${after!.address})`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('address_key', 'desc')
    .limit(limit)
    .execute();
}
