/** By what a problem, or its fix, can reach some people and not others. */
export const traitNames = ['version', 'browser', 'region', 'plan', 'since'] as const;
export type TraitName = (typeof traitNames)[number];

/**
 * One condition of "whom it reaches": any of some words, or a range of versions or times (`from` counts, `before` does
 * not). Whoever fits all conditions of an issue is reached; an issue without any reaches everybody.
 */
export interface Condition {
  trait: TraitName;
  any_of?: string[];
  from?: string;
  before?: string;
}

/** What one person uses, in her words, as far as she told us. */
export type Traits = Partial<Record<TraitName, string>>;
