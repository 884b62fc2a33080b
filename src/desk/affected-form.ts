import { conditions as conditionsSchema } from '../api/conditions.ts';
import { type Condition, type TraitName, traitNames } from '../domain/affected.ts';
import { lineOf, readLine } from '../domain/affected-text.ts';
import { typedLine } from './fields.ts';
import type { Fields } from './route.ts';

/** The fields that say whom a problem, or its fix, reaches: views/desk/partials/affected-fields.eta. */
export interface AffectedForm {
  legend: string;
  hint: string;
  fields: { name: string; label: string; hint: string; value: string; error: string }[];
  /** Something stands in it. */
  open: boolean;
}

/** What was typed, a line each. */
export type TypedLines = Record<TraitName, string>;

/** Which of the two: the prefix of the form's fields. */
export type About = 'affected' | 'fixed_for';

/** The lines of a form; undefined where it has none of these fields. */
export function typedLines(fields: Fields, about: About): TypedLines | undefined {
  if (traitNames.every((trait) => fields[`${about}_${trait}`] === undefined)) return undefined;
  return linesBy((trait) => typedLine(fields, `${about}_${trait}`));
}

/** Conditions as lines; all empty for everybody. */
export function linesOf(conditions: readonly Condition[] | null): TypedLines {
  return linesBy((trait) => {
    const one = conditions?.find((condition) => condition.trait === trait);
    return one ? lineOf(one) : '';
  });
}

/** What the lines say, null for everybody; or what is wrong, by field. A line that stands as it stood says what it said. */
export function readLines(
  typed: TypedLines,
  about: About,
  stood: readonly Condition[] | null = null,
): { conditions: Condition[] | null } | { errors: Record<string, string> } {
  const errors: Record<string, string> = {};
  const found = traitNames.flatMap((trait) => {
    const before = stood?.find((condition) => condition.trait === trait);
    if (before && lineOf(before) === typed[trait]) return [before];
    const read = readLine(trait, typed[trait]);
    const wrong = read === null ? '' : 'error' in read ? read.error : wrongWith(read);
    if (wrong) errors[`${about}_${trait}`] = wrong;
    return read === null || 'error' in read ? [] : [read];
  });
  if (Object.keys(errors).length > 0) return { errors };
  return { conditions: found.length > 0 ? conditionsSchema.parse(found) : null };
}

/** The form with what was typed and what is wrong. */
export function affectedForm(
  typed: TypedLines,
  about: About,
  errors: Record<string, string> = {},
): AffectedForm {
  const fields = traitNames.map((trait) => ({
    name: `${about}_${trait}`,
    ...labels[trait],
    value: typed[trait],
    error: errors[`${about}_${trait}`] ?? '',
  }));
  return { ...legends[about], fields, open: fields.some(({ value, error }) => value !== '' || error !== '') };
}

const legends: Record<About, { legend: string; hint: string }> = {
  affected: {
    legend: 'Whom does it reach?',
    hint: 'Leave it empty: everybody. Otherwise whoever fits every line you fill in. The page asks these questions and says “yes, this is yours” or “probably not”.',
  },
  fixed_for: {
    legend: 'It reaches at first only …',
    hint: 'Leave it empty: everybody has the fix. Otherwise whoever fits every line you fill in; who told us that she uses something else is mailed when it reaches her.',
  },
};

const labels: Record<TraitName, { label: string; hint: string }> = {
  version: { label: 'Version', hint: '“4.1, 4.2”, “4.0 to before 4.3” or “4.2 or newer”' },
  browser: { label: 'Browser', hint: 'Safari, Firefox' },
  region: { label: 'Region', hint: 'EU, US' },
  plan: { label: 'Plan', hint: 'Pro, Team' },
  since: { label: 'Since (UTC)', hint: '“2026-05-12”, or “2026-05-12 14:00 to before 2026-05-14”' },
};

function linesBy(line: (trait: TraitName) => string): TypedLines {
  return Object.fromEntries(traitNames.map((trait) => [trait, line(trait)])) as TypedLines;
}

function wrongWith(condition: Condition): string {
  const read = conditionsSchema.safeParse([condition]);
  return read.success ? '' : `This ${read.error.issues[0]!.message}.`;
}
