import type { ColumnType, Generated, GeneratedAlways, Selectable, Updateable } from 'kysely';
import type { DeliveryTable, SendingTable, SuppressionTable } from './delivery-tables.ts';
import type {
  AuditTable,
  DeedReportTable,
  DeedTable,
  NoteTable,
  ReportGroupTable,
  StaffLinkTable,
  StaffSessionTable,
  StaffTable,
  WordingTable,
} from './desk-tables.ts';
import type { Condition, Traits } from './domain/affected.ts';
import type { ComponentStatus, Impact } from './domain/impact.ts';
import type { Kind, Resolution, Status } from './domain/lifecycle.ts';
import type { EditableField, ReportState, Verdict } from './domain/words.ts';
import type {
  ComponentChangeTable,
  ConsentTable,
  IssueDraftTable,
  SubscriberComponentTable,
  SubscriberIssueTable,
  SubscriberTable,
  WebhookTable,
} from './hearing-tables.ts';
import type { FiguresKeptTable, LedgerTable, WorkaroundHelpTable, WorkaroundTable } from './proof-tables.ts';

/** Every table of migrations/*.sql, in one place; test/tables.test.ts holds it against the migrated database. */
export interface Tables {
  api_token: ApiTokenTable;
  audit: AuditTable;
  component: ComponentTable;
  component_change: ComponentChangeTable;
  consent: ConsentTable;
  deed: DeedTable;
  deed_report: DeedReportTable;
  delivery: DeliveryTable;
  idempotency: IdempotencyTable;
  issue: IssueTable;
  issue_component: IssueComponentTable;
  issue_draft: IssueDraftTable;
  issue_edit: IssueEditTable;
  issue_search: IssueSearchTable;
  issue_update: IssueUpdateTable;
  ledger: LedgerTable;
  figures_kept: FiguresKeptTable;
  migration: MigrationTable;
  note: NoteTable;
  quota: QuotaTable;
  report: ReportTable;
  report_group: ReportGroupTable;
  search_change: SearchWordTable;
  search_word: SearchWordTable;
  sending: SendingTable;
  setting: SettingTable;
  staff: StaffTable;
  staff_link: StaffLinkTable;
  staff_session: StaffSessionTable;
  subscriber: SubscriberTable;
  subscriber_component: SubscriberComponentTable;
  subscriber_issue: SubscriberIssueTable;
  suppression: SuppressionTable;
  webhook: WebhookTable;
  wording: WordingTable;
  workaround: WorkaroundTable;
  workaround_help: WorkaroundHelpTable;
}

export interface ApiTokenTable {
  id: string;
  name: string;
  hash: string;
  scopes: string[];
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

export interface ComponentTable {
  id: string;
  name: string;
  description: string | null;
  group_name: string | null;
  position: Generated<number>;
  status: Generated<ComponentStatus>;
  source: string | null;
  created_at: Date;
  updated_at: Date;
  status_set_at: Generated<Date | null>;
}

export interface IdempotencyTable {
  token_id: string;
  key: string;
  request_hash: string;
  status: number | null;
  answer: ColumnType<unknown, string | null, string | null>;
  created_at: Date;
}

export interface IssueTable {
  id: string;
  kind: Kind;
  title: string;
  status: Status;
  impact: Impact;
  workaround: string | null;
  resolution: Resolution | null;
  next_update_at: Date | null;
  started_at: Date;
  scheduled_for: Date | null;
  scheduled_until: Date | null;
  monitoring_at: Date | null;
  resolved_at: Date | null;
  source: string | null;
  created_at: Date;
  updated_at: Date;
  revision: Generated<number>;
  merged_into: Generated<string | null>;
  auto_start: Generated<boolean>;
  auto_complete: Generated<boolean>;
  remind: Generated<boolean>;
  affected: ColumnType<Condition[] | null, string | null | undefined, string | null>;
  fixed_for: ColumnType<Condition[] | null, string | null | undefined, string | null>;
  return_of: Generated<string | null>;
  doubts_seen: Generated<number>;
}

export interface IssueComponentTable {
  issue_id: string;
  component_id: string;
  position: Generated<number>;
  status: ComponentStatus;
  said_at: Generated<Date>;
}

export interface IssueEditTable {
  seq: GeneratedAlways<number>;
  issue_id: string;
  update_id: string | null;
  field: EditableField;
  was: string | null;
  edited_at: Date;
}

/** Kept by triggers; nothing here is ever written by hand. */
export interface IssueSearchTable {
  issue_id: string;
  words: string;
}

export interface IssueUpdateTable {
  id: string;
  seq: GeneratedAlways<number>;
  issue_id: string;
  status: Status;
  message: string;
  created_at: Date;
  edited_at: Date | null;
  source: string | null;
  notify: Generated<boolean>;
}

export interface MigrationTable {
  name: string;
  hash: string;
  applied_at: Generated<Date>;
}

export interface QuotaTable {
  bucket: string;
  started_at: Date;
  count: number;
}

export interface ReportTable {
  id: string;
  issue_id: string | null;
  state: Generated<ReportState>;
  source: string;
  email: string | null;
  email_key: GeneratedAlways<string | null>;
  name: string | null;
  message: string | null;
  page_url: string | null;
  verdict: Verdict | null;
  answer: string | null;
  created_at: Date;
  linked_at: Date | null;
  answered_at: Date | null;
  withdrawn_at: Date | null;
  worked: Generated<boolean | null>;
  worked_comment: Generated<string | null>;
  worked_at: Generated<Date | null>;
  stands: GeneratedAlways<boolean>;
  group_id: Generated<string | null>;
  merged_from: Generated<string | null>;
  traits: ColumnType<Traits | null, string | null | undefined, string | null>;
  code_hash: Generated<string | null>;
  was_right_at: Generated<Date | null>;
}

/** A stem and the number of issues that hold it; kept by triggers too. */
export interface SearchWordTable {
  word: string;
  documents: number;
}

export interface SettingTable {
  key: string;
  value: string;
}

export type Issue = Selectable<IssueTable>;
/** Some of an issue's fields, as they shall stand. */
export type IssueChange = Updateable<IssueTable>;
export type IssueUpdate = Selectable<IssueUpdateTable>;
export type Report = Selectable<ReportTable>;
export type Component = Selectable<ComponentTable>;
export type Delivery = Selectable<DeliveryTable>;
