import { sql } from 'kysely';
import type { Db } from '../db.ts';

/** From so many waiting mails on, what the database believes of the table is too wrong to plan by. */
const large = 5_000;
const pauseMs = 600_000;

/**
 * Has the database count its mails anew where many wait, and no more often than every ten minutes: after a large fan-out
 * it would plan claims for a table that was small a moment ago. Outside any transaction; calling again does no harm.
 */
export function countingAnew(
  db: Db,
  clock: () => number = () => performance.now(),
): () => Promise<'counted' | null> {
  let countedAt = -Infinity;
  return async () => {
    if (clock() - countedAt < pauseMs || !(await manyWait(db))) return null;
    countedAt = clock();
    await sql`analyze delivery`.execute(db);
    return 'counted';
  };
}

async function manyWait(db: Db): Promise<boolean> {
  const { rows } = await sql`
    select from delivery where state = 'queued' and webhook_id is null offset ${large - 1} limit 1`.execute(
    db,
  );
  return rows.length > 0;
}
