import { sql } from 'kysely';
import type { Trx } from '../db.ts';

/** Takes an address out of staff's notes, in whatever case it stands there. */
export async function eraseFromNotes(trx: Trx, address: string): Promise<void> {
  const plain = address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  await sql`
    update note set body = regexp_replace(body, ${plain}, '(erased)', 'gi')
    where strpos(lower(body), ${address.toLowerCase()}) > 0`.execute(trx);
}
