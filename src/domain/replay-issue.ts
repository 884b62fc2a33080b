import type { Condition } from './affected.ts';
import { inOrder } from './affected-rules.ts';
import type { Changed, Entry, WholeIssue } from './ledger.ts';
import { isClosed, isUnderWay } from './lifecycle.ts';
import { saysTheSame } from './same.ts';
import { type EditableField, editableFields } from './words.ts';

const types = [
  'issue_opened',
  'issue_taken_over',
  'update_posted',
  'update_edited',
  'issue_changed',
  'issue_merged',
  'issue_split',
  'component_states',
  'component_states_corrected',
  'workaround_published',
  'workaround_changed',
  'workaround_withdrawn',
] as const;

/** An entry that changes what the page says of one issue. */
export type IssueEntry = Extract<Entry, { type: (typeof types)[number] }> & { issue_id: string };

export function isOfIssue(entry: Entry): entry is IssueEntry {
  return entry.issue_id !== null && (types as readonly string[]).includes(entry.type);
}

/**
 * What the page says of an issue after an entry about it (`before` changes in its place), and where the entry does not
 * fit what was said before. `before` may only be missing for what opens the issue.
 */
export function retellIssue(
  before: WholeIssue | undefined,
  entry: IssueEntry,
): { said: WholeIssue; misfits: string[] } {
  if (entry.type === 'issue_opened') return { said: opened(entry), misfits: [] };
  if (entry.type === 'issue_taken_over') return takenOver(before, entry);
  return { said: before!, misfits: changed(before!, entry) };
}

type Of<Type extends Entry['type']> = Extract<IssueEntry, { type: Type }>;

function opened(entry: Of<'issue_opened'>): WholeIssue {
  const { seq: _seq, at, prev: _prev, hash: _hash, type: _type, issue_id: _id, updates, ...issue } = entry;
  return {
    ...structuredClone(issue),
    created_at: at,
    resolved_at: isClosed(issue.status) ? at : null,
    merged_into: null,
    fixed_for: null,
    updates: updates.map((one) => ({ ...one, created_at: at, edited_at: null })),
    edits: [],
    component_changes: [],
    workarounds: [],
  };
}

/** A second time it may add and move on, but not unsay. */
function takenOver(before: WholeIssue | undefined, entry: Of<'issue_taken_over'>) {
  const { seq: _seq, at: _at, prev: _prev, hash: _hash, type: _type, issue_id: _id, ...issue } = entry;
  const misfits = (before?.updates ?? [])
    .filter((one) => !issue.updates.some((now) => now.id === one.id && now.message === one.message))
    .map((one) => `it takes the issue over again, and unsays update ${one.id}`);
  return { said: structuredClone(issue) as WholeIssue, misfits };
}

type Later = Exclude<IssueEntry, { type: 'issue_opened' | 'issue_taken_over' }>;

function changed(issue: WholeIssue, entry: Later): string[] {
  switch (entry.type) {
    case 'update_posted':
      return posted(issue, entry);
    case 'update_edited':
      return edited(issue, entry);
    case 'issue_changed':
      return fieldsChanged(issue, entry);
    case 'issue_merged':
      issue.merged_into = entry.into;
      return [];
    case 'issue_split':
      return split(issue, entry);
    case 'component_states':
      issue.component_changes.push(...entry.changes);
      return [];
    case 'component_states_corrected':
      issue.component_changes = issue.component_changes.filter(
        (one) => !entry.component_ids.includes(one.component_id),
      );
      issue.component_changes.push(...entry.changes);
      return [];
    default:
      return aroundIt(issue, entry);
  }
}

function posted(issue: WholeIssue, entry: Of<'update_posted'>): string[] {
  const [was, is] = [isClosed(issue.status), isClosed(entry.status)];
  const begins = !isUnderWay(issue.status) && isUnderWay(entry.status);
  const { update_id: id, status, message, at } = entry;
  issue.updates.push({ id, status, message, created_at: at, edited_at: null });
  issue.updates.sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0));
  issue.status = status;
  issue.next_update_at = entry.next_update_at;
  issue.fixed_for = entry.fixed_for;
  if (was !== is) {
    issue.resolved_at = is ? at : null;
    issue.resolution = is ? entry.resolution : null;
  }
  if (begins) for (const one of issue.components) one.said_at = at;
  return was && is ? ['it closes an issue that was over already'] : [];
}

function edited(issue: WholeIssue, entry: Of<'update_edited'>): string[] {
  const update = issue.updates.find(({ id }) => id === entry.update_id);
  if (!update) return ['it edits an update that was never posted'];
  const fits = update.message === entry.was;
  issue.edits.push({ update_id: update.id, field: 'message', was: entry.was, at: entry.at });
  update.message = entry.message;
  update.edited_at = entry.at;
  return fits ? [] : ['it edits an update, and names other words before than stood there'];
}

/** As `issue_edit` keeps them: in the order of the fields, and only where something stood there before. */
function fieldsChanged(issue: WholeIssue, { changes, at }: Of<'issue_changed'>): string[] {
  const names: (EditableField | 'components')[] = [...editableFields, 'components'];
  return names.flatMap((name) => {
    const field = name as Exclude<typeof name, 'message'>;
    const change: Changed | undefined = changes[field];
    if (!change) return [];
    const fits = saysTheSame(issue[field], change.was);
    if (field !== 'components' && change.was !== null)
      issue.edits.push({ update_id: null, field, was: asText(field, change.was), at });
    (issue as unknown as Record<string, unknown>)[field] = structuredClone(change.is);
    return fits ? [] : [`it changes ${field}, and names another one before than stood there`];
  });
}

function split(issue: WholeIssue, entry: Of<'issue_split'>): string[] {
  const fits = issue.merged_into === entry.from;
  issue.merged_into = null;
  return fits ? [] : ['it parts two issues that were not one'];
}

function aroundIt(
  issue: WholeIssue,
  entry: Of<'workaround_published' | 'workaround_changed' | 'workaround_withdrawn'>,
): string[] {
  const { workaround_id: id } = entry;
  const stands = issue.workarounds.find((one) => one.id === id);
  if (entry.type === 'workaround_published') {
    issue.workarounds.push({ id, body: entry.body });
    issue.workarounds.sort((a, b) => (a.id < b.id ? -1 : 1));
    return stands ? ['it publishes a way around that stands there already'] : [];
  }
  if (!stands) return ['it is about a way around that does not stand there'];
  if (entry.type === 'workaround_withdrawn') {
    issue.workarounds = issue.workarounds.filter((one) => one !== stands);
    return [];
  }
  const fits = stands.body === entry.was;
  stands.body = entry.body;
  return fits ? [] : ['it changes a way around, and names other words before than stood there'];
}

function asText(field: EditableField, value: unknown): string {
  if (typeof value === 'string') return value;
  const conditions = field === 'affected' || field === 'fixed_for';
  return JSON.stringify(conditions ? inOrder(value as Condition[]) : value);
}
