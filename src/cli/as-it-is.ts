import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { connect, type Database } from '../db.ts';
import { CannotStart } from '../errors.ts';
import { compareMigrations } from '../migrate.ts';

/** Whether there is a database to open at all; opening the embedded one would make it. */
export function isThere({ databaseUrl, dataDir }: Config): boolean {
  return databaseUrl !== null || existsSync(join(dataDir, 'db', 'PG_VERSION'));
}

/**
 * Opens the database for one command without migrating it, and closes it whatever happens. Throws CannotStart where
 * there is none, or where it is not of this version.
 */
export async function withDatabaseAsItIs<T>(
  config: Config,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if (!isThere(config)) {
    throw new CannotStart(`DATA_DIR: there is no database in ${config.dataDir}; \`candor start\` makes one.`);
  }
  const { databaseUrl, dataDir } = config;
  const database = await connect({ databaseUrl, dataDir, poolSize: 1 });
  try {
    await checkVersion(database);
    return await work(database);
  } finally {
    await database.close();
  }
}

async function checkVersion({ db }: Database): Promise<void> {
  const { missing, unknown } = await compareMigrations(db);
  if (unknown.length > 0) {
    throw new CannotStart(
      `the database is newer than this program (it has ${unknown.join(', ')}): use the version that made it.`,
    );
  }
  if (missing.length > 0) {
    throw new CannotStart(
      `the database is older than this program (it lacks ${missing.join(', ')}): use the version that made it, or run \`candor migrate\` first.`,
    );
  }
}
