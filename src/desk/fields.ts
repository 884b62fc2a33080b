import { cleanLine, cleanText } from '../domain/text.ts';
import type { Fields } from './route.ts';

/** What was typed into a field, as text of several lines; empty where nothing was. */
export function typedText(fields: Fields, name: string): string {
  return cleanText(first(fields[name]));
}

/** The same on one line. */
export function typedLine(fields: Fields, name: string): string {
  return cleanLine(first(fields[name]));
}

/** Every value of a field that may come several times. */
export function typedAll(fields: Fields, name: string): string[] {
  const value = fields[name];
  return (value === undefined ? [] : [value].flat()).map((one) => cleanLine(String(one)));
}

/** One of a list of words, or the word to fall back on. */
export function chosen<Word extends string>(
  fields: Fields,
  name: string,
  words: readonly Word[],
  otherwise: Word,
): Word {
  const value = typedLine(fields, name);
  return words.find((word) => word === value) ?? otherwise;
}

/** A time as `<input type="datetime-local">` sends it, in UTC; null for none, undefined for what is no time. */
export function typedTime(fields: Fields, name: string): Date | null | undefined {
  const value = typedLine(fields, name);
  if (value === '') return null;
  const [, day, time] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?$/.exec(value) ?? [];
  const at = new Date(`${day}T${time}:00.000Z`);
  return Number.isNaN(at.getTime()) ? undefined : at;
}

/** A time as that input wants it. */
export function timeField(at: Date | null): string {
  return at ? at.toISOString().slice(0, 16) : '';
}

function first(value: string | string[] | undefined): string {
  return String([value].flat()[0] ?? '');
}
