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

/** The same, or null where there is no time. */
export function momentOrNull(at: Date | null): Moment | null {
  return at && moment(at);
}
