import {
  type Answered,
  type Condition,
  isNotReached,
  reads,
  somethingElse,
  type TraitName,
  type Traits,
  traitNames,
} from './affected.ts';
import type { Answer } from './answers.ts';
import { isClosed, type Status } from './lifecycle.ts';
import { spanOfTime } from './spans.ts';
import { dayWords, utcShort } from './times.ts';

/** Whom it reaches, for the middle of a sentence: "with version 4.2, in Safari or Firefox, since 12 May 2026". */
export function whomWords(conditions: readonly Condition[]): string {
  return conditions.map(phrase).join(', ');
}

/** The question that finds out, as the label of a field. */
export const questionWords: Record<TraitName, string> = {
  version: 'Which version do you use?',
  browser: 'Which browser?',
  region: 'Which region?',
  plan: 'Which plan?',
  since: 'Since which day does it happen for you?',
};

const names: Record<TraitName, string> = {
  version: 'your version',
  browser: 'your browser',
  region: 'your region',
  plan: 'your plan',
  since: 'since when it happens',
};

/** What somebody uses, as she told us: "version 4.2, Safari, region EU"; empty where she did not. */
export function traitsWords(traits: Traits | null): string {
  const said = traitNames.flatMap((trait) => {
    const word = traits?.[trait];
    if (!word) return [];
    if (word === somethingElse) return `another ${trait}`;
    return trait === 'browser' ? word : trait === 'since' ? `since ${timeWords(word)}` : `${trait} ${word}`;
  });
  return said.join(', ');
}

/** How a fix stands that has not reached everybody yet; null for every other issue. */
export function rollingOut(issue: { status: Status; fixed_for: Condition[] | null }): Answer | null {
  if (issue.fixed_for === null || !isClosed(issue.status)) return null;
  return {
    short: 'It is fixed for some, and on its way to the others. It was not your fault.',
    more: `Fixed so far ${whomWords(issue.fixed_for)}. We say here when it reaches others.`,
  };
}

/** Whom it reaches, or its fix has reached so far, for a line of a list; empty where it is everybody, or not short. */
export function shortWhom(
  issue: Parameters<typeof rollingOut>[0] & { affected: Condition[] | null },
): string {
  if (rollingOut(issue)) return short(whomWords(issue.fixed_for!));
  return issue.affected && !isClosed(issue.status) ? short(`only ${whomWords(issue.affected)}`) : '';
}

function short(words: string): string {
  return words.length <= 60 ? words : '';
}

/** How a fix stands for somebody who told us of the problem. */
export interface FixSaid {
  /**
   * `everybody` has it; it has `reached` her, also `later` than others; it has not (`waits`); or we do not know whether
   * it has (`perhaps`).
   */
  for: 'everybody' | 'reached' | 'later' | 'perhaps' | 'waits';
  /** Whom it has reached so far; empty: everybody. */
  whom: string;
}

/** How a fix stands for her, by what she uses report by report, newest first; `wentOn`: it has reached more since the first word. */
export function fixSaid(fixedFor: Condition[] | null, uses: readonly Traits[], wentOn: boolean): FixSaid {
  const reached = fixedFor && uses.find((traits) => reads(fixedFor, traits).all === 'yes');
  const hers = reached || (uses[0] ?? null);
  const said = { whom: fixedFor ? whomWords(fixedFor) : '' };
  if (fixedFor === null) return { ...said, for: hers && wentOn ? 'later' : 'everybody' };
  if (reached) return { ...said, for: wentOn ? 'later' : 'reached' };
  return { ...said, for: isNotReached(fixedFor, hers) ? 'waits' : 'perhaps' };
}

/** What we answer to what she told us. */
export interface MeAnswer {
  /** `yes`: it is hers, or the fix is. */
  reading: Answered['all'];
  say: string;
  /** Why, a sentence each. */
  why: string[];
}

/** The answer to "is it me?", or, of a fix on its way, to "is it fixed for me?". It blames nobody. */
export function answerHer(
  conditions: readonly Condition[],
  traits: Traits,
  about: 'problem' | 'work' | 'fix',
): MeAnswer {
  const { all, by } = reads(conditions, traits);
  const open = by
    .filter(({ reading }) => reading === 'unknown')
    .map(({ condition }) => names[condition.trait]);
  const fits = by.some(({ reading }) => reading === 'yes');
  const why = {
    yes: [],
    no: by
      .filter(({ reading }) => reading === 'no')
      .map(({ condition, said }) => {
        const hers =
          said === somethingElse ? 'yours is another one' : `you said ${hersWords(condition.trait, said)}`;
        return about === 'fix'
          ? `${hers.charAt(0).toUpperCase()}${hers.slice(1)}.`
          : `We know it only ${phrase(condition)}, and ${hers}.`;
      }),
    unknown: [
      fits
        ? `What you told us fits. It also depends on ${list(open, 'and')}.`
        : `It depends on ${list(open, 'and')}.`,
    ],
  };
  return { reading: all, say: says[about][all], why: why[all] };
}

const cannotTell = 'We cannot tell from that.';
const says: Record<'problem' | 'work' | 'fix', Record<Answered['all'], string>> = {
  problem: {
    yes: 'Yes, this is yours. It is not your fault.',
    no: 'Probably not this one.',
    unknown: cannotTell,
  },
  work: { yes: 'Yes, this work reaches you.', no: 'No, it does not reach you.', unknown: cannotTell },
  fix: {
    yes: 'Yes, the fix has reached you.',
    no: 'Not yet. The fix has not reached you.',
    unknown: cannotTell,
  },
};

function phrase({ trait, any_of, from, before }: Condition): string {
  if (any_of) return `${wordPhrases[trait]} ${list(any_of, 'or')}`;
  if (trait === 'since') {
    if (before === undefined) return `since ${timeWords(from!)}`;
    const until = `before ${timeWords(before)}`;
    return from === undefined ? `if it began ${until}` : `if it began from ${timeWords(from)} to ${until}`;
  }
  if (before === undefined) return `with version ${from} or newer`;
  return from === undefined
    ? `with versions before ${before}`
    : `with versions from ${from} to before ${before}`;
}

const wordPhrases: Record<TraitName, string> = {
  version: 'with version',
  browser: 'in',
  region: 'in the region',
  plan: 'on the plan',
  since: 'since',
};

function hersWords(trait: TraitName, said: string): string {
  return trait === 'since' ? timeWords(said) : said;
}

/** A day alone is a day; what is no time stands as it was said. */
function timeWords(text: string): string {
  const span = spanOfTime(text);
  if (span === null) return text;
  const at = new Date(span.from![0]!);
  return text.trim().length === 10 ? dayWords(at) : utcShort(at);
}

function list(words: readonly string[], last: 'and' | 'or'): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
