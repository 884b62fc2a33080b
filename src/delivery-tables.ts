import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { DeliveryState, Draft, SuppressionSource, Template } from './domain/words.ts';

// The tables of what is owed and of sending it; tables.ts lists them with all others.

export interface DeliveryTable {
  id: Generated<string>;
  event: string;
  template: Template;
  issue_id: string | null;
  update_id: string | null;
  report_id: string | null;
  address: string;
  address_key: GeneratedAlways<string>;
  domain: GeneratedAlways<string>;
  message_id: string;
  state: Generated<DeliveryState>;
  reason: string | null;
  attempts: Generated<number>;
  maybe_delivered: Generated<number>;
  last_error: string | null;
  due_at: Date;
  lease_token: string | null;
  lease_until: Date | null;
  created_at: Date;
  ended_at: Date | null;
  other_issue_id: Generated<string | null>;
  staff_link_id: Generated<string | null>;
  draft: ColumnType<Draft | null, string | null | undefined, string | null>;
  again_at: Generated<Date | null>;
  subscriber_id: Generated<string | null>;
  webhook_id: Generated<string | null>;
  component_change_id: Generated<string | null>;
  bounced_at: Generated<Date | null>;
  staff_id: Generated<string | null>;
  ledger_seq: Generated<number | null>;
  waits_for_fix: Generated<boolean>;
  reached_at: Generated<Date | null>;
  for_some: Generated<boolean>;
}

export interface SendingTable {
  one: Generated<boolean>;
  paused_since: Date | null;
  reason: string | null;
  probe_at: Date | null;
  strikes: Generated<number>;
  last_sent_at: Date | null;
  held_since: Generated<Date | null>;
  held_reason: Generated<string | null>;
}

export interface SuppressionTable {
  address_key: string;
  reason: string;
  created_at: Date;
  source: Generated<SuppressionSource>;
}
