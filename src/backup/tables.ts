import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import type { Tables } from '../tables.ts';

/** What a backup holds, in an order in which every row finds those it points to. */
export const backedUp = [
  'setting',
  'component',
  'staff',
  'issue',
  'subscriber',
  'issue_component',
  'issue_update',
  'issue_edit',
  'report',
  'report_group',
  'deed',
  'deed_report',
  'note',
  'staff_link',
  'subscriber_component',
  'subscriber_issue',
  'consent',
  'webhook',
  'component_change',
  'issue_draft',
  'suppression',
  'delivery',
  'sending',
  'api_token',
  'audit',
  'wording',
  'ledger',
  'workaround',
  'workaround_help',
] as const satisfies (keyof Tables)[];
export type BackedUp = (typeof backedUp)[number];

/** Why the others are not in it; a new table does not compile until it stands in one of the two. */
export const leftOut: Record<Exclude<keyof Tables, BackedUp>, string> = {
  migration: 'the backup names the migrations in its first line',
  issue_search: 'made again from the issues',
  search_word: 'made again from the issues',
  search_change: 'made again from the issues',
  figures_kept: 'counted again from the ledger',
  staff_session: 'everybody signs in again',
  quota: 'limits of the last hours',
  idempotency: 'answers of the last hours to repeated calls',
};

/** What belongs to a running process and not to the data: nobody holds a lease on what was brought back. */
const passing: Partial<Record<BackedUp, readonly string[]>> = { delivery: ['lease_token', 'lease_until'] };

/** Instead of the primary key: the updates of an issue stand together, so that its search words are made once. */
const order: Partial<Record<BackedUp, readonly string[]>> = { issue_update: ['issue_id', 'id'] };

export interface Shape {
  /** Those a backup holds, in the order of the table. */
  columns: string[];
  /** How its rows are ordered, the same on every database. */
  orderBy: string[];
  /** The column that counts up by itself. */
  identity: string | null;
}

/** How each table that is backed up looks in this database. */
export async function readShapes(db: Db | Trx): Promise<Record<BackedUp, Shape>> {
  const { rows } = await sql<{
    table: BackedUp;
    column: string;
    type: string;
    identity: boolean;
    key: number;
  }>`
    select c.table_name as table, c.column_name as column, c.data_type as type, c.is_identity = 'YES' as identity,
      coalesce(array_position(pk.conkey, a.attnum), 0) as key
    from information_schema.columns c
    join pg_attribute a on a.attrelid = c.table_name::regclass and a.attname = c.column_name
    left join pg_constraint pk on pk.conrelid = a.attrelid and pk.contype = 'p'
    where c.table_schema = 'public' and c.table_name = any(${[...backedUp]}) and c.is_generated = 'NEVER'
    order by c.table_name, c.ordinal_position`.execute(db);
  const shapeOf = (table: BackedUp): Shape => {
    const own = rows.filter((row) => row.table === table);
    const keys = own.filter((row) => row.key > 0).sort((a, b) => a.key - b.key);
    const ordered = order[table]?.map((name) => own.find((row) => row.column === name)!) ?? keys;
    return {
      columns: own.map((row) => row.column).filter((name) => !passing[table]?.includes(name)),
      orderBy: ordered.map(({ column, type }) => `"${column}"${type === 'text' ? ' collate "C"' : ''}`),
      identity: own.find((row) => row.identity)?.column ?? null,
    };
  };
  return Object.fromEntries(backedUp.map((table) => [table, shapeOf(table)])) as Record<BackedUp, Shape>;
}
