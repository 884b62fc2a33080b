import { type Expression, sql } from 'kysely';
import type { Db } from '../db.ts';
import type { DeliveryState } from '../domain/words.ts';
import type { Claimed } from './claim.ts';
import { suppress } from './suppressions.ts';

/** How a try ended: for good, or to be tried again. */
export type Outcome =
  | {
      state: Exclude<DeliveryState, 'queued'>;
      reason: string | null;
      error?: string;
      suppress?: boolean;
      maybeDelivered?: boolean;
      /** It said that the fix has reached some, and not that it has reached her. */
      forSome?: boolean;
    }
  | { state: 'queued'; dueAt: Date; error: string; maybeDelivered?: boolean }
  /** The try does not count: nothing of it reached the server. */
  | { state: 'released'; dueAt?: Date; error?: string };

/**
 * Writes down how the try ended, in one statement fenced by the lease. False when the lease was no longer ours:
 * somebody else has the mail now, and nothing is changed.
 */
export async function settle(db: Db, delivery: Claimed, outcome: Outcome, now: Date): Promise<boolean> {
  if (outcome.state === 'failed' && outcome.suppress) {
    return db.transaction().execute(async (trx) => {
      const ours = await write(trx, delivery, changes(outcome, now));
      if (ours)
        await suppress(
          trx,
          {
            address: delivery.address,
            reason: outcome.reason ?? 'the address does not exist',
            source: 'smtp',
          },
          now,
        );
      return ours;
    });
  }
  if (outcome.state === 'sent') return writeSent(db, delivery, outcome.forSome ?? false, now);
  return write(db, delivery, changes(outcome, now));
}

/** How nearly all of them end; in the database, which keeps its plan. */
async function writeSent(
  db: Db,
  { id, lease_token }: Claimed,
  forSome: boolean,
  now: Date,
): Promise<boolean> {
  const { rows } = await sql<{ ours: boolean }>`
    select mark_sent(${id}, ${lease_token}, ${now}, ${forSome}) as ours`.execute(db);
  return rows[0]!.ours;
}

interface Changes {
  state?: DeliveryState;
  reason?: string | null;
  ended_at?: Date;
  due_at?: Date;
  last_error?: string | null;
  attempts?: Expression<number>;
  maybe_delivered?: Expression<number>;
}

function changes(outcome: Outcome, now: Date): Changes {
  switch (outcome.state) {
    case 'queued':
      return {
        due_at: outcome.dueAt,
        last_error: outcome.error,
        ...(outcome.maybeDelivered && { maybe_delivered: sql<number>`maybe_delivered + 1` }),
      };
    case 'released':
      return {
        attempts: sql<number>`greatest(attempts - 1, 0)`,
        ...(outcome.error !== undefined && { last_error: outcome.error }),
        ...(outcome.dueAt && { due_at: outcome.dueAt }),
      };
    default:
      return {
        state: outcome.state,
        reason: outcome.reason,
        ended_at: now,
        ...(outcome.error !== undefined && { last_error: outcome.error }),
        ...(outcome.maybeDelivered && { maybe_delivered: sql<number>`maybe_delivered + 1` }),
      };
  }
}

async function write(db: Db, delivery: Claimed, set: Changes): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('delivery')
    .set({ ...set, lease_token: null, lease_until: null })
    .where('id', '=', delivery.id)
    .where('lease_token', '=', delivery.lease_token)
    .where('state', '=', 'queued')
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}
