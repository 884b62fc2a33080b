import type { Db } from '../../db.ts';
import type { DeliveryState, Template } from '../../domain/words.ts';

/** A message to a webhook, as its owner sees it. */
export interface HookMessage {
  what: string;
  /** The title of the issue, or the name of the component. */
  about: string;
  outcome: string;
  attempts: number;
  owed_at: Date;
  ended_at: Date | null;
}

/** What was or will be sent to a webhook, newest first. */
export async function lastMessages(db: Db, webhookId: string, most: number): Promise<HookMessage[]> {
  const rows = await db
    .selectFrom('delivery as d')
    .leftJoin('issue', 'issue.id', 'd.issue_id')
    .leftJoin('component_change as change', 'change.id', 'd.component_change_id')
    .leftJoin('component', 'component.id', 'change.component_id')
    .select(['d.template', 'd.state', 'd.reason', 'd.last_error', 'd.attempts', 'd.created_at', 'd.ended_at'])
    .select(['issue.title', 'component.name'])
    .where('d.webhook_id', '=', webhookId)
    .orderBy('d.created_at', 'desc')
    .orderBy('d.id')
    .limit(most)
    .execute();
  return rows.map((row) => ({
    what: whats[row.template] ?? 'News',
    about: row.name ?? row.title ?? '',
    outcome: outcomeOf(row),
    attempts: row.attempts,
    owed_at: row.created_at,
    ended_at: row.ended_at,
  }));
}

const whats: Partial<Record<Template, string>> = {
  opened: 'Something new',
  update: 'An update',
  resolved: 'It is over',
  reminder: 'A reminder of planned work',
  reopened: 'It came back',
  nudge: 'A reminder of a promise',
  component: 'A component changed',
  hook_test: 'A test',
};

interface Ending {
  state: DeliveryState;
  reason: string | null;
  last_error: string | null;
}

function outcomeOf({ state, reason, last_error }: Ending): string {
  if (state === 'sent') return 'arrived';
  if (state === 'queued') return last_error ? `waits to be tried again: ${last_error}` : 'waits to be sent';
  return state === 'failed' ? `did not arrive: ${reason}` : `not sent: ${reason}`;
}
