import type { Config } from '../config.ts';
import { connect, type Db } from '../db.ts';
import { migrate } from '../migrate.ts';
import { isThere } from './as-it-is.ts';

/**
 * Opens and migrates the database for one command, and closes it whatever happens. Where there is none it is made, and
 * that is said: the command may have been started in another folder than the server.
 */
export async function withDatabase<T>(
  config: Config,
  work: (db: Db, applied: string[]) => Promise<T>,
): Promise<T> {
  if (!isThere(config)) console.error(`There was no database in ${config.dataDir}; a new one is made.`);
  const database = await connect({ databaseUrl: config.databaseUrl, dataDir: config.dataDir, poolSize: 2 });
  try {
    return await work(database.db, await migrate(database.db));
  } finally {
    await database.close();
  }
}
