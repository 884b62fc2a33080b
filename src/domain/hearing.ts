import type { ConsentAct, Hears, SubscriberState } from './words.ts';

/** What somebody wants to hear of: ids of components and of the issues she follows one by one. */
export interface Choices {
  hears: Hears;
  /** No known bugs and no planned work; the issues she follows come all the same. */
  incidentsOnly: boolean;
  components: string[];
  issues: string[];
}

/** The same in names. */
export interface NamedChoices extends Omit<Choices, 'components' | 'issues'> {
  parts: string[];
  /** The issues she follows one by one, with when they were over; null for what is open. */
  followed: { id: string; title: string; overSince: Date | null }[];
}

/** What she hears of when she does not say it in so many words. */
export function hearsBy(given: { components: readonly unknown[]; issues: readonly unknown[] }): Hears {
  if (given.components.length > 0) return 'components';
  return given.issues.length > 0 ? 'issues' : 'everything';
}

/** Choices by which nobody would ever hear anything; the word says what is missing, null where all is well. */
export function missingIn({ hears, components, issues }: Choices): 'components' | 'issues' | null {
  if (hears === 'components' && components.length === 0) return 'components';
  return hears === 'issues' && issues.length === 0 ? 'issues' : null;
}

export function sameChoices(a: Choices, b: Choices): boolean {
  const sorted = ({ hears, incidentsOnly, components, issues }: Choices) =>
    JSON.stringify([hears, hears !== 'issues' && incidentsOnly, [...components].sort(), [...issues].sort()]);
  return sorted(a) === sorted(b);
}

/** What somebody hears of, one sentence a line: "Everything about Editor and Payments." */
export function hearingLines(choices: NamedChoices): string[] {
  const wide = wideLine(choices);
  const lines = [
    ...(wide === null ? [] : [wide]),
    ...choices.followed.map(({ title, overSince }) =>
      overSince
        ? `Nothing more of this one, for it is over: ${title}`
        : `This one, until it is over: ${title}`,
    ),
  ];
  return lines.length > 0 ? lines : ['Nothing for now.'];
}

/** What she hears of besides single issues, as a sentence; null where that is nothing. */
export function wideLine({ hears, incidentsOnly, parts }: NamedChoices): string | null {
  if (hears === 'issues' || (hears === 'components' && parts.length === 0)) return null;
  const about = hears === 'components' ? ` about ${joined(parts)}` : '';
  return incidentsOnly
    ? `Incidents${about}, but no known bugs and no planned work.`
    : `Everything${about}: what breaks, what we know of, and what we plan.`;
}

function joined(names: string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

export const subscriberWords: Record<SubscriberState, string> = {
  active: 'hearing from us',
  paused: 'paused',
  unconfirmed: 'asked, not confirmed',
  left: 'left',
};

export const consentWords: Record<ConsentAct, string> = {
  asked: 'Somebody asked for it',
  confirmed: 'Said yes',
  imported: 'Was brought along, with consent',
  changed: 'Chose anew',
  paused: 'Paused',
  resumed: 'Went on',
  left: 'Left',
};
