import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Db } from './db.ts';
import { CannotStart } from './errors.ts';
import { sha256 } from './ids.ts';

const folder = new URL('../migrations/', import.meta.url);
const oneAtATime = 0x63616e64; // "cand": the advisory lock that lets one replica migrate

/**
 * Brings the database to the newest migrations/*.sql, all of them or none, and answers the names it applied.
 * Safe with several replicas: one migrates, the others wait and find nothing to do.
 */
export async function migrate(db: Db): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${oneAtATime})`.execute(trx);
    await sql`set local statement_timeout = 0`.execute(trx);
    await sql`set local client_min_messages = warning`.execute(trx);
    await sql`create table if not exists migration
      (name text primary key, hash text not null, applied_at timestamptz(3) not null default now())`.execute(
      trx,
    );
    const applied = new Map(
      (await trx.selectFrom('migration').select(['name', 'hash']).execute()).map((row) => [
        row.name,
        row.hash,
      ]),
    );
    const unknown = [...applied.keys()].filter((name) => !files.includes(name));
    if (unknown.length > 0) {
      throw new CannotStart(
        `the database is newer than this program: it has ${unknown.join(', ')}. Start the version that made it, or a later one.`,
      );
    }
    const fresh: string[] = [];
    for (const name of files) {
      const text = await readFile(new URL(name, folder), 'utf8');
      const hash = sha256(text);
      if (applied.get(name) === hash) continue;
      if (applied.has(name))
        throw new CannotStart(`migrations/${name} was changed after it was applied; put it back.`);
      await sql.raw(text).execute(trx);
      await trx.insertInto('migration').values({ name, hash }).execute();
      fresh.push(name);
    }
    return fresh;
  });
}
