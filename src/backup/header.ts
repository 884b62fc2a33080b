import { Refused } from '../errors.ts';
import { type BackedUp, backedUp } from './tables.ts';

export const formatVersion = 1;

/** The first line of a backup. */
export interface Header {
  candor: 'backup';
  version: number;
  made_at: string;
  page: { name: string; url: string };
  migrations: string[];
  /** The columns of each table, in the order in which the tables come. */
  tables: Record<BackedUp, string[]>;
}

/** The last line: how many rows each table has, and the SHA-256 of every byte before this line. */
export interface Ending {
  end: true;
  rows: Record<BackedUp, number>;
  sha256: string;
}

/** Reads the first line. Throws Refused where it is no backup, or not one that this program can bring back. */
export function readHeader(line: string, known: readonly string[]): Header {
  const header = parse(line);
  if (header?.candor !== 'backup') {
    throw new Refused(
      'This is not a backup of Candor: its first line is not the one that `candor export` writes.',
    );
  }
  if (header.version !== formatVersion) {
    throw new Refused(
      `This backup has format ${header.version}, and this program reads format ${formatVersion}: use the version that made it, or a later one.`,
    );
  }
  const { migrations } = header;
  const newer = migrations.filter((name) => !known.includes(name));
  if (newer.length > 0) {
    throw new Refused(
      `This backup was made by a newer version (it has ${newer.join(', ')}): bring it back with that version, or a later one.`,
    );
  }
  const missing = known.filter((name) => !migrations.includes(name));
  if (missing.length > 0) {
    throw new Refused(
      `This backup was made by an older version (it lacks ${missing.join(', ')}): bring it back with the version that made it, then upgrade that one.`,
    );
  }
  if (Object.keys(header.tables).join() !== backedUp.join()) {
    throw new Refused(
      'The first line of this backup does not name the tables of this version: it was changed.',
    );
  }
  return header;
}

/** Reads the last line; null for any other. */
export function readEnding(line: string): Ending | null {
  const ending = parse(line) as unknown as Ending | null;
  return ending?.end === true ? ending : null;
}

function parse(line: string): Header | null {
  try {
    return JSON.parse(line) as Header;
  } catch {
    return null;
  }
}
