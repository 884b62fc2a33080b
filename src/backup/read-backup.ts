import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { Refused } from '../errors.ts';
import { type Ending, type Header, readEnding, readHeader } from './header.ts';
import { type BackedUp, backedUp } from './tables.ts';
import { lineStart } from './write-backup.ts';

/** What stands in a backup, line by line. */
export type Entry =
  | { header: Header }
  /** The row as JSON, as the database wrote it: numbers keep all their digits. */
  | { table: BackedUp; row: string; line: number }
  | { ending: Ending };

const longestLine = 64 * 1024 * 1024;

/**
 * Reads a backup, zipped or not, and checks it while doing so: format, version, every row against the columns of its
 * table, the counts, the checksum. Throws Refused at the first thing that is wrong, so that only whoever has read it
 * to the end may trust what came before. `known` are the migrations of this program.
 */
export async function* readBackup(path: string, known: readonly string[]): AsyncGenerator<Entry> {
  const hash = createHash('sha256');
  const rows = Object.fromEntries(backedUp.map((table) => [table, 0])) as Ending['rows'];
  let header: Header | null = null;
  let ending: Ending | null = null;
  let at = 0;
  let line = 0;
  for await (const bytes of linesOf(chunksOf(path))) {
    line++;
    const text = bytes.toString('utf8');
    if (ending) throw new Refused(`Line ${line} stands behind the end of the backup: the file was changed.`);
    if (!header) {
      header = readHeader(text, known);
      yield { header };
    } else if (text.startsWith('{"end":')) {
      ending = readEnding(text);
      if (!ending) throw damaged(line);
      checkEnding(ending, rows, hash.digest('hex'));
      yield { ending };
      continue;
    } else {
      const { table, row } = readRow(text, line, header);
      if (backedUp.indexOf(table) < at)
        throw new Refused(`Line ${line} is out of order: the file was changed.`);
      at = backedUp.indexOf(table);
      rows[table]++;
      yield { table, row, line };
    }
    hash.update(bytes).update('\n');
  }
  if (!ending) {
    throw new Refused(
      `The backup is cut off after line ${line}: its last line is missing. Copy the file again, or take an older one.`,
    );
  }
}

function readRow(text: string, line: number, { tables }: Header): { table: BackedUp; row: string } {
  const table = backedUp.find((name) => text.startsWith(lineStart(name)));
  if (!table || !text.endsWith('}')) throw damaged(line);
  const row = text.slice(lineStart(table).length, -1);
  let columns: string;
  try {
    columns = Object.keys(JSON.parse(row) as object).join();
  } catch {
    throw damaged(line);
  }
  if (columns !== tables[table].join()) {
    throw new Refused(`Line ${line} does not have the columns of ${table}: the file was changed.`);
  }
  return { table, row };
}

function checkEnding(ending: Ending, rows: Ending['rows'], sha256: string): void {
  const wrong = backedUp.find((table) => ending.rows?.[table] !== rows[table]);
  if (wrong) {
    throw new Refused(
      `The backup says that it has ${ending.rows?.[wrong]} rows of ${wrong}, and has ${rows[wrong]}: the file was changed.`,
    );
  }
  if (ending.sha256 !== sha256) {
    throw new Refused(
      'The checksum does not fit: the file was changed, or damaged on its way. Copy it again, or take an older one.',
    );
  }
}

function damaged(line: number): Refused {
  return new Refused(
    `Line ${line} is not one that \`candor export\` writes: the file was changed or damaged.`,
  );
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const zipped = await isZipped(path);
  const file = createReadStream(path);
  const chunks = zipped ? file.pipe(createGunzip()) : file;
  file.on('error', (error) => chunks.destroy(error));
  try {
    yield* chunks as AsyncIterable<Buffer>;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR') {
      throw new Refused(
        'The backup is cut off: the zipped file ends too early. Copy it again, or take an older one.',
      );
    }
    if (code.startsWith('Z_')) {
      throw new Refused(`The zipped file is damaged (${message}). Copy it again, or take an older one.`);
    }
    throw error;
  } finally {
    file.destroy();
  }
}

async function isZipped(path: string): Promise<boolean> {
  const file = await open(path).catch((error: Error) => {
    throw new Refused(`The file cannot be read: ${error.message}.`);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b;
  } catch (error) {
    throw new Refused(`The file cannot be read: ${(error as Error).message}.`);
  } finally {
    await file.close();
  }
}

/** By line feeds alone: other signs that end a line somewhere stand in what people wrote. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...begun, chunk.subarray(from, end)]);
      begun = [];
      length = 0;
      from = end + 1;
    }
    begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longestLine)
      throw new Refused('A line of the file has no end: this is not a backup of Candor.');
  }
  if (length > 0)
    throw new Refused('The backup is cut off inside a line. Copy it again, or take an older one.');
}
