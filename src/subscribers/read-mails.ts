import type { Db } from '../db.ts';
import type { Kind, Resolution, Status } from '../domain/lifecycle.ts';
import type { DeliveryState, Template } from '../domain/words.ts';

export interface MailSent {
  template: Template;
  issue_id: string | null;
  title: string | null;
  kind: Kind | null;
  resolution: Resolution | null;
  /** What the update said of how it stands, where the mail is of one. */
  status: Status | null;
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
    .leftJoin('issue_update', 'issue_update.id', 'delivery.update_id')
    .select([
      'delivery.template',
      'delivery.issue_id',
      'issue.title',
      'issue.kind',
      'issue.resolution',
      'issue_update.status',
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

/** A mail in words: what its subject says, and what became of it; without a mail server each is written to a file. */
export function mailWords(mail: MailSent, toFiles: boolean): { what: string; state: string } {
  const state =
    toFiles && mail.state === 'sent' ? 'put into a file (no mail server is set up)' : states[mail.state];
  return { what: whatOf(mail), state: mail.bounced_at ? 'came back' : state };
}

function whatOf({ template, kind, resolution, status }: MailSent): string {
  if (kind !== null && template === 'opened') return begins[kind];
  if (template === 'update' && status === 'in_progress') return 'Under way';
  if (kind !== null && template === 'resolved') {
    const undone = resolution === 'duplicate' || resolution === 'retracted';
    return kind === 'maintenance' && !undone ? 'Completed' : endings[resolution ?? 'fixed'];
  }
  return whats[template] ?? 'News';
}

const begins: Record<Kind, string> = {
  incident: 'Broken',
  bug: 'A bug we know of',
  maintenance: 'Planned work',
};

const endings: Record<Resolution, string> = {
  fixed: 'Fixed',
  wont_fix: 'Our decision on',
  not_reproducible: 'We could not find it',
  duplicate: 'Followed elsewhere',
  retracted: 'Taken back',
};

const whats: Partial<Record<Template, string>> = {
  opened: 'News',
  update: 'Update',
  resolved: 'Over',
  reopened: 'It came back',
  reminder: 'Planned work begins soon',
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
