import type { Insertable } from 'kysely';
import { type ComponentStatus, worstStatus } from '../domain/impact.ts';
import { isClosed, type Kind, type Status } from '../domain/lifecycle.ts';
import type { IssueTable, IssueUpdate } from '../tables.ts';
import type { StatuspageComponent, StatuspageFile, StatuspageIncident } from './statuspage-file.ts';
import { wordsOf } from './statuspage-words.ts';

/** What identifies a thing of a Statuspage here for ever, so that a second import finds it. */
export function sourceOf(pageId: string, id: string): string {
  return `statuspage:${pageId}:${id}`;
}

type Given = StatuspageIncident['status'];
const asIncident: Partial<Record<Given, Status>> = {
  postmortem: 'resolved',
  scheduled: 'investigating',
  in_progress: 'identified',
  verifying: 'monitoring',
  completed: 'resolved',
};
const asMaintenance: Partial<Record<Given, Status>> = {
  investigating: 'in_progress',
  identified: 'in_progress',
  monitoring: 'verifying',
  resolved: 'completed',
  postmortem: 'completed',
};

function kindOf({ impact, status, scheduled_for }: StatuspageIncident): Kind {
  const planned = impact === 'maintenance' || scheduled_for !== null || /^(sch|in_|ver|comp)/.test(status);
  return planned ? 'maintenance' : 'incident';
}

/** A status of theirs as one that an issue of this kind can have. */
function statusOf(kind: Kind, status: Given): Status {
  return (kind === 'maintenance' ? asMaintenance : asIncident)[status] ?? (status as Status);
}

/** The issue's columns, but for its id. */
export function issueOf(given: StatuspageIncident): Omit<Insertable<IssueTable>, 'id' | 'source'> & {
  source: string;
} {
  const kind = kindOf(given);
  const status = statusOf(kind, given.status);
  const closed = isClosed(status);
  const planned = kind === 'maintenance' ? given.scheduled_for : null;
  return {
    kind,
    title: given.name,
    status,
    impact: given.impact === 'maintenance' ? 'none' : given.impact,
    workaround: null,
    resolution: closed ? 'fixed' : null,
    next_update_at: null,
    started_at: given.started_at ?? planned ?? given.created_at,
    scheduled_for: planned,
    scheduled_until: kind === 'maintenance' ? given.scheduled_until : null,
    monitoring_at: given.monitoring_at,
    resolved_at: closed ? (given.resolved_at ?? closingTime(given)) : null,
    source: sourceOf(given.page_id, given.id),
    created_at: given.created_at,
    updated_at: given.updated_at ?? given.created_at,
  };
}

function closingTime({ incident_updates: all, updated_at, created_at }: StatuspageIncident): Date {
  const closing =
    all.find(({ status }) => status === 'resolved' || status === 'completed') ??
    all.find(({ status }) => status === 'postmortem');
  return closing?.display_at ?? closing?.created_at ?? updated_at ?? created_at;
}

export type UpdateRow = Omit<IssueUpdate, 'id' | 'seq' | 'issue_id' | 'notify'> & {
  source: string;
  theirId: string;
};

/**
 * The updates' columns, oldest first as they were shown; the file has them newest first. One that was changed
 * more than a moment after it was written was edited: when is known, what stood there before is not.
 */
export function updatesOf(given: StatuspageIncident): UpdateRow[] {
  const kind = kindOf(given);
  return given.incident_updates
    .map((one) => ({
      theirId: one.id,
      status: statusOf(kind, one.status),
      message: wordsOf(one.body),
      created_at: one.display_at ?? one.created_at,
      edited_at:
        one.updated_at && one.updated_at.getTime() - one.created_at.getTime() > 1_000 ? one.updated_at : null,
      source: sourceOf(given.page_id, one.id),
    }))
    .reverse()
    .sort((a, b) => a.created_at.getTime() - b.created_at.getTime());
}

