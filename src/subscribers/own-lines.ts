import { type NamedChoices, wideLine } from '../domain/hearing.ts';
import { type Moment, moment } from '../domain/moment.ts';

/** One sentence of what she hears of: in so many words, or about an issue that she follows. */
export type OwnLine =
  | { words: string; issue: null }
  | { words: string; issue: { href: string; title: string; over: Moment | null } };

/** What she hears of, one sentence a line, with the way to each issue; of what is over, since when. */
export function ownLines(choices: NamedChoices): OwnLine[] {
  const wide = wideLine(choices);
  const lines = [
    ...(wide === null ? [] : [{ words: wide, issue: null }]),
    ...choices.followed.map(({ id, title, overSince }) => ({
      words: overSince ? '' : 'This one, until it is over: ',
      issue: { href: `/issues/${id}`, title, over: overSince && moment(overSince) },
    })),
  ];
  return lines.length > 0 ? lines : [{ words: 'Nothing for now.', issue: null }];
}

/** Whether anything can still come of what she chose. */
export function hearsAnything(choices: NamedChoices): boolean {
  return wideLine(choices) !== null || choices.followed.some((one) => one.overSince === null);
}
