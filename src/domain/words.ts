import type { Resolution } from './lifecycle.ts';

export const reportStates = ['new', 'linked', 'answered', 'withdrawn', 'spam'] as const;
export type ReportState = (typeof reportStates)[number];

/** `explained`: neither a fault nor a judgement, she asked and we say how. */
export const verdicts = [
  'explained',
  'not_a_bug',
  'works_as_designed',
  'need_more',
  'not_reproducible',
] as const;
export type Verdict = (typeof verdicts)[number];

export const deliveryStates = ['queued', 'sent', 'failed', 'suppressed', 'cancelled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** The mails we write; each is a file in views/emails. */
export const templates = [
  'resolved',
  'update',
  'receipt',
  'linked',
  'answered',
  'merged',
  'split',
  'invited',
  'rehearsal',
] as const;
export type Template = (typeof templates)[number];

/** What of an issue was said in public, so that a change of it is kept and shown. */
export const editableFields = [
  'message',
  'title',
  'workaround',
  'impact',
  'started_at',
  'next_update_at',
  'scheduled_for',
  'scheduled_until',
] as const;
export type EditableField = (typeof editableFields)[number];

/** What staff may do, each more than the one before: see, speak, rule. */
export const roles = ['reader', 'support', 'owner'] as const;
export type Role = (typeof roles)[number];

/** What staff do with reports in one step, and can take back for a while. */
export const deedKinds = ['link', 'acknowledge', 'answer', 'spam'] as const;
export type DeedKind = (typeof deedKinds)[number];

export const staffLinkPurposes = ['first', 'invitation', 'password'] as const;
export type StaffLinkPurpose = (typeof staffLinkPurposes)[number];

/** The word that an issue is over, not yet said: what a mail to oneself shows. */
export interface Draft {
  message: string;
  resolution: Resolution;
}
