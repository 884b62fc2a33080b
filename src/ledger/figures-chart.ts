import { monthShort } from '../domain/times.ts';

/** What stands for one row of a chart's figures: told apart by shape, whatever the colours. */
export type Look = 'solid' | 'hollow' | 'slim' | 'thin';

export interface Series {
  look: Look;
  /** What it shows, as its key and its figures are read: "Kept". */
  name: string;
  /** One a month, oldest first; null: there is none. */
  values: (number | null)[];
}

/** Bars month by month, with the same in words. */
export interface Chart {
  paths: { look: Look; d: string }[];
  width: number;
  height: number;
  key: { look: Look; d: string; name: string }[];
  /** The value of the highest bar, in words. */
  top: string;
  from: string;
  to: string;
  /** For whoever does not see the drawing; the table beside it says it all. */
  spoken: string;
}

const month = 30; // units of a month's place
const height = 100;
const places: Record<Look, { at: number; wide: number }> = {
  hollow: { at: 3, wide: 24 },
  solid: { at: 7, wide: 16 },
  slim: { at: 1, wide: 5 },
  thin: { at: 22, wide: 5 },
};

/** Draws the figures of at least two months, oldest first; null where there is nothing to draw. */
export function chartOf(
  title: string,
  months: readonly string[],
  series: readonly Series[],
  words: (value: number) => string,
): Chart | null {
  const most = Math.max(...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  if (months.length < 2 || most === 0) return null;
  const paths = series.map(({ look, values }) => ({
    look,
    d: values
      .map((value, index) => (value ? bar(look, index * month, (value / most) * height) : ''))
      .join(''),
  }));
  const [from, to] = [monthShort(months[0]!), monthShort(months.at(-1)!)];
  return {
    paths: paths.filter(({ d }) => d !== ''),
    width: months.length * month,
    height,
    key: series.map(({ look, name }) => ({ look, name, d: bar(look, 0, height) })),
    top: words(most),
    from,
    to,
    spoken: `${title}, month by month from ${from} to ${to}. ${series.map((one) => range(one, months, words)).join(' ')}`,
  };
}

function bar(look: Look, left: number, tall: number): string {
  const { at, wide } = places[look];
  const high = Math.max(2, Math.round(tall * 10) / 10); // what there was at all is seen
  return `M${left + at} ${height}v-${high}h${wide}v${high}z`;
}

/** "Kept: from 3 (Jan 2026) to 12 (Nov 2026)." */
function range(
  { name, values }: Series,
  months: readonly string[],
  words: (value: number) => string,
): string {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
  if (known.length === 0) return `${name}: none.`;
  const least = known.reduce((a, b) => (b.value < a.value ? b : a));
  const most = known.reduce((a, b) => (b.value > a.value ? b : a));
  if (least.value === most.value) return `${name}: ${words(most.value)}.`;
  const say = ({ value, index }: { value: number; index: number }) =>
    `${words(value)} (${monthShort(months[index]!)})`;
  return `${name}: from ${say(least)} to ${say(most)}.`;
}
