import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Entry } from '../domain/ledger.ts';
import { type LedgerRow, toEntry } from './entries.ts';

// The ledger as the figures read it: without what was said in words, of which no figure depends, and without what else
// an entry says of a component.

/** Sealed entries behind this one, oldest first. */
export function readBehind(db: Db, after: number, limit: number): Promise<Entry[]> {
  return read(db, sql`seq > ${after} order by seq limit ${limit}`);
}

/** All entries about these issues up to this one, oldest first. */
export function readAbout(db: Db, ids: readonly string[], until: number): Promise<Entry[]> {
  return read(db, sql`issue_id = any(${ids}::text[]) and seq <= ${until} order by seq`);
}

async function read(db: Db, which: ReturnType<typeof sql>): Promise<Entry[]> {
  const { rows } = await sql<LedgerRow>`
    select seq, at, type, issue_id, prev, hash, case when type in
      ('issue_opened', 'issue_taken_over', 'update_posted', 'issue_changed', 'issue_merged', 'issue_split', 'counted',
        'told', 'answered', 'were_right') then body - ${wordy}::text[] else '{}' end as body
    from ledger where ${which}`.execute(db);
  return rows.map(toEntry) as unknown as Entry[];
}

const wordy = [
  'message',
  'title',
  'impact',
  'workaround',
  'affected',
  'fixed_for',
  'components',
  'edits',
  'component_changes',
  'workarounds',
];
