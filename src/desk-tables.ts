import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type { DeedKind, ReportState, Role, StaffLinkPurpose, Verdict } from './domain/words.ts';

// The tables of the support desk; tables.ts lists them with all others.

export interface AuditTable {
  seq: GeneratedAlways<number>;
  at: Date;
  staff_id: string | null;
  who: string;
  act: string;
  about: string | null;
  detail: ColumnType<Record<string, unknown>, string, never>;
  address: string | null;
}

export interface DeedTable {
  id: string;
  kind: DeedKind;
  staff_id: string | null;
  issue_id: string | null;
  at: Date;
  undone_at: Date | null;
}

/** How a report stood before the deed. */
export interface DeedReportTable {
  deed_id: string;
  report_id: string;
  state: ReportState;
  issue_id: string | null;
  linked_at: Date | null;
  verdict: Verdict | null;
  answer: string | null;
  answered_at: Date | null;
}

export interface NoteTable {
  id: string;
  issue_id: string;
  staff_id: string | null;
  who: string;
  body: string;
  created_at: Date;
}

export interface ReportGroupTable {
  id: string;
  stems: string[];
  issue_id: string | null;
  newest_at: Date;
}

export interface StaffTable {
  id: string;
  email: string;
  email_key: GeneratedAlways<string>;
  name: string;
  role: Role;
  password: string | null;
  subject: string | null;
  created_at: Date;
  disabled_at: Date | null;
  last_seen_at: Date | null;
  nudges: Generated<boolean>;
}

export interface StaffLinkTable {
  id: string;
  staff_id: string | null;
  purpose: StaffLinkPurpose;
  invited_by: string | null;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

export interface StaffSessionTable {
  hash: string;
  staff_id: string;
  created_at: Date;
  seen_at: Date;
  ends_at: Date;
}

export interface WordingTable {
  key: string;
  body: string;
  changed_at: Date;
}

export type Staff = Selectable<StaffTable>;