/**
 * Which components an issue touched, by their source. Of an open one what its newest update says of each
 * counts; of one that is over, the worst that was said.
 */
export function touchedBy(given: StatuspageIncident): Map<string, ComponentStatus> {
  const closed = isClosed(statusOf(kindOf(given), given.status));
  const touched = new Map<string, ComponentStatus>();
  for (const update of given.incident_updates.toReversed()) {
    for (const { key, new_status } of realOnes(update.affected_components)) {
      const source = sourceOf(given.page_id, key);
      const before = touched.get(source) ?? 'operational';
      const now = new_status ?? before;
      touched.set(source, closed ? worstStatus([before, now]) : now);
    }
  }
  for (const one of given.components) {
    const source = sourceOf(given.page_id, one.id);
    if (!one.group && !touched.has(source))
      touched.set(source, closed ? 'operational' : (one.status ?? 'operational'));
  }
  return touched;
}

export interface ChangeSeed {
  /** The component's. */
  source: string;
  /** The source of the update that said so; null where none did. */
  update: string | null;
  was: ComponentStatus;
  is: ComponentStatus;
  at: Date;
}

/** Every change of a component's state that an incident tells of, oldest first. */
export function changesOf(given: StatuspageIncident): ChangeSeed[] {
  const stood = new Map<string, ComponentStatus>();
  const said = given.incident_updates.toReversed().flatMap((update) =>
    realOnes(update.affected_components).flatMap(({ key, new_status }): ChangeSeed[] => {
      const source = sourceOf(given.page_id, key);
      const was = stood.get(source) ?? 'operational';
      const is = new_status ?? was;
      stood.set(source, is);
      const at = update.display_at ?? update.created_at;
      return was === is ? [] : [{ source, update: sourceOf(given.page_id, update.id), was, is, at }];
    }),
  );
  const silent = [...touchedBy(given)].filter(([source, is]) => !stood.has(source) && is !== 'operational');
  return [
    ...silent.map(([source, is]) => ({
      source,
      update: null,
      was: 'operational' as const,
      is,
      at: given.created_at,
    })),
    ...said,
  ];
}

export interface ComponentSeed {
  source: string;
  theirId: string;
  name: string;
  group: string | null;
  about: StatuspageComponent | null;
}

/** Every component a file names, once, with its group, in the order of the page or else as they appear. */
export function componentsOf({ components, incidents, pageId }: StatuspageFile): ComponentSeed[] {
  const groups = new Map(components.filter((one) => one.group).map((one) => [one.id, one.name]));
  const seeds = new Map<string, ComponentSeed>();
  const full = (page: string, one: StatuspageComponent) => {
    if (one.group) return;
    const source = sourceOf(page, one.id);
    const group = (one.group_id && groups.get(one.group_id)) ?? null;
    if (!seeds.has(source)) seeds.set(source, { source, theirId: one.id, name: one.name, group, about: one });
  };
  const ordered = components.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0));
  for (const one of ordered) full(pageId, one);
  for (const given of incidents) {
    for (const one of given.components) full(given.page_id, one);
    for (const { key, name } of given.incident_updates.flatMap((one) => realOnes(one.affected_components))) {
      const source = sourceOf(given.page_id, key);
      const [, group = null, own = name] = /^(.+?) - (.+)$/.exec(name) ?? [];
      const there = seeds.get(source);
      if (!there) seeds.set(source, { source, theirId: key, name: own, group, about: null });
      else if (there.group === null && name.endsWith(` - ${there.name}`))
        there.group = name.slice(0, -there.name.length - 3);
    }
  }
  return [...seeds.values()];
}

function realOnes(affected: StatuspageIncident['incident_updates'][number]['affected_components']) {
  return affected
    .filter(({ code, name }) => code || !/^No components were affected/i.test(name))
    .map(({ code, name, new_status }) => ({ key: code ?? `name:${name}`, name, new_status }));
}
