import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { CannotStart } from '../errors.ts';
import { importStatuspage } from '../issues/import-statuspage.ts';
import { importBackup } from './import-backup.ts';
import { withDatabase } from './with-database.ts';

const help = `candor import FILE [--dry-run]
candor import statuspage FILE

The first brings a backup of \`candor export\` back into an empty database, all of it or nothing. The whole file is
checked before anything is touched; --dry-run stops there and says what would be done. Afterwards nothing is sent
until \`candor sending resume\`, since mails may have gone out after the backup was made.

The second takes over the history of a Statuspage: FILE is what its /api/v2/incidents.json or summary.json answers
(- reads standard input). Times, components, edits and order are kept. Importing a file again adds only what is
new; a file that is broken changes nothing. Nobody is mailed.
`;

export const importCommand = { help, run };

async function run(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean', default: false } },
  });
  const [format, file, ...rest] = positionals;
  if (format === undefined) throw new CannotStart(`import needs a file.\n${help}`);
  if (format !== 'statuspage') {
    if (file !== undefined) throw new CannotStart(`import takes one file, or: statuspage FILE.\n${help}`);
    return importBackup(format, values['dry-run']);
  }
  if (!file || rest.length > 0) throw new CannotStart(`import needs a format and a file.\n${help}`);
  if (values['dry-run'])
    throw new CannotStart('--dry-run is for backups; a Statuspage file is taken whole or not at all.');
  const text = await read(file);
  await withDatabase(readConfig(), async (db) => {
    const done = await importStatuspage(db, text, new Date());
    console.log(
      `${many(done.issues, 'issue')}, ${many(done.updates, 'update')} and ${many(done.components, 'component')} imported; ${done.alreadyThere} of the file's issues were there already.`,
    );
  });
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (error) {
    throw new CannotStart(`cannot read ${file}: ${(error as Error).message}`);
  }
}
