import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type { ComponentStatus, Impact } from './domain/impact.ts';
import type { Kind } from './domain/lifecycle.ts';
import type { ConsentAct, DraftState, Hears, SubscriberState, WebhookKind } from './domain/words.ts';

// The tables of whoever wants to hear, and of the programs that speak to us; tables.ts lists them with all others.

export interface SubscriberTable {
  id: string;
  email: string;
  email_key: GeneratedAlways<string>;
  state: SubscriberState;
  hears: Generated<Hears>;
  incidents_only: Generated<boolean>;
  source: string;
  created_at: Date;
  confirmed_at: Date | null;
}

export interface SubscriberComponentTable {
  subscriber_id: string;
  component_id: string;
}

export interface SubscriberIssueTable {
  subscriber_id: string;
  issue_id: string;
}

export interface ConsentTable {
  seq: GeneratedAlways<number>;
  subscriber_id: string;
  act: ConsentAct;
  at: Date;
  source: string;
  detail: ColumnType<Record<string, unknown>, string | undefined, never>;
}

export interface WebhookTable {
  id: string;
  kind: WebhookKind;
  name: Generated<string>;
  url: string;
  secret: string;
  subscriber_id: string | null;
  staff_id: string | null;
  created_at: Date;
  failures: Generated<number>;
  failing_since: Generated<Date | null>;
  last_error: Generated<string | null>;
  last_ok_at: Generated<Date | null>;
  paused_at: Generated<Date | null>;
  nudges: Generated<boolean>;
}

export interface ComponentChangeTable {
  seq: GeneratedAlways<number>;
  id: string;
  component_id: string;
  issue_id: string | null;
  update_id: string | null;
  old_status: ComponentStatus;
  new_status: ComponentStatus;
  at: Date;
}

export interface IssueDraftTable {
  id: string;
  source: string;
  source_key: string;
  kind: Generated<Exclude<Kind, 'maintenance'>>;
  title: string;
  message: Generated<string>;
  impact: Generated<Impact>;
  component_ids: Generated<string[]>;
  link: Generated<string | null>;
  firing: Generated<boolean>;
  times: Generated<number>;
  state: Generated<DraftState>;
  issue_id: Generated<string | null>;
  created_at: Date;
  seen_at: Date;
  ended_at: Generated<Date | null>;
}

export type Subscriber = Selectable<SubscriberTable>;
export type Webhook = Selectable<WebhookTable>;
export type ComponentChange = Selectable<ComponentChangeTable>;
export type IssueDraft = Selectable<IssueDraftTable>;
