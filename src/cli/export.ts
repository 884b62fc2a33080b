import { existsSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { withBackup } from '../backup/write-backup.ts';
import { type Config, readConfig } from '../config.ts';
import type { Db } from '../db.ts';
import { CannotStart } from '../errors.ts';
import { newId } from '../ids.ts';
import { knownMigrations } from '../migrate.ts';
import { withDatabaseAsItIs } from './as-it-is.ts';

const help = `candor export [--force] [FILE]

Writes everything into one file, as it stands at one moment: candor-YYYY-MM-DD.jsonl.gz in this folder unless FILE
says otherwise (- is standard output). It is lines of JSON, zipped, with a checksum. With PostgreSQL the server may go
on; with the embedded database stop it first. A file that is there already stays as it is and nothing is written, unless
you say --force: then it is replaced once the new one is whole.

Keep the file like a password: in it are all addresses and words, and the key that makes the links in mails.
Not in it: who is signed in just now, limits and answers of the last hours, and what is made anew (the search).
\`candor import FILE\` brings it back.
`;

export const exportCommand = { help, run };

async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { force: { type: 'boolean', default: false } },
  });
  if (positionals.length > 1) throw new CannotStart(`export takes one file.\n${help}`);
  const now = new Date();
  const file = positionals[0] ?? `candor-${now.toISOString().slice(0, 10)}.jsonl.gz`;
  if (file === '-' && process.stdout.isTTY) {
    throw new CannotStart(
      'the backup is no text for a terminal: send it on, as in `candor export - > FILE`.',
    );
  }
  if (file !== '-' && !values.force && existsSync(file)) {
    throw new CannotStart(
      `${resolve(file)} is there already, and was left as it is: name another file, or replace it with --force.`,
    );
  }
  const config = readConfig();
  await withDatabaseAsItIs(config, ({ db }) =>
    file === '-' ? toOutput(db, config, now) : toFile(db, config, now, file),
  );
  console.error(
    `${file === '-' ? 'It' : resolve(file)} holds every address, and the key of all links in mails. Keep it like a password.`,
  );
}

/** Whoever reads the file while it is written reads the one before. */
async function toFile(db: Db, config: Config, now: Date, file: string): Promise<void> {
  const draft = `${file}.${newId()}.part`;
  const handle = await open(draft, 'wx', 0o600).catch((error: Error) => {
    throw new CannotStart(`the backup cannot be written: ${error.message}.`);
  });
  try {
    await write(db, config, now, handle.createWriteStream({ flush: true }));
    await rename(draft, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await unlink(draft).catch(() => {});
    throw explained(error);
  }
}

async function toOutput(db: Db, config: Config, now: Date): Promise<void> {
  await write(db, config, now, process.stdout).catch((error) => {
    throw explained(error);
  });
}

async function write(db: Db, config: Config, now: Date, out: NodeJS.WritableStream): Promise<void> {
  const about = {
    page: { name: config.pageName, url: config.baseUrl },
    migrations: await knownMigrations(),
    now,
  };
  let all = 0;
  await withBackup(
    db,
    about,
    (lines) => pipeline(Readable.from(lines, { highWaterMark: 1 }), createGzip(), out),
    (table, rows) => {
      all += rows;
      if (rows > 0) console.error(`${table}: ${rows}`);
    },
  );
  console.error(`${all} rows in all`);
}

function explained(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  return code && ['ENOSPC', 'EPIPE', 'EIO', 'EACCES', 'EISDIR', 'EDQUOT'].includes(code)
    ? new CannotStart(`the backup was not written: ${message}. Nothing was replaced.`)
    : error;
}
