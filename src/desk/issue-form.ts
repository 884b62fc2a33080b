import { type ComponentStatus, componentStatuses, impacts } from '../domain/impact.ts';
import { componentWords, impactWords } from '../domain/labels.ts';
import { type Kind, kinds } from '../domain/lifecycle.ts';
import {
  defaultPromise,
  type PromiseChoice,
  promiseChoices,
  promisedBy,
  promiseWords,
} from '../domain/promise.ts';
import { type IssueBody, issueBody } from '../issues/schemas.ts';
import type { Component } from '../tables.ts';
import {
  type AffectedForm,
  affectedForm,
  linesOf,
  readLines,
  type TypedLines,
  typedLines,
} from './affected-form.ts';
import { chosen, typedLine, typedText, typedTime } from './fields.ts';
import type { Fields } from './route.ts';

export interface Choice {
  value: string;
  label: string;
  chosen: boolean;
}

/** The form of an issue as the view draws it, with what was typed and what is wrong. */
export interface IssueForm {
  title: string;
  /** Each with its own beginning. */
  kinds: Choice[];
  workaround: string;
  /** Times as the browser's field wants them, in UTC. */
  startedAt: string;
  impacts: Choice[];
  promises: Choice[];
  promiseAt: string;
  scheduledFor: string;
  scheduledUntil: string;
  clock: Clock;
  components: { id: string; name: string; states: Choice[]; touched: boolean }[];
  affected: AffectedForm;
  /** By field: what would help. */
  errors: Record<string, string>;
}

/** What planned work does by itself. */
export interface Clock {
  auto_start: boolean;
  auto_complete: boolean;
  remind: boolean;
}

export interface TypedIssue {
  title: string;
  kind: Kind;
  impact: string;
  workaround: string;
  startedAt: string;
  promise: PromiseChoice;
  promiseAt: string;
  scheduledFor: string;
  scheduledUntil: string;
  clock: Clock;
  components: Map<string, ComponentStatus>;
  affected: TypedLines;
  /** The id or the address of what it is the return of; empty for none. */
  returnOf: string;
}

const kindButtons = { incident: 'Broken right now', bug: 'A bug', maintenance: 'Planned work' };

/** An issue's form to begin with. */
export function blankIssue(kind: Kind, given: Partial<TypedIssue> = {}): TypedIssue {
  return {
    title: '',
    kind,
    impact: kind === 'incident' ? 'major' : kind === 'bug' ? 'minor' : 'none',
    workaround: '',
    startedAt: '',
    promise: defaultPromise(kind),
    promiseAt: '',
    scheduledFor: '',
    scheduledUntil: '',
    clock: { auto_start: false, auto_complete: false, remind: true },
    components: new Map(),
    affected: linesOf(null),
    returnOf: '',
    ...given,
  };
}

export function typedIssue(fields: Fields): TypedIssue {
  const kind = chosen(fields, 'kind', kinds, 'bug');
  const components = Object.keys(fields).flatMap((name): [string, ComponentStatus][] => {
    const [, id] = /^component-([0-9a-z]{12})$/.exec(name) ?? [];
    const status = componentStatuses.find((one) => one === typedLine(fields, name));
    return id && status ? [[id, status]] : [];
  });
  return {
    title: typedLine(fields, 'title'),
    kind,
    impact: typedLine(fields, 'impact'),
    workaround: typedText(fields, 'workaround'),
    startedAt: typedLine(fields, 'started_at'),
    promise: chosen(fields, 'next_update', promiseChoices, defaultPromise(kind)),
    promiseAt: typedLine(fields, 'next_update_at'),
    scheduledFor: typedLine(fields, 'scheduled_for'),
    scheduledUntil: typedLine(fields, 'scheduled_until'),
    clock: typedClock(fields),
    components: new Map(components),
    affected: typedLines(fields, 'affected') ?? linesOf(null),
    returnOf: typedLine(fields, 'return_of_other') || typedLine(fields, 'return_of'),
  };
}

function typedClock(fields: Fields): Clock {
  const ticked = (name: string) => typedLine(fields, name) === 'yes';
  return {
    auto_start: ticked('auto_start'),
    auto_complete: ticked('auto_complete'),
    remind: ticked('remind'),
  };
}

