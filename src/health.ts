import { sql } from 'kysely';
import type { Db } from './db.ts';
import { endsWithin } from './ends-within.ts';

const patienceMs = 2_000;

/** Whether the database answers within two seconds. */
export function isReady(db: Db): Promise<boolean> {
  return endsWithin(sql`select 1`.execute(db), patienceMs).catch(() => false);
}
