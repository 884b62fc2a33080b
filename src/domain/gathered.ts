import { headlineOf } from './alike.ts';
import { excerpt } from './text.ts';
import { durationWords } from './times.ts';

interface Gathered {
  people: number;
  first: Date;
  last: Date;
  messages: readonly string[];
}

/** "9 people in 20 minutes: export gives an empty file". */
export function gatheredWords(group: Gathered, isStillBroken: boolean): string {
  const silent = isStillBroken ? 'it is still broken' : 'no words, only that something is wrong';
  return `${peopleWords(group)}: ${headlineOf(group.messages) || silent}`;
}

function peopleWords({ people, first, last }: Gathered): string {
  if (people === 1) return 'One person';
  const span = last.getTime() - first.getTime();
  const within = span < 60_000 ? 'within a minute' : `in ${durationWords(span)}`;
  return `${people.toLocaleString('en')} people ${within}`;
}

/** What others of them said, in their first words; never the headline once more. */
export function otherWords(messages: readonly string[], most: number): string[] {
  const bare = (words: string) => words.toLowerCase().replace(/[.!?\s]+$/, '');
  const headline = bare(headlineOf(messages));
  const others = new Set(messages.map((message) => excerpt(message, 140)));
  return [...others].filter((words) => bare(words) !== headline).slice(0, most);
}
