import * as z from 'zod';
import { componentStatuses, impacts } from '../domain/impact.ts';
import { maintenanceStatuses, openStatuses } from '../domain/lifecycle.ts';
import { cleanLine } from '../domain/text.ts';
import { Refused } from '../errors.ts';

const key = z.string('must be an id').regex(/^[\w-]{1,64}$/, 'must be an id of letters and digits');
const time = z.iso
  .datetime({ offset: true, error: 'must be a time' })
  .transform((text) => new Date(text))
  .refine((date) => date.getUTCFullYear() >= 1970 && date.getUTCFullYear() < 10_000, 'must be a time');
const maybeTime = time.nullish().transform((date) => date ?? null);
const words = z.string('must be text');
const line = words.transform(cleanLine).refine((text) => text !== '', 'must not be empty');
const list = <One extends z.ZodType>(one: One) => z.array(one, 'must be a list');
const said = z.enum(componentStatuses, `must be one of ${componentStatuses.join(', ')}`);

const statuses = [...openStatuses, 'resolved', 'postmortem', ...maintenanceStatuses] as const;
const status = z.enum(statuses, `must be one of ${statuses.join(', ')}`);

const component = z.object(
  {
    id: key,
    name: line,
    status: said.nullish(),
    description: words.nullish(),
    position: z.int('must be a whole number').min(0).max(1_000_000).nullish(),
    group: z.boolean('must be true or false').nullish(),
    group_id: key.nullish(),
    created_at: maybeTime,
  },
  'must be a component',
);

/** Old updates name no code; one pseudo entry says that nothing was affected. */
const affected = z.object(
  { code: key.nullish(), name: line, new_status: said.nullish() },
  'must be a component',
);

const update = z.object(
  {
    id: key,
    status,
    body: words.nullish().transform((text) => text ?? ''),
    created_at: time,
    updated_at: maybeTime,
    display_at: maybeTime,
    affected_components: list(affected)
      .nullish()
      .transform((all) => all ?? []),
  },
  'must be an update',
);

const incident = z.object(
  {
    id: key,
    page_id: key.nullish(),
    name: line,
    status,
    impact: z
      .enum([...impacts, 'maintenance'], `must be one of ${impacts.join(', ')}, maintenance`)
      .nullish()
      .transform((impact) => impact ?? 'none'),
    created_at: time,
    updated_at: maybeTime,
    started_at: maybeTime,
    monitoring_at: maybeTime,
    resolved_at: maybeTime,
    scheduled_for: maybeTime,
    scheduled_until: maybeTime,
    incident_updates: list(update),
    components: list(component)
      .nullish()
      .transform((all) => all ?? []),
  },
  'must be an incident',
);

const file = z
  .object(
    {
      page: z.object({ id: key.nullish() }, 'must be an object').nullish(),
      components: list(component).optional(),
      incidents: list(incident).optional(),
      scheduled_maintenances: list(incident).optional(),
    },
    'must be an object, as /api/v2/incidents.json answers it',
  )
  .refine((all) => all.incidents || all.scheduled_maintenances, {
    path: ['incidents'],
    message: 'is missing; this is not what a Statuspage answers at /api/v2/incidents.json or summary.json',
  });

export type StatuspageComponent = z.output<typeof component>;
export type StatuspageIncident = z.output<typeof incident> & { page_id: string };

export interface StatuspageFile {
  components: StatuspageComponent[];
  incidents: StatuspageIncident[];
  pageId: string;
}

/** Reads a Statuspage's incidents.json or summary.json. Throws Refused, naming the first place that is wrong. */
export function readStatuspageFile(text: string): StatuspageFile {
  const read = file.safeParse(parse(text));
  if (!read.success) {
    const { path, message } = read.error.issues[0]!;
    return refuse(path, message);
  }
  const { page, components = [], incidents = [], scheduled_maintenances = [] } = read.data;
  const all = [
    ...incidents.map((one, index) => ({ one, path: ['incidents', index] })),
    ...scheduled_maintenances.map((one, index) => ({ one, path: ['scheduled_maintenances', index] })),
  ];
  const seen = new Set<string>();
  const once = (id: string, path: PropertyKey[]) => {
    if (seen.has(id)) refuse([...path, 'id'], `${id} is there twice`);
    seen.add(id);
  };
  const known = all.map(({ one, path }) => {
    once(one.id, path);
    for (const [index, { id }] of one.incident_updates.entries())
      once(`update ${id}`, [...path, 'incident_updates', index]);
    const page_id = one.page_id ?? page?.id ?? refuse([...path, 'page_id'], 'is missing, and page.id too');
    return { ...one, page_id };
  });
  return { components, incidents: known, pageId: page?.id ?? known[0]?.page_id ?? '' };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new Refused(`the file is not JSON: ${(error as Error).message.split('\n')[0]}`);
  }
}

function refuse(path: PropertyKey[], message: string): never {
  const where = path.map(String).join('.');
  throw new Refused(where ? `${where}: ${message}` : `the file ${message}`, [{ path: where, message }]);
}
