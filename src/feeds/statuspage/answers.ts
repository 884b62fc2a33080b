import type { Db } from '../../db.ts';
import { openStatuses, type Status } from '../../domain/lifecycle.ts';
import { pageStatus } from '../../domain/page-status.ts';
import { type Frame, readFrame, readTold, type Site, type Told } from './read.ts';
import { componentsOf, impactShown, incidentOf, pageOf } from './shape.ts';

export interface Answer {
  body: object;
  updatedAt: Date;
}

const newest = 50;
const everyOpenOne = 500;
const scheduled: Status[] = ['scheduled'];
const active: Status[] = ['in_progress', 'verifying'];

/** Every address of Statuspage's public API and what it answers. */
export const answers: Record<string, (db: Db, site: Site) => Promise<Answer>> = {
  'summary.json': (db, site) =>
    answer(db, site, async (frame) => {
      const open = await unresolved(db, site);
      const work = await maintenances(db, site, [...scheduled, ...active]);
      const underWay = work.filter(({ issue }) => issue.status !== 'scheduled');
      return {
        components: componentsOf(frame),
        incidents: open.map((one) => incidentOf(frame, one)),
        scheduled_maintenances: work.map((one) => incidentOf(frame, one)),
        status: statusOf(frame, open, underWay),
      };
    }),
  'status.json': (db, site) =>
    answer(db, site, async (frame) => ({
      status: statusOf(frame, await unresolved(db, site), await maintenances(db, site, active)),
    })),
  'components.json': (db, site) => answer(db, site, async (frame) => ({ components: componentsOf(frame) })),
  'incidents.json': (db, site) =>
    listed(db, site, 'incidents', () => readTold(db, site, { of: 'incidents', limit: newest })),
  'incidents/unresolved.json': (db, site) => listed(db, site, 'incidents', () => unresolved(db, site)),
  'scheduled-maintenances.json': (db, site) =>
    listed(db, site, 'scheduled_maintenances', () =>
      readTold(db, site, { of: 'maintenances', limit: newest }),
    ),
  'scheduled-maintenances/upcoming.json': (db, site) =>
    listed(db, site, 'scheduled_maintenances', () => maintenances(db, site, scheduled)),
  'scheduled-maintenances/active.json': (db, site) =>
    listed(db, site, 'scheduled_maintenances', () => maintenances(db, site, active)),
};

function unresolved(db: Db, site: Site): Promise<Told[]> {
  return readTold(db, site, { of: 'incidents', statuses: openStatuses, limit: everyOpenOne });
}

function maintenances(db: Db, site: Site, statuses: Status[]): Promise<Told[]> {
  return readTold(db, site, { of: 'maintenances', statuses, limit: everyOpenOne });
}

function listed(db: Db, site: Site, name: string, read: () => Promise<Told[]>): Promise<Answer> {
  return answer(db, site, async (frame) => ({ [name]: (await read()).map((one) => incidentOf(frame, one)) }));
}

async function answer(db: Db, site: Site, rest: (frame: Frame) => Promise<object>): Promise<Answer> {
  const frame = await readFrame(db, site);
  return { body: { page: pageOf(frame), ...(await rest(frame)) }, updatedAt: frame.updatedAt };
}

function statusOf({ components }: Frame, open: Told[], underWay: Told[]) {
  const incidents = open.map(({ issue, touched }) => ({
    impact: impactShown(issue),
    components: touched.map(({ status }) => status),
  }));
  return pageStatus(
    components.map((one) => one.status),
    incidents,
    underWay.length > 0,
  );
}
