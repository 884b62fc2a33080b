import type { Db } from '../../db.ts';
import { answers } from '../../feeds/statuspage/answers.ts';
import { type Frame, readFrame, readTold } from '../../feeds/statuspage/read.ts';
import { componentOf, incidentOf } from '../../feeds/statuspage/shape.ts';
import type { ComponentNews, HookMatter, IssueNews } from './matter.ts';

// Key for key what Statuspage sends, as its documentation shows it ("Enable webhook notifications").

/**
 * Shapes what a delivery is about for a program made for Statuspage. `manage` is where the owner of the webhook
 * changes or removes it, and reads about it. Throws where the issue is gone.
 */
export async function statuspageEvent(
  db: Db,
  matter: HookMatter,
  { manage, now }: { manage: string; now: Date },
): Promise<object> {
  const frame = await readFrame(db, { ...matter.page, apiV2Bugs: 'all' }); // whoever set it up asked for all of them
  const around = {
    meta: { unsubscribe: manage, documentation: manage, generated_at: now.toISOString() },
    page: await pageOf(db, matter, frame),
  };
  switch (matter.about) {
    case 'issue':
      return { ...around, incident: await incidentFor(db, frame, matter) };
    case 'component':
      return { ...around, ...componentFor(frame, matter) };
    case 'nudge':
      throw new Error('Statuspage has no words for a promise');
    case 'test':
      return { ...around, incident: testIncident(frame, matter) };
  }
}

async function pageOf(db: Db, { page }: HookMatter, frame: Frame): Promise<object> {
  const { body } = await answers['status.json']!(db, page);
  const { indicator, description } = (body as { status: { indicator: string; description: string } }).status;
  return { id: frame.pageId, status_indicator: indicator, status_description: description };
}

async function incidentFor(db: Db, frame: Frame, { issue }: IssueNews): Promise<object> {
  const [told] = await readTold(db, frame.site, { of: 'both', id: issue.id, limit: 1 });
  if (!told) throw new Error('the issue is gone');
  const { impact, incident_updates, shortlink, scheduled_for, scheduled_until } = {
    scheduled_for: null,
    scheduled_until: null,
    ...incidentOf(frame, told),
  };
  const { auto_start, auto_complete, remind } = told.issue;
  const planned = told.issue.kind === 'maintenance';
  return incident(frame, {
    name: issue.title,
    status: issue.status,
    created_at: issue.created_at,
    updated_at: issue.updated_at,
    monitoring_at: told.issue.monitoring_at?.toISOString() ?? null,
    resolved_at: issue.resolved_at,
    impact,
    shortlink,
    scheduled_for,
    scheduled_until,
    scheduled_remind_prior: planned && remind,
    scheduled_auto_in_progress: planned && auto_start,
    scheduled_auto_completed: planned && auto_complete,
    id: issue.id,
    incident_updates: incident_updates.map((one) => ({
      status: one.status,
      body: one.body,
      created_at: one.created_at,
      wants_twitter_update: false,
      twitter_updated_at: null,
      updated_at: one.updated_at,
      display_at: one.display_at,
      affected_components: one.affected_components,
      custom_tweet: null,
      id: one.id,
      incident_id: one.incident_id,
    })),
  });
}

interface Told {
  name: string;
  status: string;
  created_at: string;
  updated_at: string;
  monitoring_at: string | null;
  resolved_at: string | null;
  impact: string;
  shortlink: string;
  scheduled_for: string | null;
  scheduled_until: string | null;
  scheduled_remind_prior: boolean;
  scheduled_auto_in_progress: boolean;
  scheduled_auto_completed: boolean;
  id: string;
  incident_updates: object[];
}

function incident({ pageId }: Frame, told: Told): object {
  const { name, status, created_at, updated_at, monitoring_at, resolved_at, impact, shortlink } = told;
  return {
    name,
    status,
    created_at,
    updated_at,
    monitoring_at,
    resolved_at,
    impact,
    shortlink,
    postmortem_ignored: false,
    postmortem_body: null,
    postmortem_body_last_updated_at: null,
    postmortem_published_at: null,
    postmortem_notified_subscribers: false,
    postmortem_notified_twitter: false,
    backfilled: false,
    scheduled_for: told.scheduled_for,
    scheduled_until: told.scheduled_until,
    scheduled_remind_prior: told.scheduled_remind_prior,
    scheduled_reminded_at: null,
    impact_override: null,
    scheduled_auto_in_progress: told.scheduled_auto_in_progress,
    scheduled_auto_completed: told.scheduled_auto_completed,
    id: told.id,
    page_id: pageId,
    incident_updates: told.incident_updates,
  };
}

/** A program that opens alarms must open none for it: resolved, and without impact. */
function testIncident(frame: Frame, { at, page }: HookMatter): object {
  const time = at.toISOString();
  return incident(frame, {
    name: 'A test: nothing is broken',
    status: 'resolved',
    created_at: time,
    updated_at: time,
    monitoring_at: null,
    resolved_at: time,
    impact: 'none',
    shortlink: page.baseUrl,
    scheduled_for: null,
    scheduled_until: null,
    scheduled_remind_prior: false,
    scheduled_auto_in_progress: false,
    scheduled_auto_completed: false,
    id: '000000000000',
    incident_updates: [],
  });
}

function componentFor(frame: Frame, { component, change }: ComponentNews): object {
  const row = frame.components.find((one) => one.id === component.id);
  if (!row) throw new Error('the component is gone');
  const { status, name, created_at, updated_at, position, description, showcase, id, page_id, group_id } =
    componentOf(frame, row);
  return {
    component: {
      status,
      name,
      created_at,
      updated_at,
      position,
      description,
      showcase,
      id,
      page_id,
      group_id,
    },
    component_update: {
      old_status: change.old_status,
      new_status: change.new_status,
      created_at: change.at.toISOString(),
      component_type: 'Component',
      id: change.id,
      component_id: change.component_id,
    },
  };
}
