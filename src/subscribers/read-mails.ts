import type { Db } from '../db.ts';
import type { DeliveryState, Template } from '../domain/words.ts';

export interface MailSent {
  template: Template;
  issue_id: string | null;
  title: string | null;
  state: DeliveryState;
  created_at: Date;
  ended_at: Date | null;
  bounced_at: Date | null;
  message_id: string;
}

/** What was or will be sent to a subscriber as such, newest first. */
export function mailsTo(db: Db, subscriberId: string, most: number): Promise<MailSent[]> {
  return db
    .selectFrom('delivery')
    .leftJoin('issue', 'issue.id', 'delivery.issue_id')
    .select([
      'delivery.template',
      'delivery.issue_id',
      'issue.title',
      'delivery.state',
      'delivery.created_at',
      'delivery.ended_at',
      'delivery.bounced_at',
      'delivery.message_id',
    ])
    .where('delivery.subscriber_id', '=', subscriberId)
    .where('delivery.webhook_id', 'is', null)
    .orderBy('delivery.created_at', 'desc')
    .orderBy('delivery.id')
    .limit(most)
    .execute();
}

/** A mail in words: what it says, and what became of it. */
export function mailWords({ template, state, bounced_at }: MailSent): { what: string; state: string } {
  return {
    what: whats[template] ?? 'News',
    state: bounced_at ? 'came back' : states[state],
  };
}

const whats: Partial<Record<Template, string>> = {
  opened: 'Something new',
  update: 'An update',
  resolved: 'It is over',
  reminder: 'A reminder of planned work',
  confirm: 'The way to this page',
  hook_paused: 'A webhook of yours is paused',
};

const states: Record<DeliveryState, string> = {
  queued: 'waits to be sent',
  sent: 'taken by the mail server',
  failed: 'could not be delivered',
  suppressed: 'not sent, since no mail goes to this address',
  cancelled: 'not sent, since it was no longer wanted or true',
};
