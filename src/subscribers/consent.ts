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

/** Keeps one step as proof, and answers its number. Nothing of it is ever changed. */
export async function keepConsent(
  trx: Trx,
  { subscriberId, act, source, detail = {} }: Step,
  now: Date,
): Promise<number> {
  const { seq } = await trx
    .insertInto('consent')
    .values({ subscriber_id: subscriberId, act, at: now, source, detail: JSON.stringify(detail) })
    .returning('seq')
    .executeTakeFirstOrThrow();
  return seq;
}
