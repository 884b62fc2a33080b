import type { ComponentStatus } from '../domain/impact.ts';
import { componentWords } from '../domain/labels.ts';
import { dayWords, durationWords } from '../domain/times.ts';
import { type Day, dayMs, percent, type Uptime } from '../domain/uptime.ts';

/** A component's last days as a drawing with its words. */
export interface Bars {
  /** The drawing: one path for all days of a kind, by the class that colours it. */
  paths: { kind: string; d: string }[];
  width: number;
  /** "99.87 % up in 90 days", or that we know nothing. */
  words: string;
  /** The same and what went wrong, for whoever does not see the drawing. */
  spoken: string;
}

/** A day on which something was wrong, or of which nothing is known. */
export interface BadDay {
  date: string;
  iso: string;
  words: string;
  lasted: string;
}

const step = 4; // pixels of a day
const height = 28;
/** The taller the worse, so that colour is not all that tells. */
const heights: Record<ComponentStatus | 'unknown', number> = {
  unknown: 2,
  operational: 10,
  under_maintenance: 14,
  degraded_performance: 18,
  partial_outage: 23,
  major_outage: 28,
};

/** Shapes the bars. */
export function barsOf(uptime: Uptime): Bars {
  const { days } = uptime;
  const drawn = new Map<keyof typeof heights, string>();
  for (const [index, { worst }] of days.entries()) {
    const kind = worst ?? 'unknown';
    drawn.set(kind, `${drawn.get(kind) ?? ''}M${index * step + 1.5} ${height}v-${heights[kind]}`);
  }
  const paths = [...drawn].map(([kind, d]) => ({ kind: kind.replaceAll('_', '-'), d }));
  const words = wordsOf(uptime);
  const bad = badDays(days);
  const told = bad.slice(0, mostSpoken).map(({ date, words: how }) => `${date}: ${how.toLowerCase()}`);
  const rest = bad.length > mostSpoken ? `, and ${bad.length - mostSpoken} more days` : '';
  const trouble = bad.length === 0 ? '' : ` ${told.join('; ')}${rest}.`;
  return { paths, width: days.length * step - 1, words, spoken: `${words}.${trouble}` };
}

const mostSpoken = 5;

function wordsOf({ days, share, knownMs }: Uptime): string {
  if (share === null) return 'No data yet';
  // A minute of an hour would be a catastrophe in per cent.
  if (knownMs < dayMs) return 'Known for less than a day, too short for a figure';
  const known = days.filter(({ worst }) => worst !== null).length;
  const wrong = days.filter(
    ({ worst }) => worst !== null && worst !== 'operational' && worst !== 'under_maintenance',
  ).length;
  const trouble = wrong === 0 ? '' : `, trouble on ${wrong === 1 ? 'one day' : `${wrong} days`}`;
  return `${percent(share)} up in ${known} days${trouble}`;
}

/** The days on which something was wrong, newest first. */
export function badDays(days: readonly Day[]): BadDay[] {
  return days
    .filter(({ worst }) => worst !== null && worst !== 'operational')
    .reverse()
    .map(({ start, worst, downMs }) => ({
      date: dayWords(start),
      iso: start.toISOString().slice(0, 10),
      words: componentWords[worst!],
      lasted: downMs === 0 ? '' : durationWords(downMs),
    }));
}
