import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mostMail } from '../api/raw-mail.ts';
import { type Config, readConfig } from '../config.ts';
import type { Trx } from '../db.ts';
import { CannotStart } from '../errors.ts';
import { type Links, loadLinks } from '../links.ts';
import { type IncomingMail, readMail, UnreadableMail } from '../read-mail.ts';
import { withDatabase } from './with-database.ts';

// What a mail server understands (sysexits.h): a mail that is none goes back, anything else is tried again later.
const dataError = 65;
const tryLater = 75;

interface Taking {
  /** Where the running server takes such a mail. */
  path: '/api/v1/inbound/report' | '/api/v1/bounces';
  take(trx: Trx, mail: IncomingMail, links: Links, now: Date): Promise<{ said: string }>;
}

/**
 * Takes the mail on standard input: into the database at DATABASE_URL, or, since the embedded one belongs to the running
 * server alone, by way of that server. Prints what became of it. Throws CannotStart with the exit code that makes a mail
 * server keep the mail, unless it never can be read.
 */
export async function takeMailOnInput({ path, take }: Taking): Promise<void> {
  const raw = await readInput();
  let said: string;
  try {
    const config = readConfig();
    said = config.databaseUrl ? await keep(config, raw, take) : await handOver(config, raw, path);
  } catch (error) {
    if (error instanceof CannotStart && error.exitCode !== 1) throw error;
    if (error instanceof UnreadableMail)
      throw new CannotStart(`this is no mail. ${error.message}`, dataError);
    throw new CannotStart(`not taken now, try again later: ${(error as Error).message}`, tryLater);
  }
  console.log(said);
}

async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostMail) throw new CannotStart('the mail is larger than the 25 MB we read.', dataError);
    chunks.push(chunk);
  }
  if (size === 0) throw new CannotStart('there is no mail on standard input.', dataError);
  return Buffer.concat(chunks);
}

async function keep(config: Config, raw: Buffer, take: Taking['take']): Promise<string> {
  const mail = await readMail(raw);
  return withDatabase(config, async (db) => {
    const links = await loadLinks(db);
    const { said } = await db.transaction().execute((trx) => take(trx, mail, links, new Date()));
    return said;
  });
}

async function handOver(config: Config, raw: Buffer, path: string): Promise<string> {
  const url = `http://${loopback(config)}:${config.port}${path}`;
  const token = config.adminToken ?? (await readToken(config));
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'message/rfc822' },
    body: new Uint8Array(raw),
    signal: AbortSignal.timeout(60_000),
  }).catch((error: Error & { cause?: { code?: string } }) => {
    throw new Error(
      `the server does not answer at ${url} (${error.cause?.code ?? error.name}). Is it running?`,
    );
  });
  const read = (await answer.json().catch(() => ({}))) as { said?: string; detail?: string };
  if (answer.ok) return read.said ?? '';
  const why = `the server says (${answer.status}): ${read.detail ?? 'nothing more'}`;
  if (answer.status === 400 || answer.status === 413) throw new CannotStart(why, dataError);
  throw new Error(why);
}

/** The address the server listens at, from this machine. */
function loopback({ host }: Config): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function readToken({ dataDir }: Config): Promise<string> {
  const path = join(dataDir, 'admin-token');
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    throw new Error(
      `without DATABASE_URL the mail goes to the running server, which wants ADMIN_TOKEN or the token in ${path}; neither can be read.`,
    );
  }
}
