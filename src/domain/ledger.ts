import type { Condition } from './affected.ts';
import type { ComponentStatus, Impact } from './impact.ts';
import type { Kind, Resolution, Status } from './lifecycle.ts';
import type { EditableField, Verdict } from './words.ts';

// What the ledger states. Times are RFC 3339 in UTC with milliseconds. No person is in any of it: no name, no address,
// no word of a customer that we did not publish as our own.

/** Something that is said or changed in public, or a count on which our figures stand; `issue_id` null: of no issue. */
export type Statement = { issue_id: string | null } & (
  | ({ type: 'issue_opened'; issue_id: string; updates: Said[] } & IssueState)
  /** What was there before the ledger, or comes from elsewhere, as it stands then; once more when more came from there. */
  | ({ type: 'issue_taken_over'; issue_id: string } & WholeIssue)
  | {
      type: 'update_posted';
      issue_id: string;
      update_id: string;
      status: Status;
      message: string;
      next_update_at: string | null;
      resolution: Resolution | null;
      fixed_for: Condition[] | null;
    }
  | { type: 'update_edited'; issue_id: string; update_id: string; message: string; was: string }
  /** Fields that staff changed without an update; `components` are not kept as edits, all others are. */
  | {
      type: 'issue_changed';
      issue_id: string;
      changes: { [field in Exclude<EditableField, 'message'> | 'components']?: Changed };
    }
  | { type: 'issue_merged'; issue_id: string; into: string }
  | { type: 'issue_split'; issue_id: string; from: string }
  | {
      type: 'component_added';
      component_id: string;
      name: string;
      description: string | null;
      group: string | null;
      status: ComponentStatus;
      set_at: string | null;
    }
  | ({ type: 'component_taken_over'; component_id: string } & WholeComponent)
  | {
      type: 'component_changed';
      component_id: string;
      changes: { [field in 'name' | 'description' | 'group' | 'status' | 'set_at']?: Changed };
    }
  /** How the state of components changed: by an issue, or (null) set by staff. */
  | { type: 'component_states'; changes: ComponentChange[] }
  /** What an issue said of these components holds otherwise, for all of its time. */
  | {
      type: 'component_states_corrected';
      issue_id: string;
      component_ids: string[];
      changes: ComponentChange[];
    }
  | { type: 'workaround_published'; issue_id: string; workaround_id: string; body: string; credited: boolean }
  | { type: 'workaround_changed'; issue_id: string; workaround_id: string; body: string; was: string }
  | { type: 'workaround_withdrawn'; issue_id: string; workaround_id: string }
  /**
   * How many people told us about an issue, when the first of them did, and what those who answered since it was closed
   * last say of the fix. Stated when it rose, within a minute or so; when it fell, by what let it fall.
   */
  | ({ type: 'counted'; issue_id: string } & Counted)
  /**
   * How far the news that it is over has gone to those who told us; the latest of an update counts. `owed` counts all
   * mails there are of it, `last_sent_at` only those that were owed as it was said: who tells us later hears later.
   */
  | ({ type: 'told'; issue_id: string; people: number } & Told)
  /** How many reports we gave this answer to, in one step; below zero where a step was taken back before anybody heard. */
  | { type: 'answered'; verdict: Verdict; count: number }
  /** Of those we had answered so, how many turned out to be right after all. */
  | { type: 'were_right'; issue_id: string; verdict: Verdict; count: number }
);

/** Of an issue: how many people told us, when the first did, and what those who answered say of the fix. */
export interface Counted {
  people: number;
  first_report_at: string | null;
  works: number;
  works_not: number;
}

/** How far the news that an issue is over has gone to those who told us, as the ledger states it of one closing update. */
export interface Told {
  update_id: string;
  /** All mails that were ever owed with it. */
  owed: number;
  sent: number;
  failed: number;
  suppressed: number;
  cancelled: number;
  /** When the last of those was told who were owed it as it was said; who came later counts in the others alone. */
  last_sent_at: string | null;
}

/** A field before and after. */
export interface Changed {
  was: unknown;
  is: unknown;
}

export interface IssueState {
  kind: Kind;
  title: string;
  status: Status;
  impact: Impact;
  workaround: string | null;
  resolution: Resolution | null;
  next_update_at: string | null;
  started_at: string;
  scheduled_for: string | null;
  scheduled_until: string | null;
  return_of: string | null;
  affected: Condition[] | null;
  /** `said_at` decides between what an issue says of a component and what staff set. */
  components: { id: string; status: ComponentStatus; said_at: string }[];
}

export interface Said {
  id: string;
  status: Status;
  message: string;
}

/** As `ledger_issue` of migrations/0005 writes it. */
export interface WholeIssue extends IssueState {
  created_at: string;
  resolved_at: string | null;
  merged_into: string | null;
  fixed_for: Condition[] | null;
  updates: (Said & { created_at: string; edited_at: string | null })[];
  edits: { update_id: string | null; field: EditableField; was: string | null; at: string }[];
  component_changes: ComponentChange[];
  workarounds: { id: string; body: string }[];
}

/** As `ledger_component` of migrations/0005 writes it. */
export interface WholeComponent {
  name: string;
  description: string | null;
  group: string | null;
  status: ComponentStatus;
  /** When staff set its status; null where the issues alone say it. */
  set_at: string | null;
  changes: Omit<ComponentChange, 'component_id'>[];
}

export interface ComponentChange {
  id: string;
  component_id: string;
  was: ComponentStatus;
  is: ComponentStatus;
  at: string;
}

/** A statement as it stands in the ledger. */
export type Entry = Statement & { seq: number; at: string; prev: string; hash: string };

/** What the first entry carries as the hash of the one before. */
export const noHash = '0'.repeat(64);
