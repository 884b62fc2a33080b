export const kinds = ['bug', 'incident', 'maintenance'] as const;
export const openStatuses = ['investigating', 'identified', 'monitoring'] as const;
export const maintenanceStatuses = ['scheduled', 'in_progress', 'verifying', 'completed'] as const;
export const statuses = [...openStatuses, 'resolved', ...maintenanceStatuses] as const;
/** `retracted`: it was opened by mistake. */
export const resolutions = ['fixed', 'wont_fix', 'not_reproducible', 'duplicate', 'retracted'] as const;

export type Kind = (typeof kinds)[number];
export type Status = (typeof statuses)[number];
export type Resolution = (typeof resolutions)[number];

/** Whether a status ends an issue: everyone who told us is told. */
export function isClosed(status: Status): boolean {
  return status === 'resolved' || status === 'completed';
}

/** Whether what an issue says of its components holds now: it has begun and is not over. */
export function isUnderWay(status: Status): boolean {
  return status !== 'scheduled' && !isClosed(status);
}

/** The statuses an issue of this kind can be in, in the order it goes through them. */
export function statusesOf(kind: Kind): readonly Status[] {
  return kind === 'maintenance' ? maintenanceStatuses : [...openStatuses, 'resolved'];
}

/** The status a new issue of this kind starts in when none is said. */
export function firstStatus(kind: Kind): Status {
  return kind === 'maintenance' ? 'scheduled' : 'investigating';
}

export type Step = 'open' | 'update' | 'close' | 'reopen';

/**
 * What moving an issue from one status to another means, or why it cannot be.
 * Any open status may follow any other: the truth does not only go forward.
 */
export function step(kind: Kind, from: Status, to: Status): { step: Step } | { refused: string } {
  if (!statusesOf(kind).includes(to)) {
    return { refused: `a ${kind} cannot be ${to}; it can be ${statusesOf(kind).join(', ')}` };
  }
  if (isClosed(from)) {
    return isClosed(to)
      ? { refused: `it is ${from} already; post an open status first to reopen it` }
      : { step: 'reopen' };
  }
  return { step: isClosed(to) ? 'close' : 'update' };
}
