import { type ComponentStatus, componentStatuses, worstStatus } from './impact.ts';

/** A time in which a component stood so. */
export interface Span {
  from: Date;
  until: Date;
  status: ComponentStatus;
}

/** One day, in UTC. */
export interface Day {
  start: Date;
  /** The worst of the day; null where we know nothing of it. */
  worst: ComponentStatus | null;
  /** Milliseconds in which it was partly or wholly down. */
  downMs: number;
}

export interface Uptime {
  /** Oldest first; the last one is today. */
  days: Day[];
  /**
   * The share of the time we know of in which it was neither partly nor wholly down, from 0 to 1; null where we know
   * of none. Slowness and planned work do not count against it.
   */
  share: number | null;
  /** Milliseconds of the time we know of. */
  knownMs: number;
}

export const dayMs = 86_400_000;
const downStates: readonly ComponentStatus[] = ['partial_outage', 'major_outage'];

/**
 * A component's last days from what was recorded of it, up to `now`. Spans may overlap: the worst of an instant
 * counts, and no instant twice. Of what was before `knownSince` nothing is claimed.
 */
export function uptimeOf(spans: readonly Span[], knownSince: Date, days: number, now: Date): Uptime {
  const today = Math.floor(now.getTime() / dayMs) * dayMs;
  const list = Array.from({ length: days }, (_, index) => {
    const start = today - (days - 1 - index) * dayMs;
    return dayOf(spans, start, Math.max(start, knownSince.getTime()), Math.min(start + dayMs, now.getTime()));
  });
  const known = now.getTime() - Math.max(today - (days - 1) * dayMs, knownSince.getTime());
  const down = list.reduce((sum, day) => sum + day.downMs, 0);
  return { days: list, share: known > 0 ? (known - down) / known : null, knownMs: Math.max(0, known) };
}

function dayOf(spans: readonly Span[], start: number, from: number, until: number): Day {
  if (from >= until) return { start: new Date(start), worst: null, downMs: 0 };
  const inside = spans
    .map((span) => ({
      from: Math.max(span.from.getTime(), from),
      until: Math.min(span.until.getTime(), until),
      status: span.status,
    }))
    .filter((span) => span.from < span.until);
  const down = inside.filter(({ status }) => downStates.includes(status));
  return {
    start: new Date(start),
    worst: worstStatus(inside.map(({ status }) => status)),
    downMs: lengthOf(down),
  };
}

/** How long any of these spans lasts, an overlap counted once. */
function lengthOf(spans: readonly { from: number; until: number }[]): number {
  let length = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const { from, until } of spans.toSorted((a, b) => a.from - b.from)) {
    if (until <= reached) continue;
    length += until - Math.max(from, reached);
    reached = until;
  }
  return length;
}

/** A share as a percentage that never rounds trouble away: "100 %" only where there was none. */
export function percent(share: number): string {
  const digits = share >= 0.99 ? 2 : 1;
  const floored = Math.floor(share * 100 * 10 ** digits) / 10 ** digits;
  return share === 1 ? '100 %' : `${floored.toFixed(digits)} %`;
}

/** One change of a component's state: by an issue, or by staff where `issue` is null. Oldest first. */
export interface StateChange {
  status: ComponentStatus;
  at: Date;
  issue: { id: string; startedAt: Date; endedAt: Date | null; planned: boolean; begunAt: Date | null } | null;
}

/**
 * The times in which a component did not work, from the changes recorded of it. What an issue says first counts from
 * when the issue began, also where that was corrected later; planned work from when it was begun; the last thing it
 * said until it was over. What staff set lasts until they set something else.
 */
export function spansOf(changes: readonly StateChange[], now: Date): Span[] {
  const bySource = new Map<string, StateChange[]>();
  for (const change of changes) {
    const source = change.issue?.id ?? 'staff';
    bySource.set(source, [...(bySource.get(source) ?? []), change]);
  }
  return [...bySource.values()].flatMap((own) =>
    own.flatMap((change, index): Span[] => {
      const from = index === 0 ? firstOf(change) : change.at;
      const until = own[index + 1]?.at ?? change.issue?.endedAt ?? now;
      if (from === null || from >= until || change.status === componentStatuses[0]) return [];
      return [{ from, until, status: change.status }];
    }),
  );
}

function firstOf({ issue, at }: StateChange): Date | null {
  if (issue === null) return at;
  return issue.planned ? issue.begunAt : issue.startedAt;
}
