import { type Condition, reads, somethingElse, type TraitName, traitNames } from './affected.ts';
import { compare, spanOfTime, spanOfVersion } from './spans.ts';

export const mostConditions = traitNames.length;
export const mostWords = 20;
export const longestWord = 60;

/** What is wrong with a condition, as what it must be; null where nothing is. */
export function wrongWithCondition(condition: Condition): { path: keyof Condition; message: string } | null {
  const { trait, any_of, from, before } = condition;
  const hasRange = from !== undefined || before !== undefined;
  if (trait === 'since' && any_of) return { path: 'any_of', message: 'is not for times; say from or before' };
  if (trait !== 'since' && trait !== 'version' && hasRange) {
    return {
      path: from === undefined ? 'before' : 'from',
      message: `is for version and since; say any_of for a ${trait}`,
    };
  }
  if (any_of ? hasRange : !hasRange)
    return { path: 'any_of', message: 'must stand alone, or from or before in its place' };
  return any_of ? wrongWithWords(any_of) : wrongWithRange(trait, from, before);
}

function wrongWithWords(words: readonly string[]): ReturnType<typeof wrongWithCondition> {
  const path = 'any_of';
  const plain = words.map((word) => word.toLowerCase());
  if (plain.includes(somethingElse))
    return { path, message: `must not name “${somethingElse}”: that is what fits none of them` };
  return new Set(plain).size < plain.length ? { path, message: 'must name each only once' } : null;
}

function wrongWithRange(
  trait: TraitName,
  from: string | undefined,
  before: string | undefined,
): ReturnType<typeof wrongWithCondition> {
  const isTime = trait === 'since';
  const spanOf = isTime ? spanOfTime : spanOfVersion;
  const like = isTime ? 'a day or a time such as 2026-05-12 or 2026-05-12T14:00Z' : 'a version such as 4.2.1';
  for (const [path, bound] of [
    ['from', from],
    ['before', before],
  ] as const) {
    if (bound !== undefined && spanOf(bound) === null) return { path, message: `must be ${like}` };
  }
  if (from === undefined || before === undefined) return null;
  const isEmpty = compare(spanOf(from)!.from!, spanOf(before)!.from!) >= 0;
  return isEmpty ? { path: 'before', message: 'must come after where it begins (from)' } : null;
}

/** The same conditions with their fields in the order in which the database writes them, so that equal ones are written alike. */
export function inOrder(conditions: readonly Condition[] | null): Condition[] | null {
  return (
    conditions?.map(({ trait, any_of, from, before }) => ({
      ...(from !== undefined && { from }),
      trait,
      ...(any_of && { any_of }),
      ...(before !== undefined && { before }),
    })) ?? null
  );
}

/** One question of "is it me?": with choices, or, where it is about a range, for her to write or to date. */
export interface Question {
  trait: TraitName;
  choices: string[];
}

const mostQuestions = 3;

/**
 * What to ask whom a problem or its fix may reach: at most three, those first that are answered by one tap, and of
 * them the one with the fewest choices, since it rules out most. `also` adds choices, where the whole problem has more
 * than what its fix has reached.
 */
export function questionsOf(
  conditions: readonly Condition[],
  also: readonly Condition[] | null = null,
): Question[] {
  return conditions
    .map(({ trait, any_of }) => {
      const more = any_of ? (also?.find((one) => one.trait === trait)?.any_of ?? []) : [];
      return { trait, choices: distinct([...(any_of ?? []), ...more]) };
    })
    .sort((a, b) => (a.choices.length || rangeLast) - (b.choices.length || rangeLast))
    .slice(0, mostQuestions);
}

const rangeLast = 1_000;

function distinct(words: string[]): string[] {
  const seen = new Map(words.toReversed().map((word) => [word.toLowerCase(), word]));
  return [...seen.values()].reverse();
}

/** Since when a fix has reached somebody, of its steps, oldest first; null while it has not, or where she did not say enough. */
export function reachedAt(
  steps: readonly { at: Date; fixedFor: readonly Condition[] | null }[],
  traits: Parameters<typeof reads>[1],
): Date | null {
  return steps.find(({ fixedFor }) => fixedFor === null || reads(fixedFor, traits).all === 'yes')?.at ?? null;
}