export function issueFormOf(
  typed: TypedIssue,
  components: Component[],
  errors: Record<string, string> = {},
): IssueForm {
  const choices = <Word extends string>(
    words: readonly Word[],
    label: Record<Word, string>,
    chosen: string,
  ) => words.map((value) => ({ value, label: label[value], chosen: value === chosen }));
  return {
    title: typed.title,
    kinds: choices(kinds, kindButtons, typed.kind),
    workaround: typed.workaround,
    startedAt: typed.startedAt,
    impacts: choices(impacts, impactWords, typed.impact),
    promises: choices(promiseChoices, promiseWords, typed.promise),
    promiseAt: typed.promiseAt,
    scheduledFor: typed.scheduledFor,
    scheduledUntil: typed.scheduledUntil,
    clock: typed.clock,
    components: components.map(({ id, name }) => ({
      id,
      name,
      touched: typed.components.has(id),
      states: choices(componentStatuses, componentWords, typed.components.get(id) ?? ''),
    })),
    affected: affectedForm(typed.affected, 'affected', errors),
    errors,
  };
}

/** The promised time that a form says, or what is wrong with it. */
export function readPromise(fields: Fields, kind: Kind, now: Date): { at: Date | null } | { error: string } {
  const choice = chosen(fields, 'next_update', promiseChoices, defaultPromise(kind));
  if (choice !== 'date') return { at: promisedBy(choice, now) };
  const at = typedTime(fields, 'next_update_at');
  if (!at) return { error: noTime };
  if (at <= now) return { error: 'This time has passed already. Please choose one that is still to come.' };
  if (at.getTime() - now.getTime() > farthest)
    return { error: 'That is more than a year ahead. Please choose a nearer time.' };
  return { at };
}

const farthest = 366 * 86_400_000;
const toCome = 'This time is still to come. What is planned is planned work.';
/** What helps where a time cannot be read. */
export const noTime = 'Please give the day and the time, in UTC.';

/** A new issue as the form says it, checked by the schema of the API; or what is wrong, by field. */
export function readIssue(
  fields: Fields,
  now: Date,
): { body: IssueBody } | { errors: Record<string, string> } {
  const typed = typedIssue(fields);
  const promise = readPromise(fields, typed.kind, now);
  const times = { for: typedTime(fields, 'scheduled_for'), until: typedTime(fields, 'scheduled_until') };
  const planned = typed.kind === 'maintenance';
  const began = planned ? null : typedTime(fields, 'started_at');
  const reach = readLines(typed.affected, 'affected');
  const read = issueBody.safeParse({
    title: typed.title,
    kind: typed.kind,
    impact: typed.impact,
    message: typedText(fields, 'message'),
    workaround: typed.workaround || null,
    components: [...typed.components].map(([id, status]) => ({ id, status })),
    ...('at' in promise ? { next_update_at: promise.at?.toISOString() ?? null } : {}),
    ...(began ? { started_at: began.toISOString() } : {}),
    ...(planned && times.for ? { scheduled_for: times.for.toISOString() } : {}),
    ...(planned && times.until ? { scheduled_until: times.until.toISOString() } : {}),
    ...(planned ? typed.clock : {}),
    ...('conditions' in reach ? { affected: reach.conditions } : {}),
  });
  const errors: Record<string, string> = 'error' in promise ? { next_update: promise.error } : {};
  if (began === undefined) errors.started_at = noTime;
  else if (began && began > now) errors.started_at = toCome;
  if (planned && times.for === undefined) errors.scheduled_for = noTime;
  if (planned && times.until === undefined) errors.scheduled_until = noTime;
  if (times.for && times.until && times.until <= times.for)
    errors.scheduled_until = 'The work would end before it begins.';
  if ('errors' in reach) Object.assign(errors, reach.errors);
  if (!read.success) addErrors(errors, read.error.issues);
  return read.success && Object.keys(errors).length === 0 ? { body: read.data } : { errors };
}

/** Adds what a schema found wrong to the errors of a form, in a person's words; what stands there already stays. */
export function addErrors(
  errors: Record<string, string>,
  issues: readonly { path: PropertyKey[]; message: string }[],
): void {
  for (const { path, message } of issues) {
    const field = String(path[0] ?? 'title').replace(/^next_update_at$/, 'next_update');
    errors[field] ??= plainly(field, message);
  }
}

const empty: Record<string, string> = {
  title: 'Please say in a few words what does not work.',
  message: 'Please say something: this is what customers read first.',
};

/** The schema speaks to programs; a person is told what would help. */
export function plainly(field: string, message: string): string {
  if (message === 'must not be empty') return empty[field] ?? 'Please fill this in.';
  return `This ${message}.`;
}
