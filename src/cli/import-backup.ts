import { sql } from 'kysely';
import { bringBack, type Checked, checkBackup, checkEmpty, mailsWere } from '../backup/bring-back.ts';
import { backedUp } from '../backup/tables.ts';
import { type Config, readConfig } from '../config.ts';
import { connect, type Db } from '../db.ts';
import { utcLong } from '../domain/times.ts';
import { Conflict } from '../errors.ts';
import { compareMigrations, knownMigrations } from '../migrate.ts';
import { isThere } from './as-it-is.ts';
import { withDatabase } from './with-database.ts';

/** Brings a backup back, or says what it would do. The file is checked to its end before the database is opened. */
export async function importBackup(file: string, dryRun: boolean): Promise<void> {
  const config = readConfig();
  const known = await knownMigrations();
  const checked = await checkBackup(file, known);
  console.error(describe(checked));
  if (dryRun) {
    await tryOut(config);
    console.log(
      'The file is whole and the database is empty: it would be brought back. Nothing was changed.',
    );
    return;
  }
  await withDatabase(config, async (db) => {
    await checkAlone(db);
    const { queued } = await bringBack(db, file, known, new Date());
    const look = queued === 0 ? 'see that all is there' : 'look at what is queued';
    console.log(`Brought back; ${mailsWere(queued)} queued in it. Nothing is sent for now:`);
    console.log(`start the server, ${look}, then let mail go with \`candor sending resume\`.`);
  });
}

/** As a real import would look at the database, but without making or migrating one. */
async function tryOut(config: Config): Promise<void> {
  if (!isThere(config)) return;
  const { databaseUrl, dataDir } = config;
  const { db, close } = await connect({ databaseUrl, dataDir, poolSize: 1 });
  try {
    await checkAlone(db);
    const { missing } = await compareMigrations(db);
    if (missing.length < (await knownMigrations()).length) await checkEmpty(db);
  } finally {
    await close();
  }
}

/** A running server knows the key of its links by heart, and would go on with the wrong one. */
async function checkAlone(db: Db): Promise<void> {
  const { rows } = await sql<{ others: number }>`
    select count(*) as others from pg_stat_activity
    where application_name = 'candor' and datname = current_database() and pid <> pg_backend_pid()`.execute(
    db,
  );
  if (rows[0]?.others) {
    throw new Conflict('Candor is running on this database. Stop every process of it first, then import.');
  }
}

function describe({ header, rows }: Checked): string {
  const counts = backedUp.filter((table) => rows[table] > 0).map((table) => `${table} ${rows[table]}`);
  const { name, url } = header.page;
  return `A backup of “${name}” (${url}), made ${utcLong(new Date(header.made_at))}: ${counts.join(', ')}.`;
}
