import type { Db } from './db.ts';
import { defaultWordings, type WordingKey, wordingKeys } from './domain/wordings.ts';

/** What a form begins with: the house's own words where somebody has written some, else ours. */
export async function wordingOf(db: Db, key: WordingKey): Promise<string> {
  const row = await db.selectFrom('wording').select('body').where('key', '=', key).executeTakeFirst();
  return row?.body ?? defaultWordings[key];
}

/** All of them, in their order. */
export async function allWordings(db: Db): Promise<Record<WordingKey, string>> {
  const rows = await db.selectFrom('wording').select(['key', 'body']).execute();
  const own = new Map(rows.map((row) => [row.key, row.body]));
  return Object.fromEntries(wordingKeys.map((key) => [key, own.get(key) ?? defaultWordings[key]])) as Record<
    WordingKey,
    string
  >;
}

/** Changes one; ours comes back where nothing is given. */
export async function setWording(db: Db, key: WordingKey, body: string, now: Date): Promise<void> {
  if (body === '' || body === defaultWordings[key]) {
    await db.deleteFrom('wording').where('key', '=', key).execute();
    return;
  }
  await db
    .insertInto('wording')
    .values({ key, body, changed_at: now })
    .onConflict((oc) => oc.column('key').doUpdateSet({ body, changed_at: now }))
    .execute();
}
