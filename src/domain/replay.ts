import { type Counts, countsAfter, noCounts } from './counts.ts';
import type { ComponentChange, Entry, WholeComponent, WholeIssue } from './ledger.ts';
import { type IssueEntry, isOfIssue, retellIssue } from './replay-issue.ts';
import { saysTheSame } from './same.ts';

/** What the page must say, if the ledger is all that was ever said. */
export interface Retold {
  issues: Map<string, WholeIssue>;
  components: Map<string, WholeComponent>;
  /** Of each issue how many told us and were told, as it was stated last. */
  counts: Map<string, Readonly<Counts>>;
  /** Said of components by issues that are not opened yet: in the same step they are. */
  early: Map<string, ComponentChange[]>;
}

export function nothingSaid(): Retold {
  return {
    issues: new Map(),
    components: new Map(),
    counts: new Map(),
    early: new Map(),
  };
}

/**
 * Takes one entry more into account, in the order of the ledger. Answers where the entry does not fit what was said
 * before it: it speaks of what is not there, or names as said before what was not.
 */
export function retell(page: Retold, entry: Entry): string[] {
  if (entry.type === 'counted' || entry.type === 'told') {
    page.counts.set(entry.issue_id, countsAfter(page.counts.get(entry.issue_id) ?? noCounts, entry));
    return page.issues.has(entry.issue_id) ? [] : ['it counts for an issue that was never opened'];
  }
  if (isOfIssue(entry)) return issue(page, entry);
  if ('component_id' in entry) return component(page, entry);
  return entry.type === 'component_states' ? ownStates(page, entry.changes) : [];
}

/** What is left over when all is told: states of components by issues that were never opened. */
export function leftOver(page: Retold): string[] {
  return [...page.early.keys()].map((id) => `what issue ${id} says of components, but it was never opened`);
}

function issue(page: Retold, entry: IssueEntry): string[] {
  const id = entry.issue_id;
  const before = page.issues.get(id);
  if (entry.type === 'issue_opened' || entry.type === 'issue_taken_over') {
    const misfits =
      before && entry.type === 'issue_opened' ? ['it opens an issue that is there already'] : [];
    const { said, misfits: more } = retellIssue(before, entry);
    said.component_changes.push(...(page.early.get(id) ?? []));
    page.early.delete(id);
    page.issues.set(id, said);
    return [...misfits, ...more];
  }
  if (before) return retellIssue(before, entry).misfits;
  if (entry.type !== 'component_states' && entry.type !== 'component_states_corrected')
    return ['it is about an issue that was never opened'];
  page.early.set(id, [...(page.early.get(id) ?? []), ...entry.changes]);
  return [];
}

type ComponentEntry = Extract<Entry, { component_id: string }>;

function component(page: Retold, entry: ComponentEntry): string[] {
  const before = page.components.get(entry.component_id);
  if (entry.type === 'component_changed') {
    if (!before) return ['it changes a component that was never added'];
    return Object.entries(entry.changes).flatMap(([name, { was, is }]) => {
      const field = name as keyof typeof entry.changes;
      const fits = saysTheSame(before[field], was);
      (before as unknown as Record<string, unknown>)[field] = is;
      return fits
        ? []
        : [`it changes the component’s ${name}, and names another one before than stood there`];
    });
  }
  const { name, description, group, status, set_at } = entry;
  const changes = entry.type === 'component_taken_over' ? structuredClone(entry.changes) : [];
  page.components.set(entry.component_id, { name, description, group, status, set_at, changes });
  return before ? ['it adds a component that is there already'] : [];
}

function ownStates(page: Retold, changes: readonly ComponentChange[]): string[] {
  return changes.flatMap(({ component_id, ...change }) => {
    const of = page.components.get(component_id);
    of?.changes.push(change);
    return of ? [] : ['it says how a component is that was never added'];
  });
}
