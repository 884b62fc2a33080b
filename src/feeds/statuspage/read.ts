import { sql } from 'kysely';
import { readComponents } from '../../components-now.ts';
import type { Config } from '../../config.ts';
import type { Db, Trx } from '../../db.ts';
import { isClosed, type Status } from '../../domain/lifecycle.ts';
import type { ComponentChange } from '../../hearing-tables.ts';
import type { Component, Issue, IssueUpdate } from '../../tables.ts';

/** What of the configuration the API shows or obeys. */
export type Site = Pick<Config, 'baseUrl' | 'pageName' | 'supportUrl' | 'apiV2Bugs'>;

/** The page itself and its parts; every answer has them or refers to them. */
export interface Frame {
  site: Site;
  pageId: string;
  createdAt: Date;
  /** When anything on the page changed last. */
  updatedAt: Date;
  /** In their order, each in its present state, dated by the last change of it. */
  components: Component[];
}

/** An issue with all that the API says of it. */
export interface Told {
  issue: Issue;
  /** Newest first. */
  updates: IssueUpdate[];
  touched: { component_id: string; status: Component['status'] }[];
  changes: ComponentChange[];
}

export async function readFrame(db: Db | Trx, site: Site): Promise<Frame> {
  const [page, components, changed] = await Promise.all([readPage(db), readComponents(db), readChanged(db)]);
  const changedAt = new Map(changed.map(({ component_id, at }) => [component_id, at]));
  return {
    site,
    ...page,
    components: components.map((one) => ({
      ...one,
      updated_at: later(one.updated_at, changedAt.get(one.id)),
    })),
  };
}

/** When the state of each component changed last; one that never did is not among them. */
async function readChanged(db: Db | Trx): Promise<{ component_id: string; at: Date }[]> {
  const { rows } = await sql<{ component_id: string; at: Date }>`
    select component.id as component_id, last.at from component cross join lateral (
      select at from component_change where component_id = component.id order by at desc limit 1) as last`.execute(
    db,
  );
  return rows;
}

async function readPage(db: Db | Trx): Promise<Pick<Frame, 'pageId' | 'createdAt' | 'updatedAt'>> {
  const { rows } = await sql<{ page_id: string; created_at: Date; updated_at: Date | null }>`
    select (select value from setting where key = 'page_id') as page_id,
      (select min(applied_at) from migration) as created_at,
      greatest(
        (select max(updated_at) from issue),
        (select max(updated_at) from component),
        (select max(last.at) from component cross join lateral (
          select at from component_change where component_id = component.id order by at desc limit 1) as last)) as updated_at`.execute(
    db,
  );
  const { page_id, created_at, updated_at } = rows[0]!;
  return { pageId: page_id, createdAt: created_at, updatedAt: updated_at ?? created_at };
}

/** What Statuspage's API calls the page. */
export async function readPageId(db: Db | Trx): Promise<string> {
  const row = db.selectFrom('setting').select('value').where('key', '=', 'page_id');
  return (await row.executeTakeFirstOrThrow()).value;
}

function later(one: Date, other: Date | undefined): Date {
  return other && other > one ? other : one;
}

export interface Wanted {
  /** Planned work, all the rest, or both. */
  of: 'incidents' | 'maintenances' | 'both';
  statuses?: readonly Status[];
  /** Words of the name or of an update, as a pattern for `ilike`. */
  containing?: string | undefined;
  id?: string;
  limit: number;
  offset?: number;
}

/** Issues that the API shows, newest first. Known bugs are among the incidents as far as the operator wants them there. */
export async function readTold(db: Db | Trx, { apiV2Bugs }: Site, wanted: Wanted): Promise<Told[]> {
  const { of, statuses, containing, id } = wanted;
  const issues = await db
    .selectFrom('issue')
    .selectAll()
    .$if(of === 'incidents', (q) => q.where('kind', '!=', 'maintenance'))
    .$if(of === 'maintenances', (q) => q.where('kind', '=', 'maintenance'))
    .$if(apiV2Bugs === 'none', (q) => q.where('kind', '!=', 'bug'))
    .$if(apiV2Bugs === 'affected', (q) => q.where(sql<boolean>`(kind <> 'bug' or ${touchesSomething})`))
    .$if(statuses !== undefined, (q) => q.where('status', 'in', statuses!))
    // Says the same again, so that the few open ones are found by their index.
    .$if(statuses !== undefined && !statuses.some(isClosed), (q) => q.where('resolved_at', 'is', null))
    .$if(id !== undefined, (q) => q.where('id', '=', id!))
    .$if(containing !== undefined, (q) =>
      q.where(
        sql<boolean>`(title ilike ${containing} or exists (
          select from issue_update said where said.issue_id = issue.id and said.message ilike ${containing}))`,
      ),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(wanted.limit)
    .offset(wanted.offset ?? 0)
    .execute();
  return withAll(db, issues);
}

/** No `exists`: a planner would read which issues touch something, of all that there are, to look up fifty of them. */
const touchesSomething = sql`(select true from issue_component touch where touch.issue_id = issue.id limit 1)`;

async function withAll(db: Db | Trx, issues: Issue[]): Promise<Told[]> {
  const ids = issues.map((issue) => issue.id);
  if (ids.length === 0) return [];
  const [updates, touched, changes] = await Promise.all([
    db
      .selectFrom('issue_update')
      .selectAll()
      .where('issue_id', 'in', ids)
      .orderBy('created_at', 'desc')
      .orderBy('seq', 'desc')
      .execute(),
    db
      .selectFrom('issue_component')
      .select(['issue_id', 'component_id', 'status'])
      .where('issue_id', 'in', ids)
      .orderBy('position')
      .execute(),
    db.selectFrom('component_change').selectAll().where('issue_id', 'in', ids).orderBy('seq').execute(),
  ]);
  return issues.map((issue) => ({
    issue,
    updates: updates.filter((one) => one.issue_id === issue.id),
    touched: touched.filter((one) => one.issue_id === issue.id),
    changes: changes.filter((one) => one.issue_id === issue.id),
  }));
}
