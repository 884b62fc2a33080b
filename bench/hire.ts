import type { Db } from '../src/db.ts';
import { newId } from '../src/ids.ts';
import { beginSession } from '../src/staff/sessions.ts';

/** Somebody who may do everything at the desk, signed in; answers the secret of her session. */
export async function hire(db: Db): Promise<string> {
  const id = newId();
  const now = new Date();
  const person = { id, email: `${id}@example.com`, name: 'Olga', role: 'owner' as const };
  await db
    .insertInto('staff')
    .values({
      ...person,
      password: null,
      subject: null,
      created_at: now,
      disabled_at: null,
      last_seen_at: null,
    })
    .execute();
  return beginSession(db, id, now);
}
