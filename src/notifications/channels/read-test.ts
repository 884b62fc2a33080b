import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../db.ts';
import type { DeliveryState } from '../../domain/words.ts';

const patienceMs = 6_500;

/**
 * What came of a test, in a sentence; waits for it a few seconds if it was pressed just now. Empty where there is no
 * such test of this webhook.
 */
export async function readTest(
  db: Db,
  { id: webhookId, name }: { id: string; name: string },
  test: string,
  now: Date,
): Promise<string> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(test)) return '';
  const until = performance.now() + patienceMs;
  for (;;) {
    const row = await db
      .selectFrom('delivery')
      .select(['state', 'reason', 'created_at'])
      .where('id', '=', test)
      .where('webhook_id', '=', webhookId)
      .where('template', '=', 'hook_test')
      .executeTakeFirst();
    if (!row) return '';
    const fresh = Math.abs(now.getTime() - row.created_at.getTime()) < 2 * patienceMs;
    if (row.state !== 'queued' || !fresh || performance.now() > until) return sentence(row, name);
    await sleep(150);
  }
}

function sentence({ state, reason }: { state: DeliveryState; reason: string | null }, name: string): string {
  if (state === 'sent') return `The test to “${name}” arrived.`;
  if (state === 'queued') return `The test to “${name}” is on its way. Load this page again in a moment.`;
  return `The test to “${name}” did not arrive: ${reason ?? 'nobody knows why'}.`;
}
