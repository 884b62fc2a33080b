import { readdir, readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Db } from './db.ts';
import { CannotStart } from './errors.ts';
import { takeTime } from './give-up-silent.ts';
import { sha256 } from './ids.ts';
import { ownFiles } from './own-files.ts';

const folder = new URL('migrations/', ownFiles);
const oneAtATime = 0x63616e64; // "cand": the advisory lock that lets one replica migrate

/**
 * Brings the database to the newest migrations/*.sql, all of them or none, and answers the names it applied.
 * Safe with several replicas: one migrates, the others wait and find nothing to do.
 */
export async function migrate(db: Db): Promise<string[]> {
  const files = await knownMigrations();
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${oneAtATime})`.execute(trx);
    await takeTime(trx);
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

/** The migrations that this program brings, in order. */
export async function knownMigrations(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
}

/** What the database still lacks of them, and what it has that this program does not know; changes nothing. */
export async function compareMigrations(db: Db): Promise<{ missing: string[]; unknown: string[] }> {
  const known = await knownMigrations();
  const { rows } = await sql<{
    there: boolean;
  }>`select to_regclass('migration') is not null as there`.execute(db);
  const applied = rows[0]?.there ? await db.selectFrom('migration').select('name').execute() : [];
  const names = applied.map(({ name }) => name).sort();
  return {
    missing: known.filter((name) => !names.includes(name)),
    unknown: names.filter((name) => !known.includes(name)),
  };
}
