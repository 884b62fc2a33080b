import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { noHash } from '../domain/ledger.ts';
import { hashOf } from './chain.ts';
import { type LedgerRow, toEntry } from './entries.ts';

/** Where the ledger ends: how many entries there are, and the hash of the last. */
export interface Head {
  seq: number;
  hash: string;
}

const oneAtATime = 0x6c656467; // "ledg"
const batch = 500;

/** Numbers and hashes what was written down since, one process at a time, and answers where the ledger ends then. */
export async function sealLedger(db: Db): Promise<Head> {
  await sealRest(db);
  return readHead(db);
}

/** The same without the answer; one question where there is nothing to seal. */
export async function sealRest(db: Db): Promise<void> {
  while (await hasUnsealed(db)) {
    const sealed = await db.transaction().execute(sealSome);
    if (sealed < batch) break;
  }
}

/** Where the ledger ends, without what is not sealed yet. */
export async function readHead(db: Db | Trx): Promise<Head> {
  const row = await db
    .selectFrom('ledger')
    .select(['seq', 'hash'])
    .where('seq', 'is not', null)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return { seq: Number(row?.seq ?? 0), hash: row?.hash ?? noHash };
}

async function hasUnsealed(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('ledger')
    .select('id')
    .where('seq', 'is', null)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function sealSome(trx: Trx): Promise<number> {
  await sql`select pg_advisory_xact_lock(${oneAtATime})`.execute(trx);
  let { seq, hash: prev } = await readHead(trx);
  const { rows } = await sql<LedgerRow>`
    select * from ledger where seq is null order by id limit ${batch}`.execute(trx);
  const sealed = rows.map((row) => {
    seq += 1;
    const hash = hashOf(toEntry({ ...row, seq, prev, hash: '' }));
    const link = { id: row.id, seq, prev, hash };
    prev = hash;
    return link;
  });
  await sql`
    update ledger set seq = one.seq, prev = one.prev, hash = one.hash
    from jsonb_to_recordset(${JSON.stringify(sealed)}::jsonb) as one (id bigint, seq bigint, prev text, hash text)
    where ledger.id = one.id`.execute(trx);
  return rows.length;
}
