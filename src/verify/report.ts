import type { Condition } from '../domain/affected.ts';
import { whomWords } from '../domain/affected-words.ts';
import { utcShort } from '../domain/times.ts';
import type { Finding } from './finding.ts';
import type { Verdict } from './verify.ts';

const mostFindings = 50;

/** What a check came to, in sentences for people; nothing that was read can write to the terminal by itself. */
export function reportOf(verdict: Verdict): string {
  const { findings, remarks } = verdict;
  const lines = [
    ...whatWasRead(verdict),
    ...(findings.length === 0 ? [] : ['', `NOT AS IT MUST BE: ${counted(findings.length, 'finding')}`]),
    ...findings.slice(0, mostFindings).flatMap(told),
    ...(findings.length > mostFindings
      ? [`  … and ${findings.length - mostFindings} more; --json has them all`]
      : []),
    ...(remarks.length === 0 ? [] : ['', 'Odd, though no proof of anything:']),
    ...remarks.slice(0, 10).map((one) => `  - ${one}`),
    ...(remarks.length > 10 ? [`  … and ${remarks.length - 10} more`] : []),
    ...sinceThen(verdict),
    '',
    findings.length === 0 ? 'All is as it was said.' : 'Something was changed that was said in public.',
    ...(findings.length === 0 && verdict.entries > 0 ? [`Keep this: ${verdict.head.hash}`] : []),
  ];
  return lines.map(plain).join('\n');
}

function whatWasRead({ name, entries, firstAt, lastAt, head, compared }: Verdict): string[] {
  const span = firstAt && lastAt ? `, from ${day(firstAt)} to ${day(lastAt)}` : '';
  return [
    `Read ${name}: ${counted(entries, 'entry', 'entries')}${span}.`,
    'Every entry was held against its hash, and against the one before it.',
    ...(compared
      ? [
          `What the page shows now of ${counted(compared.issues, 'issue')} and ${counted(compared.components, 'part')} was held against what the ledger says.`,
        ]
      : ['What the page shows was not looked at.']),
    `The ledger ends with entry ${head.seq}.`,
  ];
}

function told({ says, ledger, page, field }: Finding): string[] {
  const both = ledger !== undefined && page !== undefined;
  const say = field === 'affected' || field === 'fixed_for' ? whom : text;
  const [left, right] = both ? aroundTheChange(say(ledger), say(page)) : [say(ledger), say(page)];
  return [
    `  ✗ ${says}`,
    ...(ledger === undefined ? [] : [`      the ledger says: ${left}`]),
    ...(page === undefined ? [] : [`      the page says:   ${right}`]),
  ];
}

function sinceThen({ since }: Verdict): string[] {
  if (!since) return [];
  const { seq, hash, said, more } = since;
  const where = seq === 0 ? 'the beginning' : `entry ${seq} (${hash.slice(0, 16)})`;
  return [
    '',
    `${seq === 0 ? 'From' : 'Still there:'} ${where}. ${said.length === 0 ? 'Nothing was said since.' : `Since then ${counted(said.length + more, 'entry', 'entries')}:`}`,
    ...said.map((one) => `  ${one}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
}

const shownAround = 60;
const longest = 160;

/** Where two long texts differ, and some of what stands around it. */
function aroundTheChange(left: string, right: string): [string, string] {
  let same = 0;
  while (same < left.length && left[same] === right[same]) same += 1;
  const from = Math.max(0, same - shownAround);
  const cut = (of: string) =>
    `${from > 0 ? '…' : ''}${of.slice(from, from + longest)}${of.length > from + longest ? '…' : ''}`;
  return [cut(left), cut(right)];
}

/** In words, where they are conditions that this version can read. */
function whom(value: unknown): string {
  if (value === null) return 'no limit to anybody';
  try {
    return whomWords(value as Condition[]);
  } catch {
    return text(value);
  }
}

function text(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value).slice(1, -1);
  return value === undefined ? '' : JSON.stringify(value);
}

function plain(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '�');
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

function day(iso: string): string {
  return utcShort(new Date(iso));
}
