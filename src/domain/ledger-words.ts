import { editWords } from './edit-words.ts';
import { componentWords, peopleWords, standingWords, statusWords } from './labels.ts';
import type { ComponentChange, Entry } from './ledger.ts';
import { isClosed } from './lifecycle.ts';
import { type EditableField, editableFields, type Verdict } from './words.ts';

/** How issues and components are called now; an id where that is not known. */
export interface Names {
  issue(id: string): string;
  component(id: string): string;
}

/** What an entry says in a sentence for people, without naming the issue it is about, and the words it made public. */
export function entryWords(entry: Entry, names: Names): { does: string; words: string | null } {
  const said = (does: string, words: string | null = null) => ({ does, words });
  switch (entry.type) {
    case 'issue_opened':
      return said('We opened it', entry.updates.at(-1)?.message ?? null);
    case 'issue_taken_over':
      return said(
        `It was there before this ledger, or came from elsewhere; ${updates(entry.updates.length)}`,
      );
    case 'update_posted':
      return said(
        isClosed(entry.status) ? standingWords({ kind: 'bug', ...entry }) : statusWords(entry.status),
        entry.message,
      );
    case 'update_edited':
      return said('We changed what we had said', entry.message);
    case 'issue_changed':
      return said(changes(entry));
    case 'issue_merged':
      return said(`It is the same as “${names.issue(entry.into)}”, and goes on there`);
    case 'issue_split':
      return said(`It is not the same as “${names.issue(entry.from)}” after all`);
    case 'component_added':
      return said(`We added a part: ${entry.name}`);
    case 'component_taken_over':
      return said(`A part was there before this ledger, or came from elsewhere: ${entry.name}`);
    case 'component_changed':
      return said(`We changed a part: ${names.component(entry.component_id)}`);
    case 'component_states':
      return said(states(entry.changes, names));
    case 'component_states_corrected':
      return said(`For all of its time: ${states(entry.changes, names) || 'no part was touched'}`);
    case 'workaround_published':
      return said('A way around that a customer found', entry.body);
    case 'workaround_changed':
      return said('We changed the words of a way around', entry.body);
    case 'workaround_withdrawn':
      return said('We took a way around off the page');
    default:
      return said(countWords(entry));
  }
}

type Count = Extract<Entry, { type: 'counted' | 'told' | 'answered' | 'were_right' }>;

function countWords(entry: Count): string {
  switch (entry.type) {
    case 'counted': {
      const { people, works, works_not: not } = entry;
      const answers = works + not > 0 ? `; ${says(works)} it works, ${says(not)} it does not` : '';
      return `${peopleWords(people)}${answers}`;
    }
    case 'told':
      return `${entry.sent} of ${entry.owed} mails that it is over were taken by the mail server`;
    case 'answered':
      return entry.count < 0
        ? `We took back ${reports(-entry.count)} before anybody heard of it`
        : `We answered ${reports(entry.count)}: ${verdicts[entry.verdict] ?? entry.verdict}`;
    case 'were_right':
      return `${reports(entry.count)} that we had answered with “${verdicts[entry.verdict] ?? entry.verdict}” ${entry.count === 1 ? 'was' : 'were'} right after all`;
    default:
      return `Something that this version has no words for: ${(entry as { type: string }).type}`;
  }
}

const verdicts: Record<Verdict, string> = {
  explained: 'this is how',
  not_a_bug: 'not a bug',
  works_as_designed: 'we built it this way',
  need_more: 'we need to know more',
  not_reproducible: 'we could not make it happen',
};

function changes({ changes: all }: Extract<Entry, { type: 'issue_changed' }>): string {
  const each = Object.entries(all).map(([field, { was }]) =>
    field === 'components' ? 'We changed which parts it touches' : inWords(field, was),
  );
  return each.map((words, at) => (at === 0 ? words : words.replace(/^We /, 'we '))).join('; ');
}

function inWords(field: string, was: unknown): string {
  return (editableFields as readonly string[]).includes(field)
    ? editWords(field as EditableField, was === null)
    : `We changed ${field}`;
}

function states(all: readonly ComponentChange[], names: Names): string {
  return all
    .map(({ component_id: id, is }) => `${names.component(id)}: ${componentWords[is] ?? is}`)
    .join('; ');
}

const says = (count: number) => (count === 1 ? '1 says' : `${count} say`);
const updates = (count: number) => (count === 1 ? 'it had one update then' : `it had ${count} updates then`);
const reports = (count: number) => (count === 1 ? 'one report' : `${count} reports`);
