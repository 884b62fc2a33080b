/** "21 November 2026, 19:00 UTC". */
export function utcLong(at: Date): string {
  return format(at, longMonth);
}

/** "21 Nov 2026, 19:00 UTC". */
export function utcShort(at: Date): string {
  return format(at, shortMonth);
}

/** A length of time in at most two words a person uses: "3 hours 20 minutes", "2 days", "less than a minute". */
export function durationWords(ms: number): string {
  const minutes = Math.floor(Math.max(0, ms) / 60_000);
  if (minutes === 0) return 'less than a minute';
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  return days > 0
    ? [counted(days, 'day'), counted(hours, 'hour')].filter(Boolean).join(' ')
    : [counted(hours, 'hour'), counted(minutes % 60, 'minute')].filter(Boolean).join(' ');
}

/** How long to wait, in whole minutes: "a minute", "5 minutes". */
export function waitWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

/** How near something is, in one round word or two: "24 hours", "an hour", "20 minutes". */
export function nearWords(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 50) return counted(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours === 1 ? 'an hour' : counted(hours, 'hour');
}

function counted(count: number, unit: string): string {
  if (count === 0) return '';
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

const shortMonth = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const longMonth =
  'January February March April May June July August September October November December'.split(' ');

/** "21 Nov 2026", the day in UTC. */
export function dayWords(at: Date): string {
  return dayOf(at, shortMonth);
}

/** "Nov 2026" of 2026-11. */
export function monthShort(month: string): string {
  const at = new Date(`${month}-01T00:00:00.000Z`);
  return `${shortMonth[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

function dayOf(at: Date, months: string[]): string {
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}

function format(at: Date, months: string[]): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${dayOf(at, months)}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`;
}
