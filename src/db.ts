import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { CannotStart } from './errors.ts';
import { giveUpWhenSilent } from './give-up-silent.ts';
import { lockDirectory } from './lock.ts';
import type { Tables } from './tables.ts';
import { noteQuery } from './timings.ts';

/** What every verb takes first. A verb that must be part of a larger whole asks for a `Trx`. */
export type Db = Kysely<Tables>;
export type Trx = Transaction<Tables>;

export interface Database {
  db: Db;
  engine: 'postgres' | 'embedded';
  /**
   * Calls `heard` with what every NOTIFY on the channel says, reconnecting for ever, and with '' whenever something may
   * have been missed; the answer stops it.
   */
  listen(channel: string, heard: (said: string) => void): Promise<() => Promise<void>>;
  /** The embedded database has no checkpointer: call every few minutes, or its log grows without end. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

export interface Where {
  databaseUrl: string | null;
  dataDir: string;
  /** Connections; the embedded database always has one. */
  poolSize?: number;
  /** How long an answer is waited for before the connection is given up; longer than the database takes to end a query. */
  answerMs?: number;
  /** Called when an idle connection breaks, and for each attempt to replace it that fails. */
  onLost?: (error: Error) => void;
  /** Called for each new connection. */
  onConnected?: () => void;
}

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Opens PostgreSQL at `databaseUrl`, or the embedded database in `dataDir`.
 * Throws CannotStart with one line for the operator when neither can be had.
 */
export function connect(where: Where): Promise<Database> {
  return where.databaseUrl ? connectPostgres(where.databaseUrl, where) : connectEmbedded(where);
}

const statementMs = 20_000;

async function connectPostgres(url: string, where: Where): Promise<Database> {
  const settings = {
    connectionString: url,
    connectionTimeoutMillis: 8_000,
    keepAlive: true,
    application_name: 'candor',
  };
  const pool = new pg.Pool({
    ...settings,
    max: where.poolSize ?? 10,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: 30_000,
    // Our queries are short: to compile one, or to share it among processes, takes longer than to run it.
    onConnect: async (client) =>
      void (await client.query('set jit = off; set max_parallel_workers_per_gather = 0')),
  });
  const onLost = where.onLost ?? (() => {});
  pool.on('error', onLost);
  pool.on('connect', (client) => {
    client.on('error', onLost);
    giveUpWhenSilent(client, where.answerMs ?? statementMs + 5_000);
    where.onConnected?.();
  });
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw new CannotStart(
      `DATABASE_URL: no connection to ${withoutPassword(url)}: ${saidBy(error)}. Is PostgreSQL running there, and are user, password and database name right?`,
      1,
      { cause: error },
    );
  }
  const db = kysely(pool);
  return {
    db,
    engine: 'postgres',
    listen: (channel, heard) => listenForEver(settings, channel, heard, onLost),
    checkpoint: async () => {},
    close: () => db.destroy(),
  };
}

/** A connection of its own for LISTEN, opened again whenever it breaks. */
async function listenForEver(
  settings: pg.ClientConfig,
  channel: string,
  heard: (said: string) => void,
  onLost: (error: Error) => void,
): Promise<() => Promise<void>> {
  let client: pg.Client | null = null;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;
  const open = async (): Promise<void> => {
    const fresh = new pg.Client(settings);
    const lost = (error?: Error) => {
      if (error) onLost(error);
      if (stopped || client !== fresh) return;
      client = null;
      retry = setTimeout(open, 1_000);
    };
    client = fresh;
    fresh.on('error', lost);
    fresh.on('end', () => lost());
    fresh.on('notification', ({ payload = '' }) => heard(payload));
    try {
      await fresh.connect();
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
      heard('');
    } catch (error) {
      lost(error as Error);
    }
  };
  await open();
  return async () => {
    stopped = true;
    clearTimeout(retry);
    await client?.end().catch(() => {});
  };
}

/**
 * How much of a function of the embedded database is run before V8 compiles it once more, and well. At the usual 1.8 million
 * that is thousands of functions that only the start needs, and the start takes half as long again.
 */
const tieringBudget = 100_000_000;

async function connectEmbedded(where: Where): Promise<Database> {
  // What customers said is nobody's else on this machine; the database sets no such rights by itself.
  const folder = join(where.dataDir, 'db');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  } catch (error) {
    throw new CannotStart(`DATA_DIR: ${where.dataDir} cannot be made: ${saidBy(error)}.`);
  }
  const unlock = await lockDirectory(folder);
  setFlagsFromString(`--wasm-tiering-budget=${tieringBudget}`);
  // Both at once: a file read while V8 compiles the database on every core takes 0.2 s.
  const [{ PGlite }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/node-postgres'),
  ]);
  try {
    const lite = await PGlite.create({ dataDir: folder });
    return await fromPGlite(lite, unlock);
  } catch (error) {
    await unlock();
    throw new CannotStart(
      `DATA_DIR: the embedded database in ${where.dataDir} does not open: ${saidBy(error)}. Restore a backup, or move the folder aside to start afresh.`,
    );
  }
}

/** Wraps an open PGlite as our Database; tests use it with one in memory. */
export async function fromPGlite(
  lite: PGlite,
  unlock: () => Promise<void> = async () => {},
): Promise<Database> {
  const { createPgConfig } = await import('@electric-sql/pglite/node-postgres');
  const pool = new pg.Pool({ ...createPgConfig(lite), max: 1, idleTimeoutMillis: 0 } as pg.PoolConfig);
  pool.on('error', () => {});
  const db = kysely(pool);
  return {
    db,
    engine: 'embedded',
    listen: async (channel, heard) => lite.listen(channel, heard),
    checkpoint: async () => void (await sql`checkpoint`.execute(db)),
    async close() {
      await sql`checkpoint`.execute(db).catch(() => {});
      await db.destroy();
      await lite.close();
      await unlock();
    },
  };
}

function kysely(pool: pg.Pool): Db {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query, queryDurationMillis }) => noteQuery(query.sql, queryDurationMillis),
  });
}

/** Whether a failure came from the database being away rather than from what was asked of it. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message, cause, errors } = error as {
    code?: string;
    message?: string;
    cause?: unknown;
    errors?: unknown[];
  };
  if (error instanceof CannotStart) return cause !== undefined && isDatabaseAway(cause);
  return (
    (errors ?? []).some(isDatabaseAway) ||
    /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN)/.test(code ?? '') ||
    /^(08|57P|53|58|25006)/.test(code ?? '') || // connection, shutdown, out of resources, disk, a standby
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      message ?? '',
    )
  );
}

/** The first line of what a failure says. */
export function saidBy(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] };
  return (message || errors?.[0]?.message || code || String(error)).split('\n')[0]!;
}

function withoutPassword(url: string): string {
  try {
    const shown = new URL(url);
    if (shown.password) shown.password = '***';
    shown.search = '';
    return shown.href;
  } catch {
    return 'that address';
  }
}
