import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import type { Db } from '../src/db.ts';

// 2,503 real bug reports, and which of them people judged to be the same bug: see README.md.

const folder = new URL('../../shared/data/known-bugs/', import.meta.url);

/** Whether the reports are on this machine. */
export function areHere(): boolean {
  return existsSync(new URL('bugs.csv', folder));
}

export interface Issue {
  id: string;
  title: string;
  text: string;
}
/** What a customer asks, her own report, and the issue she should find. */
export interface Pair {
  asks: string;
  own: string;
  wants: string;
}

export function readBugs(): { issues: Issue[]; pairs: Pair[] } {
  const read = (name: string) =>
    parse(readFileSync(new URL(name, folder)), { columns: true }) as Array<Record<string, string>>;
  const issues = read('bugs.csv').map((row) => ({
    id: row['Issue id']!.padStart(12, '0'),
    title: row.Summary!.trim(),
    text: row.Description!.trim() || row.Summary!,
  }));
  const titles = new Map(issues.map(({ id, title }) => [id, title]));
  const pairs = read('duplicates.csv').map((row) => {
    const own = row['Issue id']!.padStart(12, '0');
    return { own, asks: titles.get(own)!, wants: row['Duplicate id']!.padStart(12, '0') };
  });
  return { issues, pairs: pairs.filter(({ own, wants }) => own !== wants) };
}

/** Many issues made of pieces of the real ones, the same in every run. */
export function recombined(issues: Issue[], many: number): Issue[] {
  return Array.from({ length: many }, (_, i) => {
    const [a, b, c] = [pick(issues), pick(issues), pick(issues)];
    const [head, tail] = [a.title.split(' '), b.title.split(' ')];
    return {
      id: i.toString(36).padStart(12, '0'),
      title: [...head.slice(0, Math.ceil(head.length / 2)), ...tail.slice(Math.floor(tail.length / 2))].join(
        ' ',
      ),
      text: c.text.slice(0, 400),
    };
  });
}

export async function write(db: Db, issues: Issue[]): Promise<void> {
  for (let i = 0; i < issues.length; i += 10_000) {
    const part = JSON.stringify(issues.slice(i, i + 10_000));
    await sql`insert into issue (id, kind, title, status, impact, started_at, created_at, updated_at)
      select id, 'bug', title, 'investigating', 'minor', now(), now(), now()
      from json_to_recordset(${part}::json) as one (id text, title text)`.execute(db);
    await sql`insert into issue_update (id, issue_id, status, message, created_at)
      select id, id, 'investigating', text, now()
      from json_to_recordset(${part}::json) as one (id text, text text)`.execute(db);
  }
}

let seed = 1;
/** From here on the same numbers come again. */
export function startAnew(): void {
  seed = 1;
}

function chance(): number {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
}

export function pick<T>(all: T[]): T {
  return all[Math.floor(chance() * all.length)]!;
}

/** Every other longer word with a letter left out, doubled, or swapped with its neighbour. */
export function misspell(text: string): string {
  return text
    .split(' ')
    .map((word) => {
      if (word.length < 5 || chance() < 0.5) return word;
      const at = 1 + Math.floor(chance() * (word.length - 2));
      const [head, letter, next, tail] = [word.slice(0, at), word[at]!, word[at + 1]!, word.slice(at + 2)];
      return head + pick([next, letter + letter + next, next + letter]) + tail;
    })
    .join(' ');
}
