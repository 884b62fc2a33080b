import { type Condition, type TraitName, type Traits, traitNames } from './affected.ts';
import { longestWord } from './affected-rules.ts';
import { cleanLine } from './text.ts';

/** What somebody says that she uses, among the fields of a form or an address; null where she says nothing. */
export function traitsIn(fields: unknown): Traits | null {
  const traits = answersIn(fields);
  return traits && Object.keys(traits).length > 0 ? traits : null;
}

/** The same, with none of it where she was asked and does not know; null only where she was not asked. */
export function answersIn(fields: unknown): Traits | null {
  const said = saidIn(fields);
  return said && Object.fromEntries(Object.entries(said).filter(([, word]) => word !== ''));
}

/** All that she was asked, empty where she left it so; null where she was not asked. */
export function saidIn(fields: unknown): Traits | null {
  const given = (typeof fields === 'object' && fields !== null ? fields : {}) as Record<string, unknown>;
  const asked = traitNames.filter((trait) => typeof given[trait] === 'string');
  if (asked.length === 0) return null;
  return Object.fromEntries(
    asked.map((trait) => [trait, cleanLine((given[trait] as string).slice(0, longestWord))]),
  );
}

/**
 * A condition as staff write it on one line: "Safari, Firefox", "4.0 to before 4.3", "4.2 or newer", "before 4.3",
 * "2026-05-12". Null for an empty line; what would help, for one we cannot read.
 */
export function readLine(trait: TraitName, line: string): Condition | null | { error: string } {
  const text = line.trim();
  if (text === '') return null;
  if (trait !== 'version' && trait !== 'since') return { trait, any_of: wordsOf(text) };
  const [, from, before] =
    /^(?:from |since )?(\S+(?: \d\d:\d\d)?) (?:to |until )?before (\S.*)$/i.exec(text) ?? [];
  if (from !== undefined && before !== undefined) return { trait, from, before };
  const [, end] = /^(?:before|older than|<)\s*(\S.*)$/i.exec(text) ?? [];
  if (end !== undefined) return { trait, before: end };
  const [, start] =
    /^(?:from|since|>=)\s*(\S.*)$/i.exec(text) ??
    /^(.*\S)(?:\s*\+|\s+(?:or|and)\s+(?:newer|later|up))$/i.exec(text) ??
    [];
  if (start !== undefined && !/ to /i.test(start)) return { trait, from: start };
  if (/^\S+ (?:to|until|-|–) \S+$/i.test(text)) {
    return { error: 'Please write “to before …”, so that it is clear whether the last one counts.' };
  }
  return trait === 'since' ? { trait, from: text } : { trait, any_of: wordsOf(text) };
}

/** The line that reads as this condition. */
export function lineOf({ trait, any_of, from, before }: Condition): string {
  if (any_of) return any_of.join(', ');
  if (from === undefined) return `before ${before}`;
  if (before !== undefined) return `${from} to before ${before}`;
  return trait === 'since' ? from : `${from} or newer`;
}

function wordsOf(text: string): string[] {
  return text
    .split(/[,;]/)
    .map((word) => word.trim())
    .filter(Boolean);
}
