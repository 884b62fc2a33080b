import { type Selectable, sql } from 'kysely';
import type { Db } from '../db.ts';
import { whomWords } from '../domain/affected-words.ts';
import type { Impact } from '../domain/impact.ts';
import { impactWords } from '../domain/labels.ts';
import { type Moment, moment } from '../domain/moment.ts';
import type { EditableField } from '../domain/words.ts';
import { renderMarkdown } from '../markdown.ts';
import type { Issue, IssueEditTable, IssueUpdate } from '../tables.ts';
import { inShort, type Piece, wordDiff } from '../word-diff.ts';

export type Edit = Selectable<IssueEditTable>;

/** What stood there before an edit, and what became of it then. */
export interface Before {
  at: Moment;
  /** Safe HTML of all of it; empty where `turn` says it. */
  html: string;
  /** Word by word, what the edit took out and put in; empty where the text was written anew. */
  diff: Piece[];
  /** The difference is no longer than a line or two. */
  brief: boolean;
  /** Of a time or a grade: from what to what; `to` is null where we do not know it. */
  turn: { from: Value; to: Value | null } | null;
}

/** One value, as a time where it is one. */
export interface Value {
  words: string;
  at: Moment | null;
}

const most = { chars: 256 * 1024, brief: 300, entries: 400 };

/** What stood there before each of these edits, by the edit's number; they are given newest first. */
export async function beforesOf(
  db: Db,
  issue: Issue,
  updates: readonly Pick<IssueUpdate, 'id' | 'message'>[],
  edits: readonly Edit[],
): Promise<Map<number, Before>> {
  const kept = edits.filter(({ was }) => was !== null);
  const stated = kept.some(({ update_id }) => update_id === null)
    ? await readStated(db, issue.id)
    : new Map();
  const next = new Map<string, string | null>(updates.map(({ id, message }) => [`${id}:message`, message]));
  let left = most.chars;
  return new Map(
    kept.map((edit) => {
      const { update_id, field, edited_at } = edit;
      const what = `${update_id}:${field}`;
      const said = stated.get(`${edited_at.getTime()}:${field}`)?.shift();
      const is = said !== undefined ? said.is : next.has(what) ? next.get(what)! : standsNow(issue, field);
      next.set(what, edit.was);
      left -= edit.was!.length + (is?.length ?? 0);
      return [edit.seq, before(edit, is, left >= 0)];
    }),
  );
}

/** What a field turned into, as the ledger has it: an edit knows only what it took away. Newest first. */
async function readStated(db: Db, issueId: string): Promise<Map<string, { is: string | null }[]>> {
  const { rows } = await sql<{ at: Date; field: string; is: string | null }>`
    select ledger.at, one.key as field, one.value ->> 'is' as is
    from ledger cross join lateral jsonb_each(ledger.body -> 'changes') as one
    where issue_id = ${issueId} and type = 'issue_changed' and one.value ->> 'was' is not null
    order by ledger.id desc limit ${most.entries}`.execute(db);
  const stated = new Map<string, { is: string | null }[]>();
  for (const { at, field, is } of rows) {
    const key = `${at.getTime()}:${field}`;
    stated.set(key, [...(stated.get(key) ?? []), { is }]);
  }
  return stated;
}

/** Undefined where it may have changed without an edit since: each update sets the next promise. */
function standsNow(issue: Issue, field: EditableField): string | null | undefined {
  if (field === 'message' || field === 'next_update_at') return undefined;
  const value = issue[field];
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

function before(
  { field, was, edited_at }: Edit,
  is: string | null | undefined,
  isAffordable: boolean,
): Before {
  const at = moment(edited_at);
  if (field === 'impact' || isTime(field)) {
    const turn = { from: asValue(field, was!), to: is === undefined ? null : asValue(field, is) };
    return { at, html: '', diff: [], brief: true, turn };
  }
  const [old, now] = [wordsOf(field, was), wordsOf(field, is ?? null)];
  const brief = old.length + now.length <= most.brief;
  const pieces = is === undefined || !isAffordable ? [] : wordDiff(old, now);
  const diff = brief || pieces.some(({ kind }) => kind === 'same') ? inShort(pieces) : [];
  const html = field === 'message' || field === 'workaround' ? old : asTyped(old);
  return { at, html: renderMarkdown(html), diff, brief, turn: null };
}

function isTime(field: EditableField): boolean {
  return field.endsWith('_at') || field.startsWith('scheduled_');
}

function asValue(field: EditableField, value: string | null): Value {
  if (value === null) return { words: 'none', at: null };
  if (field === 'impact') return { words: impactWords[value as Impact] ?? value, at: null };
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? { words: value, at: null } : { words: '', at: moment(at) };
}

function wordsOf(field: EditableField, text: string | null): string {
  if (field !== 'affected' && field !== 'fixed_for') return text ?? '';
  return text === null ? 'Everybody.' : sentence(whomWords(JSON.parse(text)));
}

/** A line that means nothing as Markdown. */
function asTyped(line: string): string {
  return line.replace(/[\\`*_[\]<>#~|&]/g, '\\$&');
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
