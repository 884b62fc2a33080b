import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { type Head, sealRest } from './seal.ts';

/**
 * The ledger's newest entry by which something was said, when, and its hash; null before anything was. Seals what was
 * written down first. Whoever keeps it can show later that nothing up to there was rewritten. What is only counted,
 * every few seconds on a busy day, says nothing.
 */
export async function saidHead(db: Db): Promise<(Head & { at: Date }) | null> {
  const { head, rest } = await readSaid(db);
  if (!rest) return head;
  await sealRest(db);
  return (await readSaid(db)).head;
}

/** The head, and whether there is a rest that is not sealed yet; the index `ledger_said` leaves out the same types. */
async function readSaid(db: Db): Promise<{ head: (Head & { at: Date }) | null; rest: boolean }> {
  const { rows } = await sql<{ seq: number | null; hash: string; at: Date; rest: boolean }>`
    select said.*, exists (select from ledger where seq is null) as rest from (values (true)) as one
    left join lateral (
      select seq, hash, at from ledger
      where seq is not null and type not in ('counted', 'told', 'answered', 'were_right')
      order by seq desc limit 1) as said on true`.execute(db);
  const { seq, hash, at, rest } = rows[0]!;
  return { head: seq === null ? null : { seq, hash, at }, rest };
}
