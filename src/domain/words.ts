import type { Condition } from './affected.ts';
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

/** What a delivery tells; `component` and `hook_test` only ever go to programs. */
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
  'opened',
  'reminder',
  'confirm',
  'component',
  'hook_test',
  'hook_paused',
  'nudge',
  'right',
  'reopened',
  'returned',
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
  'affected',
  'fixed_for',
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
  /** Whom the fix reaches at first; null or missing: everybody. */
  fixed_for?: Condition[] | null;
}

/** `left` hears nothing, and is kept as the proof that she left. */
export const subscriberStates = ['unconfirmed', 'active', 'paused', 'left'] as const;
export type SubscriberState = (typeof subscriberStates)[number];

/** What a subscriber hears of by herself; issues that she follows one by one come on top. */
export const hearings = ['everything', 'components', 'issues'] as const;
export type Hears = (typeof hearings)[number];

/** The steps that prove what somebody agreed to. */
export const consentActs = [
  'asked',
  'confirmed',
  'imported',
  'changed',
  'paused',
  'resumed',
  'left',
] as const;
export type ConsentAct = (typeof consentActs)[number];

/** In whose words we speak to a program: our own, Statuspage's, or a chat's. */
export const webhookKinds = ['candor', 'statuspage', 'slack', 'teams', 'discord'] as const;
export type WebhookKind = (typeof webhookKinds)[number];

/** What became of what a monitor said. */
export const draftStates = ['new', 'opened', 'dismissed'] as const;
export type DraftState = (typeof draftStates)[number];

/** Who said that no mail goes to an address any more. */
export const suppressionSources = ['smtp', 'bounce', 'staff', 'import'] as const;
export type SuppressionSource = (typeof suppressionSources)[number];

/** What became of a way around that a customer offered. */
export const workaroundStates = ['offered', 'published', 'declined', 'withdrawn'] as const;
export type WorkaroundState = (typeof workaroundStates)[number];
