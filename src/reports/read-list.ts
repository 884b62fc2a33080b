import { parse } from 'csv-parse/sync';
import { Refused } from '../errors.ts';

/** One person of a list, and the line she stands on. */
export interface Listed {
  line: number;
  email: string;
  name?: string;
  message?: string;
}

export const mostListed = 10_000;
const columns: Record<string, 'email' | 'name' | 'message'> = {
  email: 'email',
  'e-mail': 'email',
  mail: 'email',
  address: 'email',
  'email address': 'email',
  name: 'name',
  message: 'message',
  words: 'message',
  comment: 'message',
};

/**
 * Reads people from what was pasted or from a file: a CSV table whose first line names its columns (email, name,
 * message), or simply addresses, on lines of their own or with commas between. Nothing is checked yet but the form.
 * Throws Refused for a table that is none, and for more than 10,000.
 */
export function readList(text: string): Listed[] {
  const clean = text.replace(/^\ufeff/, '');
  const listed = hasHeader(clean) ? readTable(clean) : readAddresses(clean);
  if (listed.length > mostListed) {
    throw new Refused(`These are ${listed.length} people; we can take ${mostListed} at once.`);
  }
  return listed;
}

function hasHeader(text: string): boolean {
  const [first = ''] = text.split(/\r?\n/, 1);
  return first.split(/[,;\t]/).some((cell) => columns[plain(cell)] === 'email');
}

function readTable(text: string): Listed[] {
  const [first = ''] = text.split(/\r?\n/, 1);
  const delimiter = [',', ';', '\t'].sort((a, b) => first.split(b).length - first.split(a).length)[0]!;
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      to: mostListed + 2,
    }) as unknown as typeof rows;
  } catch (error) {
    throw new Refused(`This is no CSV table: ${(error as Error).message}`);
  }
  const [head, ...body] = rows;
  const names = (head?.record ?? []).map((cell) => columns[plain(cell)]);
  return body.map(({ record, info }) => {
    const one: Listed = { line: info.lines, email: '' };
    names.forEach((name, i) => {
      const cell = record[i] ?? '';
      if (name && (name === 'email' || cell !== '')) one[name] = cell;
    });
    return one;
  });
}

function readAddresses(text: string): Listed[] {
  const listed: Listed[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    for (const part of line.split(/[,;\t]/)) {
      const [, name = '', inside] = /^([^<>]*)<([^<>]*)>\s*$/.exec(part) ?? [];
      const email = (inside ?? part).trim();
      const called = name.trim().replace(/^"|"$/g, '');
      if (email !== '') listed.push({ line: i + 1, email, ...(called ? { name: called } : {}) });
    }
  }
  return listed;
}

function plain(cell: string): string {
  return cell.trim().replace(/^"|"$/g, '').toLowerCase();
}
