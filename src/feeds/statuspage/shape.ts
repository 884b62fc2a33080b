import { groupIdOf } from '../../domain/group-id.ts';
import { type Impact, worstStatus } from '../../domain/impact.ts';
import type { ComponentChange } from '../../hearing-tables.ts';
import type { Component, Issue, IssueUpdate } from '../../tables.ts';
import type { Frame, Told } from './read.ts';

// Key for key and in the order in which Statuspage answers them.

export function pageOf({ site, pageId, updatedAt }: Frame) {
  return {
    id: pageId,
    name: site.pageName,
    url: site.baseUrl,
    time_zone: 'Etc/UTC',
    updated_at: updatedAt.toISOString(),
  };
}

/** All components in their order; a group stands before the first of its parts. */
export function componentsOf(frame: Frame) {
  const shown = new Set<string>();
  return frame.components.flatMap((one) => {
    const shape = componentOf(frame, one);
    if (one.group_name === null || shown.has(one.group_name)) return [shape];
    shown.add(one.group_name);
    return [groupOf(frame, one.group_name), shape];
  });
}

function groupOf({ components, pageId }: Frame, name: string) {
  const parts = components.filter((one) => one.group_name === name);
  const times = (column: 'created_at' | 'updated_at') => parts.map((one) => one[column].getTime());
  return {
    id: groupIdOf(name),
    name,
    status: worstStatus(parts.map((one) => one.status)),
    created_at: new Date(Math.min(...times('created_at'))).toISOString(),
    updated_at: new Date(Math.max(...times('updated_at'))).toISOString(),
    position: parts[0]!.position,
    description: null,
    showcase: false,
    start_date: null,
    group_id: null,
    page_id: pageId,
    group: true,
    only_show_if_degraded: false,
    components: parts.map((one) => one.id),
  };
}

export function componentOf({ pageId }: Frame, one: Component) {
  return {
    id: one.id,
    name: one.name,
    status: one.status,
    created_at: one.created_at.toISOString(),
    updated_at: one.updated_at.toISOString(),
    position: one.position,
    description: one.description,
    showcase: true,
    start_date: one.created_at.toISOString().slice(0, 10),
    group_id: one.group_name === null ? null : groupIdOf(one.group_name),
    page_id: pageId,
    group: false,
    only_show_if_degraded: false,
  };
}

/** An incident, or planned work, which has its times besides. */
export function incidentOf(frame: Frame, { issue, updates, touched, changes }: Told) {
  return {
    id: issue.id,
    name: issue.title,
    status: issue.status,
    created_at: issue.created_at.toISOString(),
    updated_at: issue.updated_at.toISOString(),
    monitoring_at: iso(issue.monitoring_at),
    resolved_at: iso(issue.resolved_at),
    impact: issue.kind === 'maintenance' ? ('maintenance' as const) : impactShown(issue),
    shortlink: `${frame.site.baseUrl}/issues/${issue.id}`,
    started_at: issue.started_at.toISOString(),
    page_id: frame.pageId,
    incident_updates: updates.map((one) => updateOf(frame, one, changes)),
    components: frame.components
      .filter((one) => touched.some(({ component_id }) => component_id === one.id))
      .map((one) => componentOf(frame, one)),
    reminder_intervals: null,
    ...(issue.kind === 'maintenance' && {
      scheduled_for: (issue.scheduled_for ?? issue.started_at).toISOString(),
      scheduled_until: iso(issue.scheduled_until),
    }),
  };
}

/** A bug that is known is no outage, whatever it means to whom it hits; what was opened by mistake never was one. */
export function impactShown({ kind, impact, resolution }: Issue): Impact {
  if (resolution === 'retracted') return 'none';
  return kind === 'bug' && impact !== 'none' ? 'minor' : impact;
}

export function updateOf(frame: Frame, one: IssueUpdate, changes: readonly ComponentChange[]) {
  const created_at = one.created_at.toISOString();
  return {
    id: one.id,
    status: one.status,
    body: one.message,
    incident_id: one.issue_id,
    created_at,
    updated_at: iso(one.edited_at) ?? created_at,
    display_at: created_at,
    affected_components: affectedBy(frame, one.id, changes),
    deliver_notifications: one.notify,
    custom_tweet: null,
    tweet_id: null,
  };
}

function affectedBy({ components }: Frame, updateId: string, changes: readonly ComponentChange[]) {
  const said = changes
    .filter((one) => one.update_id === updateId)
    .map(({ component_id, old_status, new_status }) => {
      const { name = '', group_name = null } = components.find((one) => one.id === component_id) ?? {};
      return {
        code: component_id,
        name: group_name === null ? name : `${group_name} - ${name}`,
        old_status,
        new_status,
      };
    });
  return said.length > 0 ? said : null;
}

function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
