import { parseArgs } from 'node:util';
import { readAddress } from '../address.ts';
import { readConfig } from '../config.ts';
import { type Role, roles } from '../domain/words.ts';
import { CannotStart } from '../errors.ts';
import { loadLinks } from '../links.ts';
import { addByOperator, disableByOperator } from '../staff/add-by-operator.ts';
import { listPeople } from '../staff/people.ts';
import { withDatabaseAsItIs } from './as-it-is.ts';
import { withDatabase } from './with-database.ts';

const help = `candor staff add EMAIL --role reader|support|owner [--name NAME]
candor staff list
candor staff disable EMAIL

Who may sign in to the desk at /admin. \`add\` prints a link that lets the person in once, also for one who
is there already: it is the way back in when nobody remembers a password. Links printed before are void then.
`;

export const staffCommand = { help, run };

async function run([action, ...args]: string[]): Promise<void> {
  switch (action) {
    case 'add':
      return add(args);
    case 'list':
      return list(args);
    case 'disable':
      return disable(args);
    default:
      throw new CannotStart(`staff takes add, list or disable.\n${help}`);
  }
}

async function add(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { role: { type: 'string' }, name: { type: 'string' } },
  });
  const email = addressOf(positionals);
  const role = roles.find((one) => one === values.role);
  if (!role) throw new CannotStart(`say what they may do with --role ${roles.join(', --role ')}.`);
  const name = values.name?.trim() || email.slice(0, email.lastIndexOf('@'));
  const config = readConfig();
  await withDatabase(config, async (db) => {
    const links = await loadLinks(db);
    const { person, isNew, linkId } = await db
      .transaction()
      .execute((trx) => addByOperator(trx, { email, name, role }, new Date()));
    const opens = person.password === null ? 'seven days' : 'two hours';
    console.error(`${person.email} is ${isNew ? 'added' : 'there already'}, as ${articled(role)}.`);
    console.error(`This link lets them in once, for ${opens}; links printed before are void:`);
    console.log(`${config.baseUrl}/admin/join/${links.token('staff', linkId)}`);
  });
}

async function list(args: string[]): Promise<void> {
  parseArgs({ args, options: {} });
  await withDatabaseAsItIs(readConfig(), async ({ db }) => {
    const people = await listPeople(db);
    if (people.length === 0)
      console.error('Nobody yet: candor staff add EMAIL --role owner lets somebody in.');
    for (const one of people) {
      const seen = one.last_seen_at ? `last seen ${one.last_seen_at.toISOString()}` : 'never seen';
      const state = one.disabled_at ? 'disabled' : one.password || one.subject ? 'may sign in' : 'invited';
      console.log([one.email, one.role, one.name, state, seen].join('  '));
    }
  });
}

async function disable(args: string[]): Promise<void> {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  const email = addressOf(positionals);
  await withDatabaseAsItIs(readConfig(), ({ db }) =>
    db.transaction().execute((trx) => disableByOperator(trx, email, new Date())),
  );
  console.log(`${email} cannot sign in any more`);
}

function addressOf([text = '', ...rest]: string[]): string {
  const email = readAddress(text);
  if (email === null || rest.length > 0)
    throw new CannotStart('say who: one mail address, as ana@example.com.');
  return email;
}

function articled(role: Role): string {
  return role === 'support' ? 'support' : role === 'owner' ? 'an owner' : 'a reader';
}
