import { Kysely, PostgresDialect } from 'kysely';
import type { Database } from './db.ts';
import type { Tables } from './tables.ts';

/** A database that does not answer, for the time until the one we are waiting for does. */
export function absentDatabase(): Database {
  const connect = async () => {
    throw absent();
  };
  return {
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool: { connect, end: async () => {} } }) }),
    engine: 'postgres',
    listen: async () => async () => {},
    checkpoint: async () => {},
    close: async () => {},
  };
}

/** What is thrown where the database would be needed and is not there yet. */
export function absent(): Error {
  return Object.assign(new Error('the database does not answer yet'), { code: '08006' });
}
