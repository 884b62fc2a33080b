import * as z from 'zod';
import type { Entry } from '../domain/ledger.ts';

// What every entry of a kind has at least; a later version may have more.

const text = z.string();
const maybe = text.nullable();
const instant = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const some = instant.nullable();
const count = z.int();
const list = <Of extends z.ZodType>(of: Of) => z.array(of);
const conditions = z.array(z.looseObject({})).nullable();
const changed = z.record(text, z.looseObject({ was: z.unknown(), is: z.unknown() }));
const change = z.looseObject({ id: text, was: text, is: text, at: instant });
const componentChange = change.extend({ component_id: text });
const said = z.looseObject({ id: text, status: text, message: text });

const issue = {
  issue_id: text,
  kind: text,
  title: text,
  status: text,
  impact: text,
  workaround: maybe,
  resolution: maybe,
  next_update_at: some,
  started_at: instant,
  scheduled_for: some,
  scheduled_until: some,
  return_of: maybe,
  affected: conditions,
  components: list(z.looseObject({ id: text, status: text, said_at: instant })),
};
const component = {
  component_id: text,
  name: text,
  description: maybe,
  group: maybe,
  status: text,
  set_at: some,
};
const counts = { owed: count, sent: count, failed: count, suppressed: count, cancelled: count };

const bodies: Record<Entry['type'], z.ZodRawShape> = {
  issue_opened: { ...issue, updates: list(said) },
  issue_taken_over: {
    ...issue,
    created_at: instant,
    resolved_at: some,
    merged_into: maybe,
    fixed_for: conditions,
    updates: list(said.extend({ created_at: instant, edited_at: some })),
    edits: list(z.looseObject({ update_id: maybe, field: text, was: maybe, at: instant })),
    component_changes: list(componentChange),
    workarounds: list(z.looseObject({ id: text, body: text })),
  },
  update_posted: {
    issue_id: text,
    update_id: text,
    status: text,
    message: text,
    next_update_at: some,
    resolution: maybe,
    fixed_for: conditions,
  },
  update_edited: { issue_id: text, update_id: text, message: text, was: text },
  issue_changed: { issue_id: text, changes: changed },
  issue_merged: { issue_id: text, into: text },
  issue_split: { issue_id: text, from: text },
  component_added: component,
  component_taken_over: { ...component, changes: list(change) },
  component_changed: { component_id: text, changes: changed },
  component_states: { changes: list(componentChange) },
  component_states_corrected: { issue_id: text, component_ids: list(text), changes: list(componentChange) },
  workaround_published: { issue_id: text, workaround_id: text, body: text, credited: z.boolean() },
  workaround_changed: { issue_id: text, workaround_id: text, body: text, was: text },
  workaround_withdrawn: { issue_id: text, workaround_id: text },
  counted: { issue_id: text, people: count, first_report_at: some, works: count, works_not: count },
  told: { issue_id: text, update_id: text, people: count, ...counts, last_sent_at: some },
  answered: { verdict: text, count },
  were_right: { issue_id: text, verdict: text, count },
};

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const frame = z.looseObject({
  seq: z.int().min(1),
  at: instant,
  type: text,
  issue_id: maybe,
  prev: hex,
  hash: hex,
});
const shapes = new Map(Object.entries(bodies).map(([type, body]) => [type, frame.extend(body)]));

export type Frame = z.output<typeof frame>;

/** What makes a line an entry at all; null where it is none. */
export function readFrame(value: unknown): Frame | null {
  const read = frame.safeParse(value);
  return read.success ? (value as Frame) : null;
}

/** What an entry lacks for its kind; `unknown` for a kind that this version does not know; null where all is well. */
export function lackOf(entry: Frame): 'unknown' | string | null {
  const shape = shapes.get(entry.type);
  if (!shape) return 'unknown';
  const read = shape.safeParse(entry);
  return read.success ? null : (read.error.issues[0]?.path.join('.') ?? 'a field');
}
