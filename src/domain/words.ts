export const reportStates = ['new', 'linked', 'answered', 'withdrawn'] as const;
export type ReportState = (typeof reportStates)[number];

export const verdicts = ['not_a_bug', 'works_as_designed', 'need_more', 'not_reproducible'] as const;
export type Verdict = (typeof verdicts)[number];

export const deliveryStates = ['queued', 'sent', 'failed', 'suppressed', 'cancelled'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** The mails we write; each is a file in views/emails. */
export const templates = ['resolved', 'update', 'receipt', 'linked', 'answered'] as const;
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
