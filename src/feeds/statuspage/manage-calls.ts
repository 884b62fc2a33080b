import type { HTTPMethods } from 'fastify';
import type { Scope } from '../../api/route.ts';
import type { Db, Trx } from '../../db.ts';
import { openStatuses } from '../../domain/lifecycle.ts';
import { Refused } from '../../errors.ts';
import {
  changedComponent,
  changedIncident,
  changedUpdate,
  newComponent,
  newIncident,
} from '../../issues/statuspage-body.ts';
import { addAsStatuspage, changeComponentAsStatuspage } from '../../issues/statuspage-components.ts';
import { changeAsStatuspage, editAsStatuspage, openAsStatuspage } from '../../issues/statuspage-write.ts';
import { check, incidentAs, list, oneComponent, paging } from './manage-reads.ts';
import { managedComponents, managedIncident, managedPage, managedUpdate } from './manage-shape.ts';
import { type Frame, readFrame, type Site, type Told } from './read.ts';

interface Given {
  params: Record<string, string>;
  query: unknown;
  body: unknown;
  now: Date;
  site: Site;
}

interface Common {
  methods: HTTPMethods[];
  path: string;
  status?: 201;
  /** Answered to whoever may call it, without reading further. */
  refused?: () => Error;
}

interface Done {
  answer: unknown;
  /** For the audit: issue:ID or component:ID. */
  about: string;
}

export type ManageCall = Common &
  (
    | { scope: Extract<Scope, 'read'>; run(db: Db, given: Given): Promise<unknown> }
    | { scope: Extract<Scope, 'write'>; act: string; run(trx: Trx, given: Given): Promise<Done> }
  );

const page = '/pages/:page_id';
const incident = `${page}/incidents/:id`;
const component = `${page}/components/:id`;

/** Every call of Statuspage's API v1 that is taken here. */
export const calls: ManageCall[] = [
  look('/pages', async (db, { site }) => [managedPage(await readFrame(db, site))]),
  look(page, async (db, { site }) => managedPage(await readFrame(db, site))),

  look(`${page}/incidents`, (db, given) => list(db, given, { of: 'both' })),
  look(`${page}/incidents/unresolved`, (db, given) =>
    list(db, given, { of: 'incidents', statuses: openStatuses }),
  ),
  look(`${page}/incidents/upcoming`, (db, given) => list(db, given, scheduled)),
  look(`${page}/incidents/scheduled`, (db, given) => list(db, given, scheduled)),
  look(`${page}/incidents/active_maintenance`, (db, given) =>
    list(db, given, { of: 'maintenances', statuses: ['in_progress', 'verifying'] }),
  ),
  {
    methods: ['POST'],
    path: `${page}/incidents`,
    scope: 'write',
    status: 201,
    act: 'opened an issue',
    run: async (trx, { body, now, site }) => {
      const id = await openAsStatuspage(trx, check(newIncident, body).incident, now);
      return { answer: await incidentAs(trx, site, id, managedIncident), about: `issue:${id}` };
    },
  },
  look(incident, (db, { params, site }) => incidentAs(db, site, params.id!, managedIncident)),
  {
    methods: ['PATCH', 'PUT'],
    path: incident,
    scope: 'write',
    act: 'changed an issue',
    run: async (trx, { params, body, now, site }) => {
      const id = params.id!;
      await incidentAs(trx, site, id, managedIncident);
      await changeAsStatuspage(trx, id, check(changedIncident, body).incident, now);
      return { answer: await incidentAs(trx, site, id, managedIncident), about: `issue:${id}` };
    },
  },
  {
    methods: ['PATCH', 'PUT'],
    path: `${incident}/incident_updates/:update_id`,
    scope: 'write',
    act: 'edited an update',
    run: async (trx, { params, body, now, site }) => {
      const ids = { issue: params.id!, update: params.update_id! };
      await incidentAs(trx, site, ids.issue, managedIncident);
      await editAsStatuspage(trx, ids, check(changedUpdate, body).incident_update, now);
      const edited = (frame: Frame, told: Told) => managedUpdate(frame, told, ids.update);
      return { answer: await incidentAs(trx, site, ids.issue, edited), about: `issue:${ids.issue}` };
    },
  },
  never(
    incident,
    'What was said stays said: an incident cannot be deleted. Resolve it, and say what it was.',
  ),

  look(`${page}/components`, async (db, { query, site }) => {
    const { limit, offset } = check(paging, query);
    return managedComponents(await readFrame(db, site)).slice(offset, offset + limit);
  }),
  {
    methods: ['POST'],
    path: `${page}/components`,
    scope: 'write',
    status: 201,
    act: 'added a component',
    run: async (trx, { body, now, site }) => {
      const id = await addAsStatuspage(trx, check(newComponent, body).component, now);
      return { answer: await oneComponent(trx, site, id), about: `component:${id}` };
    },
  },
  look(component, (db, { params, site }) => oneComponent(db, site, params.id!)),
  {
    methods: ['PATCH', 'PUT'],
    path: component,
    scope: 'write',
    act: 'changed a component',
    run: async (trx, { params, body, now, site }) => {
      await changeComponentAsStatuspage(trx, params.id!, check(changedComponent, body).component, now);
      return { answer: await oneComponent(trx, site, params.id!), about: `component:${params.id}` };
    },
  },
  never(component, 'A component cannot be deleted here: the incidents that touched it still name it.'),
];

function look(path: string, run: (db: Db, given: Given) => Promise<unknown>): ManageCall {
  return { methods: ['GET'], path, scope: 'read', run };
}

function never(path: string, why: string): ManageCall {
  const refused = () => new Refused(why);
  return {
    methods: ['DELETE'],
    path,
    scope: 'write',
    act: '',
    refused,
    run: () => Promise.reject(refused()),
  };
}

const scheduled = { of: 'maintenances', statuses: ['scheduled'] } as const;
