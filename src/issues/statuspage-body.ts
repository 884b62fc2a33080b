import * as z from 'zod';
import { id, instant, line, text } from '../api/fields.ts';
import { componentStatuses, impacts } from '../domain/impact.ts';
import { maintenanceStatuses, openStatuses } from '../domain/lifecycle.ts';

// What Statuspage's API takes, as JSON or as a form, where every value is text. Fields that mean nothing here are let
// through unread; those whose meaning we could not keep are refused by the verbs.

const blank = (given: unknown) => (given === '' || given === 'null' ? null : given);
const yes = /^(?:true|t|1|yes|on)$/i;
const no = /^(?:false|f|0|no|off)$/i;

const flag = z
  .preprocess((given) => {
    if (typeof given !== 'string' && typeof given !== 'number') return given;
    if (yes.test(String(given))) return true;
    return no.test(String(given)) ? false : blank(given);
  }, z.boolean('must be true or false').nullish())
  .transform((given) => given ?? undefined);

const time = z
  .preprocess(
    (given) => (typeof given === 'string' ? blank(given.replace(/^(\S{10}) (?=\d)/, '$1T')) : given),
    instant.nullish(),
  )
  .transform((given) => given ?? undefined);

const words = z
  .preprocess(
    (given) => (typeof given === 'string' && given.trim() === '' ? null : given),
    text(25_000).nullish(),
  )
  .transform((given) => given ?? undefined);

const componentStatus = z.enum(componentStatuses, `must be one of ${componentStatuses.join(', ')}`);
const known = [...openStatuses, 'resolved', ...maintenanceStatuses] as const;
const status = z
  .preprocess(
    blank,
    z
      .enum(known, {
        error: ({ input }) =>
          input === 'postmortem'
            ? 'cannot be postmortem: say what was learned in an update'
            : `must be one of ${known.join(', ')}`,
      })
      .nullish(),
  )
  .transform((given) => given ?? undefined);

const impact = z
  .preprocess(blank, z.enum([...impacts, 'maintenance'], `must be one of ${impacts.join(', ')}`).nullish())
  .transform((given) => given ?? undefined);

const most = 500;
const states = z
  .preprocess(
    blank,
    z
      .record(id, componentStatus, 'must name components by their ids, each with its state')
      .refine((all) => Object.keys(all).length <= most, `must be at most ${most}`)
      .nullish(),
  )
  .transform((given) => given ?? undefined);

const ids = z
  .preprocess(
    (given) => (Array.isArray(given) ? given.filter((one) => one !== '') : blank(given)),
    z.array(id, 'must be a list of ids').max(most, `must be at most ${most}`).nullish(),
  )
  .transform((given) => (given ? [...new Set(given)] : undefined));

const incident = {
  status,
  impact_override: impact,
  body: words,
  components: states,
  component_ids: ids,
  deliver_notifications: flag,
  scheduled_for: time,
  scheduled_until: time,
  scheduled_remind_prior: flag,
  scheduled_auto_in_progress: flag,
  scheduled_auto_transition: flag,
  scheduled_auto_completed: flag,
  auto_transition_to_maintenance_state: flag,
  auto_transition_deliver_notifications_at_start: flag,
  auto_transition_deliver_notifications_at_end: flag,
  backfilled: flag,
  backfill_date: z.preprocess(blank, z.string().nullish()),
};

const name = line(255);
const sent = (key: string) => `must be sent as { "${key}": { … } }`;

export const newIncident = z.object({ incident: z.object({ name, ...incident }, sent('incident')) });
export type NewIncident = z.output<typeof newIncident>['incident'];

export const changedIncident = z.object({
  incident: z.object({ name: name.optional(), ...incident }, sent('incident')),
});
export type ChangedIncident = z.output<typeof changedIncident>['incident'];

export const changedUpdate = z.object({
  incident_update: z.object({ body: words, display_at: time }, sent('incident_update')),
});
export type ChangedUpdate = z.output<typeof changedUpdate>['incident_update'];

const component = {
  description: z.preprocess(blank, text(1_000).nullish()),
  status: componentStatus.optional(),
  group_id: z.preprocess(blank, id.nullish()),
  only_show_if_degraded: flag,
};
const componentName = line(120);

export const newComponent = z.object({
  component: z.object({ name: componentName, ...component }, sent('component')),
});
export const changedComponent = z.object({
  component: z.object({ name: componentName.optional(), ...component }, sent('component')),
});
export type ChangedComponent = z.output<typeof changedComponent>['component'];
export type NewComponent = z.output<typeof newComponent>['component'];
