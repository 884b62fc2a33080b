import { Refused } from '../errors.ts';
import { names, readCsv } from '../read-csv.ts';

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
  const listed = names(clean, columns, 'email') ? readTable(clean) : readAddresses(clean);
  if (listed.length > mostListed) {
    throw new Refused(`These are ${listed.length} people; we can take ${mostListed} at once.`);
  }
  return listed;
}

function readTable(text: string): Listed[] {
  return readCsv(text, columns, mostListed).map(({ line, cells }) => ({ line, email: '', ...cells }));
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
