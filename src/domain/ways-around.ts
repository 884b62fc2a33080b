import type { WorkaroundState } from './words.ts';

/** Offers of one report that may wait for staff at a time. */
export const mostOpenOffers = 3;
/** The longest offer, and the longest name to be thanked by, in characters. */
export const longestOffer = 2_000;
export const longestCredit = 60;

/** Of ways around a problem the one that helped most people stands first; of equal ones the newer. */
export function bestFirst(
  a: { helped: number; published_at: Date },
  b: { helped: number; published_at: Date },
): number {
  return b.helped - a.helped || b.published_at.getTime() - a.published_at.getTime();
}

/** Who found it, as the page says. */
export function foundByWords(credit: string | null): string {
  return `Found by ${credit ?? 'a customer'}.`;
}

/** How many it helped; empty for nobody yet. */
export function helpedWords(count: number): string {
  if (count === 0) return '';
  return count === 1 ? 'It helped one person.' : `It helped ${count.toLocaleString('en')} people.`;
}

/** What became of her offer, to her. */
export function becameWords(state: WorkaroundState, credit: string | null): string {
  return became[state](credit);
}

const became: Record<WorkaroundState, (credit: string | null) => string> = {
  offered: () => 'A person will read it. Until then only you and our people see it.',
  published: (credit) =>
    credit
      ? `It stands on the page now, with thanks to ${credit}. Thank you for helping the others.`
      : 'It stands on the page now. Thank you for helping the others.',
  declined: () =>
    'We read it, and did not put it on the page: it may not do for everybody. Thank you for telling us how you do it.',
  withdrawn: () => 'It stood on the page for a time, and we have taken it off again. Thank you for it.',
};
