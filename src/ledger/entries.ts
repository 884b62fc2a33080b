import type { Selectable } from 'kysely';
import type { Db } from '../db.ts';
import type { Entry } from '../domain/ledger.ts';
import type { LedgerTable } from '../proof-tables.ts';

export type LedgerRow = Selectable<LedgerTable>;

/** The entry that a row is, as `/ledger.jsonl` writes it. */
export function toEntry(row: LedgerRow): Record<string, unknown> {
  const { seq, at, type, issue_id, body, prev, hash } = row;
  return { seq: Number(seq), at: at.toISOString(), type, issue_id, ...body, prev, hash };
}

/** Sealed entries behind `after`, oldest first, at most `limit` of them. */
export async function readEntries(db: Db, after: number, limit: number): Promise<Record<string, unknown>[]> {
  const rows = await db
    .selectFrom('ledger')
    .selectAll()
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(toEntry);
}

/** The last entries, newest first; those before one of them, and about one issue alone, if one is named. */
export async function readNewest(
  db: Db,
  { issue, before, limit }: { issue: string | undefined; before: number | undefined; limit: number },
): Promise<Entry[]> {
  const rows = await db
    .selectFrom('ledger')
    .selectAll()
    .where('seq', 'is not', null)
    .$if(issue !== undefined, (q) => q.where('issue_id', '=', issue!))
    .$if(before !== undefined, (q) => q.where('seq', '<', before!))
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toEntry) as unknown as Entry[];
}
