import { promiseState } from './promise.ts';
import { utcShort } from './times.ts';

/** A time as a view needs it: for the machine and for the reader. */
export interface Moment {
  iso: string;
  text: string;
}

/** A time shaped for `<time>`; in UTC, the visitor's own zone is added in her browser. */
export function moment(at: Date): Moment {
  return { iso: at.toISOString(), text: utcShort(at) };
}

/** A planned span of time. */
export interface Window {
  from: Moment;
  until: Moment | null;
}

/** A span shaped for reading; an end on the day of the beginning does not repeat the day. */
export function windowOf(from: Date, until: Date | null): Window {
  const sameDay = until?.toISOString().slice(0, 10) === from.toISOString().slice(0, 10);
  const end = momentOrNull(until);
  return {
    from: moment(from),
    until: end && sameDay ? { ...end, text: end.text.replace(/^.*, /, '') } : end,
  };
}

/** The same, or null where there is no time. */
export function momentOrNull(at: Date | null): Moment | null {
  return at && moment(at);
}

/** A promised next update as a page shows it. */
export interface Promised {
  overdue: boolean;
  at: Moment;
}

/** The promise for a page; null where there is none. */
export function promisedOrNull(nextUpdateAt: Date | null, now: Date): Promised | null {
  return nextUpdateAt && { overdue: promiseState(nextUpdateAt, now) === 'overdue', at: moment(nextUpdateAt) };
}
