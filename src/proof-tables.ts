import type { ColumnType, GeneratedAlways } from 'kysely';
import type { WorkaroundState } from './domain/words.ts';

// The tables of what was said and of what customers found; tables.ts lists them with all others.

/** Append-only; `seq`, `prev` and `hash` are null until the row is sealed. */
export interface LedgerTable {
  id: GeneratedAlways<number>;
  at: Date;
  type: string;
  issue_id: string | null;
  body: ColumnType<Record<string, unknown>, string, never>;
  seq: number | null;
  prev: string | null;
  hash: string | null;
}

/** How far the figures were counted; it can be thrown away at any time. */
export interface FiguresKeptTable {
  form: number;
  seq: number;
  hash: string;
  body: string;
}

export interface WorkaroundTable {
  id: string;
  issue_id: string;
  report_id: string | null;
  state: WorkaroundState;
  offered: string | null;
  credit: string | null;
  body: string | null;
  created_at: Date;
  published_at: Date | null;
  ended_at: Date | null;
}

export interface WorkaroundHelpTable {
  workaround_id: string;
  person: string;
}
