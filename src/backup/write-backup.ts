import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { takeTime } from '../give-up-silent.ts';
import { type Ending, formatVersion, type Header } from './header.ts';
import { type BackedUp, backedUp, readShapes, type Shape } from './tables.ts';

export interface About {
  page: { name: string; url: string };
  migrations: string[];
  now: Date;
}

const perFetch = 200;

/**
 * Runs `take` with everything as lines of JSON, as it stood at one moment, whatever is written meanwhile. The lines are
 * read from the database only as they are taken, so that their number does not matter. Changes nothing.
 */
export function withBackup<T>(
  db: Db,
  about: About,
  take: (lines: AsyncGenerator<string>) => Promise<T>,
  onTable: (table: BackedUp, rows: number) => void = () => {},
): Promise<T> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      // Whoever takes the lines may be slow; and a time reads the same wherever the database stands.
      await takeTime(trx);
      await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
      await sql`set local timezone = 'UTC'`.execute(trx);
      return take(linesOf(trx, about, onTable));
    });
}

async function* linesOf(
  trx: Trx,
  { page, migrations, now }: About,
  onTable: (table: BackedUp, rows: number) => void,
): AsyncGenerator<string> {
  const shapes = await readShapes(trx);
  const hash = createHash('sha256');
  const noted = (text: string) => {
    hash.update(text);
    return text;
  };
  const tables = Object.fromEntries(backedUp.map((table) => [table, shapes[table].columns]));
  const header: Header = {
    candor: 'backup',
    version: formatVersion,
    made_at: now.toISOString(),
    page,
    migrations,
    tables: tables as Header['tables'],
  };
  yield noted(`${JSON.stringify(header)}\n`);
  const rows = {} as Ending['rows'];
  for (const table of backedUp) {
    rows[table] = 0;
    for await (const batch of batchesOf(trx, table, shapes[table])) {
      rows[table] += batch.length;
      yield noted(batch.map((row) => `${lineStart(table)}${row}}\n`).join(''));
    }
    onTable(table, rows[table]);
  }
  const ending: Ending = { end: true, rows, sha256: hash.digest('hex') };
  yield `${JSON.stringify(ending)}\n`;
}

/** A row's line begins so and ends with a brace; between stands the row as the database itself writes it. */
export function lineStart(table: BackedUp): string {
  return `{"table":"${table}","row":`;
}

async function* batchesOf(trx: Trx, table: BackedUp, { columns, orderBy }: Shape): AsyncGenerator<string[]> {
  await sql`
    declare rows_of no scroll cursor for
    select row_to_json(whole)::text as row
    from (select ${sql.join(columns.map((name) => sql.ref(name)))} from ${sql.table(table)}
      order by ${sql.raw(orderBy.join(', '))}) as whole`.execute(trx);
  for (;;) {
    const { rows } = await sql<{ row: string }>`fetch ${sql.raw(String(perFetch))} from rows_of`.execute(trx);
    if (rows.length === 0) break;
    yield rows.map(({ row }) => row);
  }
  await sql`close rows_of`.execute(trx);
}
