import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { counted, type Finding, fail, ok } from './finding.ts';

/** Whether the ledger still reaches as far as mails said it did. */
export async function examineLedger(db: Db): Promise<Finding> {
  const { rows } = await sql<{ ends: number | null; named: number | null }>`
    select (select max(seq) from ledger) as ends, (select max(ledger_seq) from delivery) as named`.execute(
    db,
  );
  const [end, said] = [Number(rows[0]!.ends ?? 0), Number(rows[0]!.named ?? 0)];
  if (end >= said)
    return ok('ledger', end === 0 ? 'Nothing was said yet.' : `It has ${counted(end, 'entry', 'entries')}.`);
  return fail(
    'ledger',
    `It ends with entry ${end}, but a mail named entry ${said} as its last: entries were taken out, or an older state was brought back.`,
    'Look in a backup for what is missing. If it stays lost, say so in public: whoever kept such a mail can see it.',
  );
}
