import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Caller } from '../api/mount.ts';
import type { Scope } from '../api/route.ts';
import type { Db } from '../db.ts';
import { NotFound } from '../errors.ts';
import { newId, newSecret, sha256 } from '../ids.ts';

export const everyScope: Scope[] = ['read', 'write', 'alert'];

/** Tokens that the server itself makes, by where they come from. */
export const bootstrapNames = ['ADMIN_TOKEN', 'DATA_DIR/admin-token'];

/** Makes a token and answers it; only its hash is kept, so this is the one time it can be read. */
export async function createToken(
  db: Db,
  given: { name: string; scopes: readonly Scope[]; expiresAt: Date | null; token?: string },
  now: Date,
): Promise<{ id: string; token: string }> {
  const token = given.token ?? newSecret('candor');
  const id = newId();
  await db
    .insertInto('api_token')
    .values({
      id,
      name: given.name,
      hash: sha256(token),
      scopes: [...given.scopes],
      created_at: now,
      expires_at: given.expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .onConflict((oc) => oc.column('hash').doUpdateSet({ revoked_at: null }))
    .execute();
  return { id, token };
}

/** Who a token belongs to; null where it is unknown, expired or revoked. Notes once a minute that it is used. */
export async function authenticate(db: Db, token: string, now: Date): Promise<Caller | null> {
  const row = await db
    .selectFrom('api_token')
    .select(['id', 'name', 'scopes', 'last_used_at'])
    .where('hash', '=', sha256(token))
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
    .executeTakeFirst();
  if (!row) return null;
  if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() > 60_000) {
    await db.updateTable('api_token').set({ last_used_at: now }).where('id', '=', row.id).execute();
  }
  return row;
}

export function listTokens(db: Db) {
  return db
    .selectFrom('api_token')
    .select(['id', 'name', 'scopes', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'])
    .orderBy('created_at')
    .execute();
}

/** From now on the token opens nothing. Throws NotFound. */
export async function revokeToken(db: Db, id: string, now: Date): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('api_token')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new NotFound(`There is no token ${id}; \`candor token list\` shows them.`);
}

/**
 * The token to begin with: ADMIN_TOKEN, or one made at the first start and kept in DATA_DIR/admin-token.
 * Answers the token only when it was made just now, to be printed once.
 */
export async function bootstrapToken(
  db: Db,
  { adminToken, dataDir }: { adminToken: string | null; dataDir: string },
  now: Date,
): Promise<{ token: string; path: string } | null> {
  if (adminToken !== null) {
    await rememberBootstrap(db, adminToken, 'ADMIN_TOKEN', now);
    return null;
  }
  const path = join(dataDir, 'admin-token');
  if (existsSync(path)) {
    const token = (await readFile(path, 'utf8')).trim();
    if (!(await isKnown(db, token))) await rememberBootstrap(db, token, 'DATA_DIR/admin-token', now);
    return null;
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const token = newSecret('candor');
  await writeFile(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  await rememberBootstrap(db, token, 'DATA_DIR/admin-token', now);
  return { token, path };
}

/** One that was revoked stays so, though its file is still there. */
async function isKnown(db: Db, token: string): Promise<boolean> {
  const row = await db
    .selectFrom('api_token')
    .select('id')
    .where('hash', '=', sha256(token))
    .executeTakeFirst();
  return row !== undefined;
}

/** A changed ADMIN_TOKEN takes the old one's rights away. */
async function rememberBootstrap(db: Db, token: string, name: string, now: Date): Promise<void> {
  const there = await db
    .selectFrom('api_token')
    .select('hash')
    .where('name', '=', name)
    .where('revoked_at', 'is', null)
    .execute();
  if (there.some((row) => row.hash === sha256(token))) return;
  if (name === 'ADMIN_TOKEN') {
    await db
      .updateTable('api_token')
      .set({ revoked_at: now })
      .where('name', '=', name)
      .where('revoked_at', 'is', null)
      .execute();
  }
  await createToken(db, { name, scopes: everyScope, expiresAt: null, token }, now);
}
