import type { Db } from './db.ts';
import { worstStatus } from './domain/impact.ts';
import type { Component } from './tables.ts';

/** All components in their order, each in the worse of its own state and what open issues say of it. */
export async function readComponents(db: Db): Promise<Component[]> {
  const [own, touched] = await Promise.all([
    db.selectFrom('component').selectAll().orderBy('position').orderBy('name').orderBy('id').execute(),
    db
      .selectFrom('issue_component as touch')
      .innerJoin('issue', 'issue.id', 'touch.issue_id')
      .select(['touch.component_id', 'touch.status'])
      .distinct()
      .where('issue.resolved_at', 'is', null)
      .where('issue.status', '!=', 'scheduled')
      .execute(),
  ]);
  return own.map((one) => ({
    ...one,
    status: worstStatus([
      one.status,
      ...touched.filter((touch) => touch.component_id === one.id).map((touch) => touch.status),
    ]),
  }));
}
