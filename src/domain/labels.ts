import type { ComponentStatus, Impact } from './impact.ts';
import { isClosed, type Kind, type Resolution, type Status } from './lifecycle.ts';

/** What of an issue decides how it is called. */
export interface Standing {
  kind: Kind;
  status: Status;
  resolution: Resolution | null;
  /** Whom the fix has reached so far; null or missing: everybody. */
  fixed_for?: unknown;
}

/** The drawn sign beside a state; it never stands without its words. */
export type Mark = 'broken' | 'known' | 'planned' | 'working' | 'fixed' | 'closed';

export const kindWords: Record<Kind, string> = {
  bug: 'Bug',
  incident: 'Incident',
  maintenance: 'Planned work',
};

export const impactWords: Record<Impact, string> = {
  none: 'no impact',
  minor: 'small',
  major: 'serious',
  critical: 'very serious',
};

export const componentWords: Record<ComponentStatus, string> = {
  operational: 'Working',
  under_maintenance: 'Being worked on',
  degraded_performance: 'Slow or unreliable',
  partial_outage: 'Partly down',
  major_outage: 'Down',
};

const openWords: Partial<Record<Status, string>> = {
  investigating: 'We are looking into it',
  identified: 'We found the cause',
  monitoring: 'A fix is in, we are watching it',
  scheduled: 'Planned',
  in_progress: 'Under way',
  verifying: 'Done, we are checking it',
  completed: 'Done',
};

const resolutionWords: Record<Resolution, string> = {
  fixed: 'Fixed',
  wont_fix: 'Closed: we will not change it',
  not_reproducible: 'Closed: we could not make it happen',
  duplicate: 'Closed: the same as another one',
  retracted: 'Taken back: we had opened it by mistake',
};

/** How an issue stands, in words a person would say. */
export function standingWords({ status, resolution, fixed_for }: Standing): string {
  if (isClosed(status) && fixed_for) return 'Fixed for some so far';
  if (resolution === 'duplicate' || resolution === 'retracted') return resolutionWords[resolution];
  return openWords[status] ?? resolutionWords[resolution ?? 'fixed'];
}

/** A status alone, as an update names it. */
export function statusWords(status: Status): string {
  return openWords[status] ?? 'Closed';
}

/** The sign for how an issue stands. */
export function markOf({ kind, status, resolution }: Standing): Mark {
  if (isClosed(status)) return resolution === null || resolution === 'fixed' ? 'fixed' : 'closed';
  if (kind === 'maintenance') return status === 'scheduled' ? 'planned' : 'working';
  return kind === 'incident' ? 'broken' : 'known';
}

/** The sign for how a part of the service stands. */
export function componentMark(status: ComponentStatus): Mark {
  if (status === 'operational') return 'fixed';
  if (status === 'under_maintenance') return 'working';
  return status === 'degraded_performance' ? 'known' : 'broken';
}

/** "One person told us.", "14 people told us." */
export function peopleWords(count: number): string {
  if (count === 0) return 'Nobody has told us here yet';
  return count === 1 ? 'One person told us' : `${count.toLocaleString('en')} people told us`;
}
