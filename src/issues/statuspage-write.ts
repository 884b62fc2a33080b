import type { Trx } from '../db.ts';
import type { ComponentStatus } from '../domain/impact.ts';
import { statusWords } from '../domain/labels.ts';
import { firstStatus, type Kind, maintenanceStatuses, type Status } from '../domain/lifecycle.ts';
import { impactOf, worseImpact } from '../domain/page-status.ts';
import { refuse } from '../errors.ts';
import { lockIssue } from '../issue-row.ts';
import type { Issue } from '../tables.ts';
import { changeIssue } from './change-issue.ts';
import { openIssue } from './open-issue.ts';
import { editUpdate, postUpdate } from './post-update.ts';
import type { IssuePatch } from './schemas.ts';
import type { ChangedIncident, ChangedUpdate, NewIncident } from './statuspage-body.ts';
import { refuseSilentEnd, refuseWhatMeansMore, startsItself } from './statuspage-refusals.ts';

type Touched = { id: string; status: ComponentStatus }[];

/**
 * Opens what Statuspage calls an incident: planned work where it has planned times or such a status, else an incident.
 * Its impact is that of its worst component unless one is said. Answers its id. Throws Refused.
 */
export async function openAsStatuspage(trx: Trx, given: NewIncident, now: Date): Promise<string> {
  const kind: Kind = isPlanned(given) ? 'maintenance' : 'incident';
  const status = given.status ?? firstStatus(kind);
  refuseWhatMeansMore(given, kind);
  if (status === 'scheduled' && !given.scheduled_for)
    refuse('scheduled_for', 'is missing: when does the work begin?');
  const components = touchedBy(given, kind, []);
  return openIssue(
    trx,
    {
      ...plannedPart(given, kind),
      title: given.name,
      kind,
      status,
      impact:
        chosenImpact(given) ?? (kind === 'incident' ? impactOf(components.map((one) => one.status)) : 'none'),
      message: given.body ?? wordsFor(status),
      components,
      notify: given.deliver_notifications,
    } as Parameters<typeof openIssue>[1],
    now,
  );
}

/**
 * Changes an incident as Statuspage's PATCH does: with words, or with a status that is not its own, that is an update
 * said in public; all else changes in its place, and what stood there stays visible. Without an impact said, a worse
 * component makes it worse; better it becomes only if somebody says so. Throws NotFound, Refused and Conflict.
 */
export async function changeAsStatuspage(
  trx: Trx,
  id: string,
  given: ChangedIncident,
  now: Date,
): Promise<void> {
  const issue = await lockIssue(trx, id);
  refuseWhatMeansMore(given, issue.kind);
  const status = given.status ?? issue.status;
  refuseSilentEnd(given, issue.status, status);
  const before = await lastChange(trx, id);
  const patch = await patchOf(trx, issue, given);
  if (Object.keys(patch).length > 0) await changeIssue(trx, id, patch, now);
  if (given.body === undefined && status === issue.status) return;
  const update = await postUpdate(
    trx,
    id,
    {
      status,
      message: given.body ?? wordsFor(status),
      ...(given.deliver_notifications === false ? { notify: false } : {}),
    },
    now,
  );
  await trx
    .updateTable('component_change')
    .set({ update_id: update.id })
    .where('issue_id', '=', id)
    .where('seq', '>', before)
    .execute();
}

/** Changes the words of an update; what stood there stays visible. Throws NotFound and Refused. */
export async function editAsStatuspage(
  trx: Trx,
  ids: { issue: string; update: string },
  given: ChangedUpdate,
  now: Date,
): Promise<void> {
  if (given.display_at)
    refuse('display_at', 'cannot be changed: an update stands at the time at which it was said');
  if (given.body === undefined) refuse('body', 'is missing: what should the update say?');
  await editUpdate(trx, ids.issue, ids.update, given.body, now);
}

function isPlanned({ status, scheduled_for, scheduled_until }: NewIncident): boolean {
  const words: readonly string[] = maintenanceStatuses;
  return Boolean(scheduled_for || scheduled_until || (status && words.includes(status)));
}

/** Said where a program gives a status and no words. */
function wordsFor(status: Status): string {
  return status === 'resolved' ? 'This works again.' : `${statusWords(status)}.`;
}

function chosenImpact({ impact_override }: ChangedIncident) {
  return impact_override === 'maintenance' ? undefined : impact_override;
}

function plannedPart(given: ChangedIncident, kind: Kind): IssuePatch {
  return defined({
    scheduled_for: given.scheduled_for,
    scheduled_until: given.scheduled_until,
    ...(kind === 'maintenance' && {
      auto_start: startsItself(given),
      auto_complete: given.scheduled_auto_completed,
      remind: given.scheduled_remind_prior,
    }),
  });
}

async function patchOf(trx: Trx, issue: Issue, given: ChangedIncident): Promise<IssuePatch> {
  const patch = { ...plannedPart(given, issue.kind), title: given.name, impact: chosenImpact(given) };
  if (!given.components && !given.component_ids) return defined(patch);
  const stood = await trx
    .selectFrom('issue_component')
    .select(['component_id as id', 'status'])
    .where('issue_id', '=', issue.id)
    .orderBy('position')
    .execute();
  const components = touchedBy(given, issue.kind, stood);
  const worse = worseImpact(issue.impact, impactOf(components.map((one) => one.status)));
  const raised = issue.kind === 'incident' && worse !== issue.impact ? worse : undefined;
  return defined({ ...patch, impact: patch.impact ?? raised, components });
}

/** `component_ids` says which are named, `components` in which state; whoever is named without one stays as it was. */
function touchedBy(given: ChangedIncident, kind: Kind, stood: Touched): Touched {
  const said = given.components ?? {};
  const named = given.component_ids ?? stood.map(({ id }) => id);
  const unsaid =
    kind === 'maintenance' && given.auto_transition_to_maintenance_state !== false
      ? 'under_maintenance'
      : 'operational';
  return [...new Set([...named, ...Object.keys(said)])].map((id) => ({
    id,
    status: said[id] ?? stood.find((one) => one.id === id)?.status ?? unsaid,
  }));
}

async function lastChange(trx: Trx, issueId: string): Promise<number> {
  const { seq } = await trx
    .selectFrom('component_change')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .where('issue_id', '=', issueId)
    .executeTakeFirstOrThrow();
  return seq ?? 0;
}

function defined<Fields extends object>(fields: Fields): { [Key in keyof Fields]: NonNullable<Fields[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
