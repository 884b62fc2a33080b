import { readFile } from 'node:fs/promises';
import { readConfig } from '../config.ts';
import { CannotStart } from '../errors.ts';
import { importStatuspage } from '../issues/import-statuspage.ts';
import { withDatabase } from './with-database.ts';

const help = `candor import statuspage FILE

Takes over the history of a Statuspage: FILE is what its /api/v2/incidents.json or summary.json answers
(- reads standard input). Times, components, edits and order are kept. Importing a file again adds only what is
new; a file that is broken changes nothing. Nobody is mailed.
`;

export const importStatuspageCommand = { help, run };

async function run([format, file, ...rest]: string[]): Promise<void> {
  if (format !== undefined && format !== 'statuspage') {
    throw new CannotStart(`import knows no format "${format}", only statuspage.`);
  }
  if (!file || rest.length > 0) throw new CannotStart(`import needs a format and a file.\n${help}`);
  const text = await read(file);
  await withDatabase(readConfig(), async (db) => {
    const done = await importStatuspage(db, text, new Date());
    console.log(
      `${done.issues} issues, ${done.updates} updates and ${done.components} components imported; ${done.alreadyThere} issues were there already.`,
    );
  });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (error) {
    throw new CannotStart(`cannot read ${file}: ${(error as Error).message}`);
  }
}
