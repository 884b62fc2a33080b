import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Db } from './db.ts';

/**
 * What a link opens; a token made for one purpose is nothing for another. `leave` stands only in mails: whoever
 * has it reads the mail of that address, which the holder of a report's own link need not. `staff` lets somebody in.
 */
export type Purpose = 'report' | 'leave' | 'subscriber' | 'staff';

/** Makes and reads the tokens in our links. A token is the id and a keyed hash of it: nothing is stored. */
export interface Links {
  token(purpose: Purpose, id: string): string;
  /** The id, or null for a token we did not make for this purpose. Takes the same time either way. */
  read(purpose: Purpose, token: string): string | null;
  /** A keyed hash for limits, so that no address is kept. */
  bucket(name: string, value: string): string;
  /** A keyed hash as bytes, for signing what is no link; `name` keeps one use apart from another. */
  seal(name: string, value: string): Buffer;
}

/** Reads the key of all links from the database, making it at the first start. Safe with several replicas. */
export async function loadLinks(db: Db): Promise<Links> {
  await db
    .insertInto('setting')
    .values({ key: 'link_key', value: randomBytes(32).toString('base64url') })
    .onConflict((oc) => oc.doNothing())
    .execute();
  const { value } = await db
    .selectFrom('setting')
    .select('value')
    .where('key', '=', 'link_key')
    .executeTakeFirstOrThrow();
  return linksFor(Buffer.from(value, 'base64url'));
}

export function linksFor(key: Buffer): Links {
  const secret = createSecretKey(key); // made ready once: each mail has several links of its own
  const mac = (text: string) => createHmac('sha256', secret).update(text).digest();
  const token = (purpose: Purpose, id: string) =>
    id + mac(`${purpose}:${id}`).subarray(0, 24).toString('base64url');
  return {
    token,
    read(purpose, given) {
      const id = given.slice(0, 12);
      const want = Buffer.from(token(purpose, id));
      const have = Buffer.alloc(want.length);
      have.write(given.slice(0, want.length), 'latin1');
      return timingSafeEqual(want, have) && given.length === want.length && /^[0-9a-z]{12}$/.test(id)
        ? id
        : null;
    },
    bucket: (name, value) =>
      `${name}:${mac(`bucket:${name}:${value}`).subarray(0, 16).toString('base64url')}`,
    seal: (name, value) => mac(`seal:${name}:${value}`),
  };
}
