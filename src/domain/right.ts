import type { Verdict } from './words.ts';

/** The answers by which we tell somebody that there is nothing to mend. */
export const toldOtherwise = ['not_a_bug', 'works_as_designed', 'not_reproducible'] as const;
export type ToldOtherwise = (typeof toldOtherwise)[number];

/** What of a report decides whether she turns out to be right. */
export interface Answered {
  verdict: Verdict | null;
  answered_at: Date | null;
  was_right_at: Date | null;
}

/** Whether linking a report to an issue says that she was right: we had told her otherwise, and have not said so since. */
export function turnsOutRight({ verdict, answered_at, was_right_at }: Answered): boolean {
  if (!toldOtherwise.some((one) => one === verdict) || answered_at === null) return false;
  return was_right_at === null || was_right_at < answered_at;
}

/** For how long back we count how often it happens, in days. */
export const rightDays = 90;

/** How often those whom we had told otherwise were right, in a sentence. */
export function howOftenWords({ answered, right }: { answered: number; right: number }): string {
  const days = `in the last ${rightDays} days`;
  if (answered === 0) return `Nobody was told that there is no fault ${days}.`;
  const of =
    answered === 1
      ? 'The one report'
      : right === answered
        ? `All ${count(answered)} reports`
        : `Of ${count(answered)} reports`;
  const told = `${of} that we answered as if there was no fault, ${days},`;
  if (answered === 1 || right === answered)
    return `${told} ${right > 0 ? '' : 'has not '}turned out to be right.`;
  return `${told} ${right === 0 ? 'none has' : count(right)} turned out to be right.`;
}

function count(reports: number): string {
  return reports.toLocaleString('en');
}
