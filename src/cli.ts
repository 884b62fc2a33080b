#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readConfig } from './config.ts';
import { CannotStart, Trouble } from './errors.ts';
import { ownFiles } from './own-files.ts';

const help = `candor: the server that answers "is it me?"

  candor start                    migrate the database, then serve the page and send the mails
  candor migrate                  bring the database to this version, and stop
  candor doctor                   looks whether all is well, and says what to do where it is not
  candor export [FILE]            write everything into one file: the backup
  candor import FILE              bring a backup back into an empty database
  candor import statuspage FILE   take over a Statuspage history (its incidents.json)
  candor sending [resume]         whether mail goes out; let it go on after a backup was brought back
  candor token create|list|revoke the tokens of the admin API
  candor staff add|list|disable   who may sign in to the desk at /admin
  candor report < MAIL            make a report of a mail to the support address
  candor bounce < MAIL            take a mail of ours that came back
  candor verify ADDRESS           whether anything that a page ever said was rewritten
  candor demo                     a page with sample data in a throw-away database
  candor COMMAND --help           more about one of them

It is set up by environment variables; README.md has the table. Without any it keeps an embedded
database in ./data, writes mails to ./data/mail and serves http://localhost:3000.
`;

interface Command {
  help: string;
  run(args: string[]): Promise<void>;
}

/** Each is loaded when it is asked for: the start waits for nobody else's. */
const commands: Record<string, () => Command | Promise<Command>> = {
  start: () => ({
    help: 'candor start\n\nMigrates the database, serves the page, sends the mails. Stops gracefully on SIGTERM or Ctrl-C.\n',
    async run(args) {
      none(args);
      const config = readConfig(); // what it says is wrong should not wait until everything else is loaded
      await (await import('./main.ts')).start(config);
    },
  }),
  migrate: () => ({
    help: 'candor migrate\n\nApplies what is new in migrations/ and stops. `candor start` does the same first; safe with several at once.\n',
    async run(args) {
      none(args);
      const { withDatabase } = await import('./cli/with-database.ts');
      await withDatabase(readConfig(), async (_, applied) => {
        console.log(applied.length > 0 ? `applied ${applied.join(', ')}` : 'the database is up to date');
      });
    },
  }),
  doctor: async () => (await import('./cli/doctor.ts')).doctorCommand,
  export: async () => (await import('./cli/export.ts')).exportCommand,
  import: async () => (await import('./cli/import.ts')).importCommand,
  sending: async () => (await import('./cli/sending.ts')).sendingCommand,
  token: async () => (await import('./cli/token.ts')).tokenCommand,
  staff: async () => (await import('./cli/staff.ts')).staffCommand,
  report: async () => (await import('./cli/report.ts')).reportCommand,
  bounce: async () => (await import('./cli/bounce.ts')).bounceCommand,
  verify: async () => (await import('./cli/verify.ts')).verifyCommand,
  demo: () => ({
    help: 'candor demo\n\nServes a page with sample data from a throw-away database on PORT (3000), and prints what to open.\n',
    async run(args) {
      none(args);
      await (await import('./demo.ts')).startDemo(process.stdout);
    },
  }),
};

function none(args: string[]): void {
  parseArgs({ args, options: {}, strict: true });
}

async function main([name, ...args]: string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help')
    return void console.log(help);
  if (name === '--version' || name === '-v') {
    const { version } = JSON.parse(readFileSync(new URL('package.json', ownFiles), 'utf8'));
    return void console.log(version);
  }
  const command = Object.hasOwn(commands, name) ? await commands[name]!() : undefined;
  if (!command) throw new CannotStart(`there is no command "${name}"; \`candor --help\` lists them.`);
  if (args.includes('--help') || args.includes('-h')) return void console.log(command.help);
  await command.run(args);
}

main(process.argv.slice(2)).catch((error) => {
  const known =
    error instanceof CannotStart || error instanceof Trouble || error?.code?.startsWith?.('ERR_PARSE_ARGS');
  console.error(known ? `candor: ${error.message}` : error);
  process.exit(error instanceof CannotStart ? error.exitCode : 1);
});
