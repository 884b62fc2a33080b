import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { utcLong } from '../domain/times.ts';
import { Conflict, Refused } from '../errors.ts';
import { takeTime } from '../give-up-silent.ts';
import { holdSending } from '../notifications/hold.ts';
import { bootstrapNames } from '../staff/tokens.ts';
import type { Ending, Header } from './header.ts';
import { type Entry, readBackup } from './read-backup.ts';
import { type BackedUp, backedUp, readShapes, type Shape } from './tables.ts';

export interface Checked {
  header: Header;
  rows: Record<BackedUp, number>;
}

/** What `candor start` itself puts into a new database; all of it gives way to the backup's own. */
const freshStart: readonly BackedUp[] = ['staff_link', 'api_token', 'sending', 'setting'];
const perInsert = 200;

/** Reads a whole backup and answers what is in it; changes nothing. Throws Refused, see `readBackup`. */
export async function checkBackup(path: string, known: readonly string[]): Promise<Checked> {
  let header: Header | undefined;
  let rows: Checked['rows'] | undefined;
  for await (const entry of readBackup(path, known)) {
    if ('header' in entry) header = entry.header;
    if ('ending' in entry) rows = entry.ending.rows;
  }
  return { header: header!, rows: rows! };
}

/** Throws Conflict unless the database holds nothing but what a first start puts there. */
export async function checkEmpty(db: Db | Trx): Promise<void> {
  for (const table of backedUp) {
    const { rows } = await sql<{ there: boolean }>`select exists (${ownRows(table)}) as there`.execute(db);
    if (rows[0]?.there) {
      throw new Conflict(
        `This database is in use: there are rows in ${table}. A backup is only brought back into an empty one, so that nothing is mixed or lost: make a new database (DATABASE_URL), or name an empty folder (DATA_DIR), and import there.`,
      );
    }
  }
}

/**
 * Brings a backup back into an empty database, all of it or nothing, and holds all sending until a person lets it go
 * on. Answers how many mails were queued then. Throws Refused for a file that is not whole, Conflict for a database
 * that is in use.
 */
export async function bringBack(
  db: Db,
  path: string,
  known: readonly string[],
  now: Date,
): Promise<Checked & { queued: number }> {
  return db.transaction().execute(async (trx) => {
    await takeTime(trx);
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
    await sql`lock table ${sql.join(backedUp.map((table) => sql.table(table)))} in exclusive mode`.execute(
      trx,
    );
    await checkEmpty(trx);
    for (const table of freshStart) await sql`delete from ${sql.table(table)}`.execute(trx);
    const shapes = await readShapes(trx);
    const loop = await loopsOf(trx);
    for (const { table, name } of loop) await deferred(trx, table, name, 'deferrable initially deferred');
    const read = await insertAll(trx, readBackup(path, known), shapes);
    await sql`set constraints all immediate`.execute(trx);
    for (const { table, name } of loop) await deferred(trx, table, name, 'not deferrable');
    await countOn(trx, shapes);
    const queued = await countQueued(trx);
    const from = utcLong(new Date(read.header.made_at));
    await holdSending(trx, `a backup of ${from} was brought back, and ${mailsWere(queued)} queued then`, now);
    return { ...read, queued };
  });
}

/** "no mail was", "1 mail was" or "3 mails were". */
export function mailsWere(count: number): string {
  if (count === 0) return 'no mail was';
  return count === 1 ? '1 mail was' : `${count.toLocaleString('en')} mails were`;
}

async function insertAll(
  trx: Trx,
  entries: AsyncGenerator<Entry>,
  shapes: Record<BackedUp, Shape>,
): Promise<Checked> {
  let header: Header | undefined;
  let ending: Ending | undefined;
  let batch: Extract<Entry, { row: string }>[] = [];
  const flush = async () => {
    if (batch[0]) await insert(trx, batch[0].table, shapes[batch[0].table], batch);
    batch = [];
  };
  for await (const entry of entries) {
    if ('header' in entry) {
      header = entry.header;
      checkColumns(header, shapes);
    } else if ('ending' in entry) {
      ending = entry.ending;
    } else {
      if (batch.length === perInsert || (batch[0] && batch[0].table !== entry.table)) await flush();
      batch.push(entry);
    }
  }
  await flush();
  return { header: header!, rows: ending!.rows };
}

function checkColumns({ tables }: Header, shapes: Record<BackedUp, Shape>): void {
  for (const table of backedUp) {
    if (tables[table].join() !== shapes[table].columns.join()) {
      throw new Refused(
        `The columns of ${table} in this backup are not those of this version: it was changed.`,
      );
    }
  }
}

async function insert(
  trx: Trx,
  table: BackedUp,
  { columns }: Shape,
  batch: { row: string; line: number }[],
): Promise<void> {
  const names = sql.join(columns.map((name) => sql.ref(name)));
  const rows = `[${batch.map(({ row }) => row).join(',')}]`;
  try {
    await sql`
      insert into ${sql.table(table)} (${names}) overriding system value
      select ${names} from json_populate_recordset(null::${sql.table(table)}, ${rows}::json)`.execute(trx);
  } catch (error) {
    const { message } = error as Error;
    throw new Refused(
      `The rows of ${table} from line ${batch[0]!.line} on cannot be brought back: ${message.split('\n')[0]}.`,
    );
  }
}

/** The constraints by which rows of one table point to others of it: those may come later in the file. */
async function loopsOf(trx: Trx): Promise<{ table: string; name: string }[]> {
  const { rows } = await sql<{ table: string; name: string }>`
    select relname as table, conname as name from pg_constraint join pg_class on pg_class.oid = conrelid
    where contype = 'f' and conrelid = confrelid and not condeferrable and relname = any(${[...backedUp]})`.execute(
    trx,
  );
  return rows;
}

async function deferred(trx: Trx, table: string, name: string, how: string): Promise<void> {
  await sql`alter table ${sql.table(table)} alter constraint ${sql.ref(name)} ${sql.raw(how)}`.execute(trx);
}

/** New rows are numbered after those that came back. */
async function countOn(trx: Trx, shapes: Record<BackedUp, Shape>): Promise<void> {
  for (const table of backedUp) {
    const { identity } = shapes[table];
    if (identity === null) continue;
    await sql`
      select setval(pg_get_serial_sequence(${table}, ${identity}), max(${sql.ref(identity)}))
      from ${sql.table(table)} having count(*) > 0`.execute(trx);
  }
}

async function countQueued(trx: Trx): Promise<number> {
  const { rows } = await sql<{ queued: number }>`
    select count(*) as queued from delivery where state = 'queued' and webhook_id is null`.execute(trx);
  return rows[0]?.queued ?? 0;
}

/** The rows that no first start makes. */
function ownRows(table: BackedUp) {
  switch (table) {
    case 'setting':
    case 'sending':
      return sql`select where false`;
    case 'api_token':
      return sql`select from api_token where name <> all(${bootstrapNames})`;
    case 'staff_link':
      return sql`select from staff_link where purpose <> 'first'`;
    default:
      return sql`select from ${sql.table(table)}`;
  }
}
