import type { Frame, Told } from './read.ts';
import { componentsOf, incidentOf, updateOf } from './shape.ts';

// What the API for writing answers: the public shapes, and what only it has.

export function managedPage({ site, pageId, createdAt, updatedAt }: Frame) {
  return {
    id: pageId,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
    name: site.pageName,
    page_description: null,
    headline: null,
    branding: 'basic',
    subdomain: null,
    domain: new URL(site.baseUrl).hostname,
    url: site.baseUrl,
    support_url: site.supportUrl,
    hidden_from_search: false,
    allow_page_subscribers: true,
    allow_incident_subscribers: true,
    allow_email_subscribers: true,
    allow_sms_subscribers: false,
    allow_rss_atom_feeds: true,
    allow_webhook_subscribers: true,
    notifications_from_email: null,
    notifications_email_footer: null,
    activity_score: 0,
    twitter_username: null,
    viewers_must_be_team_members: false,
    ip_restrictions: null,
    city: null,
    state: null,
    country: null,
    time_zone: 'Etc/UTC',
  };
}

export function managedIncident(frame: Frame, told: Told) {
  const { issue, updates, changes } = told;
  const shape = incidentOf(frame, told);
  const planned = issue.kind === 'maintenance';
  return {
    ...shape,
    incident_updates: updates.map((one) => ({
      ...updateOf(frame, one, changes),
      wants_twitter_update: false,
      twitter_updated_at: null,
    })),
    components: shape.components.map(withMail),
    metadata: {},
    impact_override: shape.impact,
    scheduled_for: shape.scheduled_for ?? null,
    scheduled_until: shape.scheduled_until ?? null,
    scheduled_remind_prior: planned && issue.remind,
    scheduled_reminded_at: null,
    scheduled_auto_in_progress: planned && issue.auto_start,
    scheduled_auto_completed: planned && issue.auto_complete,
    auto_transition_to_maintenance_state: planned,
    auto_transition_to_operational_state: planned,
    auto_transition_deliver_notifications_at_start: planned,
    auto_transition_deliver_notifications_at_end: planned,
    backfilled: false,
    postmortem_body: null,
    postmortem_body_last_updated_at: null,
    postmortem_ignored: true,
    postmortem_notified_subscribers: false,
    postmortem_notified_twitter: false,
    postmortem_published_at: null,
  };
}

export function managedUpdate(frame: Frame, told: Told, id: string) {
  return managedIncident(frame, told).incident_updates.find((one) => one.id === id);
}

/** Groups too, each before its parts. */
export function managedComponents(frame: Frame) {
  return componentsOf(frame).map(withMail);
}

/** By Statuspage's feature of this name, mail to an address sets the component; there is none here. */
function withMail<Shape extends object>(shape: Shape) {
  return { ...shape, automation_email: null };
}
