import { type Span, spanOfTime, spanOfVersion, within } from './spans.ts';

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

/** What she says when none of the choices is hers; it fits no condition. */
export const somethingElse = 'something else';

export type Reading = 'yes' | 'no' | 'unknown';

/** Whether somebody is among those whom all of it reaches, and how each condition came out. */
export interface Answered {
  all: Reading;
  by: { condition: Condition; said: string; reading: Reading }[];
}

/**
 * Holds what somebody uses against conditions: "yes" only where she fits all of them, "no" as soon as she does not fit
 * one. What she did not say, or said too roughly to tell ("4" where it is about 4.2), is unknown.
 */
export function reads(conditions: readonly Condition[], traits: Traits): Answered {
  const by = conditions.map((condition) => {
    const said = traits[condition.trait] ?? '';
    return { condition, said, reading: readOne(condition, said) };
  });
  const found = by.map(({ reading }) => reading);
  return { all: found.includes('no') ? 'no' : found.includes('unknown') ? 'unknown' : 'yes', by };
}

/** Whether a fix waits for somebody: she told us what she uses, and by that it has not reached her. Null: everybody has it. */
export function isNotReached(fixedFor: readonly Condition[] | null, traits: Traits | null): boolean {
  return fixedFor !== null && traits !== null && reads(fixedFor, traits).all === 'no';
}

/** Whether everybody whom `before` reached is surely reached by `after` too. Null: everybody. */
export function reachesAsFar(
  after: readonly Condition[] | null,
  before: readonly Condition[] | null,
): boolean {
  if (after === null) return true;
  return (
    before !== null &&
    after.every((outer) => before.some((inner) => inner.trait === outer.trait && isPartOf(inner, outer)))
  );
}

function readOne(condition: Condition, said: string): Reading {
  const word = plain(said);
  if (word === '') return 'unknown';
  if (word === somethingElse) return 'no';
  const hers = areaOf(condition.trait, said);
  if (hers === null) return 'unknown';
  const found = areasOf(condition).map((area) => readArea(area, hers));
  return found.includes('yes') ? 'yes' : found.includes('unknown') ? 'unknown' : 'no';
}

function isPartOf(inner: Condition, outer: Condition): boolean {
  const all = areasOf(outer);
  return areasOf(inner).every((one) => all.some((area) => readArea(area, one) === 'yes'));
}

/** A name and, where it has versions or times, which of them. */
interface Area {
  name: string;
  span: Span;
}

const every: Span = { from: null, before: null };

function readArea(area: Area, hers: Area): Reading {
  if (area.name === hers.name) return within(area.span, hers.span);
  // A version that is a number and one that has a name may be the same one.
  return area.name === '' || hers.name === '' ? 'unknown' : 'no';
}

function areasOf({ trait, any_of, from, before }: Condition): Area[] {
  if (any_of) return any_of.flatMap((word) => areaOf(trait, word) ?? []);
  const spanOf = trait === 'since' ? spanOfTime : spanOfVersion;
  const begin = (bound: string | undefined) => (bound === undefined ? null : (spanOf(bound)?.from ?? null));
  return [{ name: '', span: { from: begin(from), before: begin(before) } }];
}

/** What one word names; null for a time that is none. */
function areaOf(trait: TraitName, said: string): Area | null {
  switch (trait) {
    case 'since': {
      const span = spanOfTime(said);
      return span && { name: '', span };
    }
    case 'version': {
      const span = spanOfVersion(said);
      return span ? { name: '', span } : { name: plain(said), span: every };
    }
    case 'browser':
      return browserOf(said);
    default:
      return { name: plain(said), span: every };
  }
}

const aliases: Record<string, string[]> = {
  chrome: ['google chrome', 'chromium'],
  edge: ['microsoft edge', 'ms edge'],
  firefox: ['mozilla firefox', 'mozilla', 'ff'],
  safari: ['apple safari', 'mobile safari', 'ios safari', 'safari mobile'],
  'internet explorer': ['ie', 'msie', 'microsoft internet explorer'],
  'samsung internet': ['samsung browser', 'samsung'],
};
const browserNames = new Map(Object.entries(aliases).flatMap(([name, all]) => all.map((one) => [one, name])));

/** "Google Chrome 120" is Chrome from 120 to before 121. */
function browserOf(said: string): Area {
  const [, name = '', version] = /^(.*?)[\s/]*(?:\bv\.?\s*)?(\d[\d.]*)?$/.exec(plain(said)) ?? [];
  return {
    name: browserNames.get(name) ?? name,
    span: (version !== undefined && spanOfVersion(version)) || every,
  };
}

function plain(words: string): string {
  return words.normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase();
}
