import type { Figures, Times } from '../domain/figures.ts';
import { type FigureName, figureTitles } from '../domain/figures-words.ts';
import { durationWords, monthShort } from '../domain/times.ts';
import { type Chart, chartOf, type Series } from './figures-chart.ts';

/** One figure as the page shows it. */
export interface Lines {
  /** What it comes to since the ledger began, in a sentence. */
  inAll: string;
  /** On how much that stands, and what else there is to say of it; empty: nothing. */
  standsOn: string;
  chart: Chart | null;
  heads: string[];
  /** Newest first; one cell: nothing to count in that month. */
  rows: { month: string; iso: string; cells: string[] }[];
}

type Month = { month: string } & Figures;

/** Months newest first. */
export function linesOf(name: FigureName, months: readonly Month[], all: Figures): Lines {
  const { inAll, standsOn = () => '', columns, nothing } = looks[name];
  const isEmpty = columns.every(({ of }) => !of(all));
  const oldestFirst = [...months].reverse();
  const [{ words }] = columns as [Column];
  const series: Series[] = columns.flatMap(({ look, head, of }) =>
    look ? [{ look, name: head, values: oldestFirst.map(of) }] : [],
  );
  return {
    inAll: isEmpty ? nothing.ever : inAll(all),
    standsOn: isEmpty ? '' : standsOn(all),
    chart: chartOf(
      figureTitles[name],
      oldestFirst.map(({ month }) => month),
      series,
      words,
    ),
    heads: columns.map(({ head }) => head),
    rows: months.map((one) => ({
      month: monthShort(one.month),
      iso: one.month,
      cells: columns.some(({ of }) => of(one))
        ? columns.map(({ of, words: say }) => (of(one) === null ? '–' : say(of(one)!)))
        : [nothing.inMonth],
    })),
  };
}

interface Column {
  head: string;
  of: (figures: Figures) => number | null;
  words: (value: number) => string;
  /** How the chart draws it; without one it stands in the table alone. */
  look?: Series['look'];
}

interface Look {
  inAll: (all: Figures) => string;
  standsOn?: (all: Figures) => string;
  columns: Column[];
  nothing: { ever: string; inMonth: string };
}

const number = (value: number) => value.toLocaleString('en');
const length = (seconds: number) => durationWords(seconds * 1000);
const some = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;

function times(of: (figures: Figures) => Times): Column[] {
  return [
    { head: 'Half within', of: (all) => of(all).median_seconds, words: length, look: 'solid' },
    { head: 'Nine of ten within', of: (all) => of(all).slowest_tenth_seconds, words: length, look: 'hollow' },
    { head: 'Issues', of: (all) => of(all).count || null, words: number },
  ];
}

function counts(
  columns: [head: string, look: Series['look'] | null, of: (figures: Figures) => number][],
): Column[] {
  return columns.map(([head, look, of]) => ({ head, of, words: number, ...(look && { look }) }));
}

/** The same for each of the times. */
function timed(of: (figures: Figures) => Times): Look {
  return {
    inAll: (all) => {
      const { count, median_seconds, slowest_tenth_seconds } = of(all);
      if (count === 0) return noIssue.ever;
      if (count === 1) return `${sentence(length(median_seconds!))}.`;
      return `Half within ${length(median_seconds!)}, nine of ten within ${length(slowest_tenth_seconds!)}.`;
    },
    standsOn: (all) => `${some(of(all).count, 'issue', 'issues')}.`,
    columns: times(of),
    nothing: noIssue,
  };
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const noIssue = { ever: 'No issue yet.', inMonth: 'no issue this month' };

const looks: Record<FigureName, Look> = {
  acknowledged: {
    ...timed((all) => all.acknowledged),
    inAll: (all) =>
      all.acknowledged.count === 0
        ? 'No issue yet that somebody told us of first.'
        : timed((one) => one.acknowledged).inAll(all),
    standsOn: ({ acknowledged: { count, known_before } }) =>
      [
        ...(count > 0 ? [`${some(count, 'issue', 'issues')}.`] : []),
        ...(known_before > 0
          ? [`Not counted: ${number(known_before)} that had been public before the first report.`]
          : []),
      ].join(' '),
    columns: [
      ...times((all) => all.acknowledged),
      ...counts([['Known before', null, (all) => all.acknowledged.known_before]]),
    ],
  },
  first_update: timed((all) => all.first_update),
  fixed: timed((all) => all.fixed),
  told: timed((all) => all.told),
  promises: {
    inAll: ({ promises: { made, kept, broken } }) =>
      `Of ${some(made, 'promise', 'promises')} we kept ${number(kept)} and broke ${number(broken)}.`,
    standsOn: ({ promises: { moved } }) => `${number(moved)} we moved before they ran out.`,
    columns: counts([
      ['Kept', 'solid', (all) => all.promises.kept],
      ['Moved', 'slim', (all) => all.promises.moved],
      ['Broken', 'thin', (all) => all.promises.broken],
    ]),
    nothing: { ever: 'No promise yet.', inMonth: 'no promise this month' },
  },
  fixes: {
    inAll: ({ fixes: { answered, work } }) =>
      answered === 0
        ? 'Nobody has answered yet whether they work.'
        : `${number(work)} of ${some(answered, 'answer says', 'answers say')} that it works.`,
    standsOn: ({ fixes: { fixed, came_back } }) =>
      `${some(fixed, 'fix', 'fixes')}. ${came_back === 0 ? 'None came back.' : `${number(came_back)} came back.`}`,
    columns: counts([
      ['Fixes', 'solid', (all) => all.fixes.fixed],
      ['Answers', null, (all) => all.fixes.answered],
      ['“It works”', null, (all) => all.fixes.work],
      ['Came back', 'thin', (all) => all.fixes.came_back],
    ]),
    nothing: { ever: 'No fix yet.', inMonth: 'no fix this month' },
  },
  people: {
    inAll: ({ people: { told_us, told } }) =>
      `${some(told_us, 'person', 'people')} told us of what we then fixed, and ${number(told)} were mailed that it is.`,
    standsOn: ({ people: { could_not_be_told, left_no_address } }) =>
      `${number(could_not_be_told)} could not be told, and ${number(left_no_address)} had left no address.`,
    columns: counts([
      ['Told us', 'hollow', (all) => all.people.told_us],
      ['Were told', 'solid', (all) => all.people.told],
      ['Could not be', 'thin', (all) => all.people.could_not_be_told],
      ['Left no address', null, (all) => all.people.left_no_address],
    ]),
    nothing: { ever: 'Nobody yet.', inMonth: 'nobody this month' },
  },
  answers: {
    inAll: (all) =>
      `We said so to ${some(answersOf(all, 'given'), 'report', 'reports')}, and ${number(answersOf(all, 'were_right'))} turned out to be right.`,
    standsOn: ({ answers: { not_a_bug, works_as_designed, not_reproducible } }) =>
      `“Not a bug” ${number(not_a_bug.given)}, “works as designed” ${number(works_as_designed.given)}, “cannot reproduce” ${number(not_reproducible.given)}. Whoever was right was told so, by mail if they left an address, and on a page of their own.`,
    columns: counts([
      ['Said so', 'solid', (all) => answersOf(all, 'given')],
      ['Were right', 'thin', (all) => answersOf(all, 'were_right')],
    ]),
    nothing: { ever: 'Not once yet.', inMonth: 'not once this month' },
  },
};

function answersOf({ answers }: Figures, what: 'given' | 'were_right'): number {
  return Object.values(answers).reduce((sum, one) => sum + one[what], 0);
}
