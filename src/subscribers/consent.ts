import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { ConsentAct } from '../domain/words.ts';

/** One step of what somebody agreed to. */
export interface Step {
  subscriberId: string;
  act: ConsentAct;
  /** Where it came from: form, link, one-click, api, desk, or what an importer named. */
  source: string;
  detail?: Record<string, unknown>;
}

/**
 * Keeps one step as proof, and answers its number. Nothing of it is ever changed. For an id that nobody has it keeps
 * nothing, answers null, and takes as long.
 */
export async function keepConsent(
  trx: Trx,
  { subscriberId, act, source, detail = {} }: Step,
  now: Date,
): Promise<number | null> {
  const { rows } = await sql<{ seq: number }>`
    insert into consent (subscriber_id, act, at, source, detail)
    select id, ${act}, ${now}::timestamptz, ${source}, ${JSON.stringify(detail)}::jsonb
    from subscriber where id = ${subscriberId} returning seq`.execute(trx);
  return rows[0]?.seq ?? null;
}
