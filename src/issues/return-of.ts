import type { Trx } from '../db.ts';
import type { Kind } from '../domain/lifecycle.ts';
import { whyNotReturn } from '../domain/returning.ts';
import { refuse } from '../errors.ts';

/** Holds an issue that was over as it is while another is opened as its return. Throws Refused where that one is none. */
export async function lockReturned(trx: Trx, returnOf: string, kind: Kind): Promise<void> {
  const old = await trx
    .selectFrom('issue')
    .select(['kind', 'status', 'merged_into'])
    .where('id', '=', returnOf)
    .forNoKeyUpdate()
    .executeTakeFirst();
  const why = whyNotReturn(old, kind);
  if (why) refuse('return_of', why);
}
