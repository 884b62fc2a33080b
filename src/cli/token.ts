import { parseArgs } from 'node:util';
import type { Scope } from '../api/route.ts';
import { readConfig } from '../config.ts';
import { CannotStart } from '../errors.ts';
import { auditOperator } from '../staff/audit.ts';
import { createToken, everyScope, listTokens, revokeToken } from '../staff/tokens.ts';
import { withDatabaseAsItIs } from './as-it-is.ts';
import { withDatabase } from './with-database.ts';

const help = `candor token create --name NAME [--scope read|write|alert ...] [--days N]
candor token list
candor token revoke ID

Tokens for the admin API. A new one is printed once; only its hash is kept. Without --scope it may do
everything; --scope alert is for monitors, which may then say what is wrong and nothing else. --days lets it
end by itself.
`;

export const tokenCommand = { help, run };

async function run([action, ...args]: string[]): Promise<void> {
  switch (action) {
    case 'create':
      return create(args);
    case 'list':
      return list();
    case 'revoke':
      return revoke(args);
    default:
      throw new CannotStart(`token takes create, list or revoke.\n${help}`);
  }
}

async function create(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: 'string' },
      scope: { type: 'string', multiple: true },
      days: { type: 'string' },
    },
  });
  if (!values.name) throw new CannotStart('give the token a --name, so that you know later what uses it.');
  const scopes = values.scope ?? everyScope;
  const unknown = scopes.find((scope) => !(everyScope as string[]).includes(scope));
  if (unknown !== undefined)
    throw new CannotStart(`--scope ${unknown} is unknown; there are ${everyScope.join(', ')}.`);
  const days = values.days === undefined ? null : Number(values.days);
  if (days !== null && !(Number.isInteger(days) && days > 0 && days <= 3650)) {
    throw new CannotStart('--days must be a whole number from 1 to 3650.');
  }
  const name = values.name;
  const now = new Date();
  const expiresAt = days === null ? null : new Date(now.getTime() + days * 86_400_000);
  await withDatabase(readConfig(), async (db) => {
    const { id, token } = await db.transaction().execute(async (trx) => {
      const made = await createToken(trx, { name, scopes: scopes as Scope[], expiresAt }, now);
      await auditOperator(
        trx,
        { act: 'made an API token', about: `token:${made.id}`, detail: { name, scopes } },
        now,
      );
      return made;
    });
    console.error(`token ${id} (${scopes.join(', ')}), shown only now:`);
    console.log(token);
  });
}

async function list(): Promise<void> {
  await withDatabaseAsItIs(readConfig(), async ({ db }) => {
    const tokens = await listTokens(db);
    if (tokens.length === 0) console.error('None yet: candor token create --name NAME makes one.');
    for (const one of tokens) {
      const ends = one.revoked_at
        ? 'revoked'
        : one.expires_at
          ? `until ${one.expires_at.toISOString()}`
          : 'for ever';
      const used = one.last_used_at ? `last used ${one.last_used_at.toISOString()}` : 'never used';
      console.log([one.id, one.name, one.scopes.join('+'), ends, used].join('  '));
    }
  });
}

async function revoke([id]: string[]): Promise<void> {
  if (!id) throw new CannotStart('say which: candor token revoke ID. `candor token list` shows the ids.');
  const now = new Date();
  await withDatabaseAsItIs(readConfig(), ({ db }) =>
    db.transaction().execute(async (trx) => {
      await revokeToken(trx, id, now);
      await auditOperator(trx, { act: 'revoked an API token', about: `token:${id}` }, now);
    }),
  );
  console.log(`token ${id} opens nothing any more`);
}
