import type { Config } from '../config.ts';
import { connect, type Db } from '../db.ts';
import { migrate } from '../migrate.ts';

/** Opens and migrates the database for one command, and closes it whatever happens. */
export async function withDatabase<T>(
  config: Config,
  work: (db: Db, applied: string[]) => Promise<T>,
): Promise<T> {
  const database = await connect({ databaseUrl: config.databaseUrl, dataDir: config.dataDir, poolSize: 2 });
  try {
    return await work(database.db, await migrate(database.db));
  } finally {
    await database.close();
  }
}
