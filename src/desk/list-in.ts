import { Refused } from '../errors.ts';
import { typedText } from './fields.ts';
import type { Fields } from './route.ts';

/** A list of people, typed into its field or brought as a file. Throws Refused for a file we would have to guess at. */
export function listIn(fields: Fields): string {
  const file: unknown = fields.file;
  const fromFile = Buffer.isBuffer(file) ? decoded(file) : typeof file === 'string' ? file : '';
  return fromFile.trim() === '' ? typedText(fields, 'list') : fromFile;
}

/** A file as a spreadsheet saves it. Throws Refused for one in an encoding that we would have to guess. */
function decoded(file: Buffer): string {
  const marks = { fffe: 'utf-16le', feff: 'utf-16be' } as Record<string, string>;
  const encoding = marks[file.subarray(0, 2).toString('hex')] ?? 'utf-8';
  try {
    // An old Mac ends a line with a carriage return alone.
    return new TextDecoder(encoding, { fatal: true }).decode(file).replace(/\r\n?/g, '\n');
  } catch {
    throw new Refused(
      'This file is not in UTF-8, so some names would be wrong. Please save it as “CSV UTF-8”.',
    );
  }
}
