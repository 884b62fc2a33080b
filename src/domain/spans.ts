import type { Reading } from './affected.ts';

/** From a point (it counts) to before another; null: without an end. A version's point is its numbers, a time's its instant. */
export interface Span {
  from: number[] | null;
  before: number[] | null;
}

/**
 * The versions that one names: "4.2" is all from 4.2 to before 4.3, "v4.2.1-beta" what came before 4.2.1 itself. Null
 * where there is no number in it.
 */
export function spanOfVersion(text: string): Span | null {
  const [, digits, rest = ''] = /^\D*(\d{1,9}(?:\.\d{1,9}){0,9})(.*)$/s.exec(text.slice(0, 100)) ?? [];
  if (digits === undefined) return null;
  const numbers = digits.split('.').map(Number);
  const from = isEarly.test(rest) ? [...numbers, -1] : numbers;
  return { from, before: [...from.slice(0, -1), from.at(-1)! + 1] };
}

/** The day or the moment that a text names, in UTC unless it says otherwise; null where it names none. */
export function spanOfTime(text: string): Span | null {
  const [, day, time, zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?) ?(Z|UTC|[+-]\d\d:\d\d)?)?$/i.exec(
      text.trim(),
    ) ?? [];
  if (day === undefined) return null;
  const from = new Date(`${day}T${time ?? '00:00'}${zone.toUpperCase() === 'UTC' ? 'Z' : zone}`).getTime();
  if (Number.isNaN(from)) return null;
  const length = time === undefined ? 86_400_000 : time.length === 5 ? 60_000 : 1;
  return { from: [from], before: [from + length] };
}

/** Whether all of `inner` lies within `outer`, none of it does, or some ("unknown"). */
export function within(outer: Span, inner: Span): Reading {
  const begins = outer.from === null || (inner.from !== null && compare(inner.from, outer.from) >= 0);
  const ends = outer.before === null || (inner.before !== null && compare(inner.before, outer.before) <= 0);
  if (begins && ends) return 'yes';
  const isApart = startsAt(inner, outer.before) || startsAt(outer, inner.before);
  return isApart ? 'no' : 'unknown';
}

/** Below zero where `a` comes first; what is not said counts as 0. */
export function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const isEarly = /^[-._ ~]{0,2}(?:alpha|beta|rc|pre|preview|dev|snapshot|nightly|canary|a|b)(?![a-z])/i;

function startsAt(span: Span, point: number[] | null): boolean {
  return span.from !== null && point !== null && compare(span.from, point) >= 0;
}
