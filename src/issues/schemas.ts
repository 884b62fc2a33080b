import * as z from 'zod';
import { conditions, conditionsAnswer } from '../api/conditions.ts';
import { id, instant, line, maybeTime, text, time } from '../api/fields.ts';
import { componentStatuses, impacts } from '../domain/impact.ts';
import { kinds, resolutions, statuses } from '../domain/lifecycle.ts';

const touched = z
  .array(z.strictObject({ id, status: z.enum(componentStatuses) }))
  .max(500)
  .refine((all) => new Set(all.map((one) => one.id)).size === all.length, 'names a component twice');

const promise = instant.nullable();

export const issueBody = z.strictObject({
  title: line(255),
  kind: z.enum(kinds),
  status: z.enum(statuses).optional(),
  impact: z.enum(impacts).default('none'),
  message: text(25_000),
  workaround: text(10_000).nullish(),
  affected: conditions.nullish(),
  resolution: z.enum(resolutions).optional(),
  return_of: id
    .nullish()
    .describe('The issue, over since, of which this is the return; its reporters are told first'),
  components: touched.default([]),
  next_update_at: promise.optional(),
  started_at: instant.optional(),
  scheduled_for: instant.nullish(),
  scheduled_until: instant.nullish(),
  auto_start: z.boolean().optional(),
  auto_complete: z.boolean().optional(),
  remind: z.boolean().optional(),
  notify: z.boolean().optional(),
});
export type IssueBody = z.output<typeof issueBody>;

const someChange = 'says nothing to change';
const bySaying = { error: (issue: { code?: string; keys?: unknown }) => notByPatch(issue) };

export const issuePatch = z
  .strictObject(
    {
      title: line(255).optional(),
      impact: z.enum(impacts).optional(),
      workaround: text(10_000).nullable().optional(),
      affected: conditions.nullable().optional(),
      fixed_for: conditions.nullable().optional(),
      components: touched.optional(),
      next_update_at: promise.optional(),
      started_at: instant.optional(),
      scheduled_for: instant.nullable().optional(),
      scheduled_until: instant.nullable().optional(),
      auto_start: z.boolean().optional(),
      auto_complete: z.boolean().optional(),
      remind: z.boolean().optional(),
    },
    bySaying,
  )
  .refine((body) => Object.keys(body).length > 0, someChange);
export type IssuePatch = z.output<typeof issuePatch>;

export const updateBody = z.strictObject({
  status: z.enum(statuses),
  message: text(25_000),
  resolution: z.enum(resolutions).optional(),
  fixed_for: conditions.nullish(),
  next_update_at: promise.optional(),
  notify: z.boolean().optional(),
});
export type UpdateBody = z.output<typeof updateBody>;

export const updatePatch = z.strictObject({ message: text(25_000) });

export const componentBody = z.strictObject({
  name: line(120),
  description: text(1_000).nullish(),
  group: line(120).nullish(),
  position: z.int().min(0).max(1_000_000).optional(),
  status: z.enum(componentStatuses).optional(),
});
export type ComponentBody = z.output<typeof componentBody>;
/** `status: null` leaves the state to what the issues say. */
export const componentPatch = componentBody
  .partial()
  .extend({ status: z.enum(componentStatuses).nullable().optional() })
  .refine((body) => Object.keys(body).length > 0, someChange);

export type ComponentPatch = z.output<typeof componentPatch>;

export const updateAnswer = z.object({
  id: z.string(),
  status: z.enum(statuses),
  message: z.string(),
  created_at: time,
  edited_at: maybeTime,
});

export const issueAnswer = z.object({
  id: z.string(),
  title: z.string(),
  kind: z.enum(kinds),
  status: z.enum(statuses),
  impact: z.enum(impacts),
  workaround: z.string().nullable(),
  /** Whom it reaches, and whom its fix has reached so far; null: everybody. */
  affected: conditionsAnswer,
  fixed_for: conditionsAnswer,
  components: z.array(z.object({ id: z.string(), name: z.string(), status: z.enum(componentStatuses) })),
  reporters_count: z.int(),
  /** What those who answered since it was closed say of the fix. */
  worked: z.object({ yes: z.int(), no: z.int() }),
  next_update_at: maybeTime,
  started_at: time,
  scheduled_for: maybeTime,
  scheduled_until: maybeTime,
  auto_start: z.boolean(),
  auto_complete: z.boolean(),
  remind: z.boolean(),
  created_at: time,
  updated_at: time,
  resolved_at: maybeTime,
  resolution: z.enum(resolutions).nullable(),
  return_of: z.string().nullable(),
  url: z.string(),
  workarounds: z
    .array(z.object({ id: z.string(), body: z.string(), helped: z.int() }))
    .describe(
      'What customers found and staff published, beside `workaround`; the one that helped most people first',
    ),
  updates: z.array(updateAnswer),
});
export type IssueAnswer = z.output<typeof issueAnswer>;

export const componentAnswer = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  group: z.string().nullable(),
  position: z.int(),
  status: z.enum(componentStatuses),
  created_at: time,
  updated_at: time,
});

function notByPatch({ code, keys }: { code?: string; keys?: unknown }): string | undefined {
  if (code !== 'unrecognized_keys' || !Array.isArray(keys)) return undefined;
  return keys.includes('status')
    ? 'a status changes by what is said: POST /issues/{id}/updates'
    : `cannot be changed here: ${keys.join(', ')}`;
}
