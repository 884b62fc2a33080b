import { type Moment, moment } from '../domain/moment.ts';
import type { IssueDraft } from '../hearing-tables.ts';
import type { Report } from '../tables.ts';

/** What somebody, or a monitor, said, beside a form. */
export interface Said {
  text: string;
  who: string;
  at: Moment;
}

/** A report's words. */
export function said({
  message,
  name,
  email,
  created_at,
}: Pick<Report, 'message' | 'name' | 'email' | 'created_at'>): Said {
  return { text: message ?? 'Me too.', who: name ?? email ?? 'no address', at: moment(created_at) };
}

/** A monitor's words. */
export function wordsOf({ title, message, source, created_at }: IssueDraft): Said {
  return { text: [title, message].filter(Boolean).join('\n\n'), who: source, at: moment(created_at) };
}
