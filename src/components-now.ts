import type { Db } from './db.ts';
import { type ComponentStatus, standingOf } from './domain/impact.ts';
import type { Component } from './tables.ts';

/** A component in its present state; `set` is what staff set it to, as far as that counts. */
export type ComponentNow = Component & { set: ComponentStatus | null };

/** All components in their order, each in its present state: what open issues say of it, unless staff set it since. */
export async function readComponents(db: Db): Promise<ComponentNow[]> {
  const [own, touched] = await Promise.all([
    db.selectFrom('component').selectAll().orderBy('position').orderBy('name').orderBy('id').execute(),
    db
      .selectFrom('issue_component as touch')
      .innerJoin('issue', 'issue.id', 'touch.issue_id')
      .select(['touch.component_id', 'touch.status', 'touch.said_at as saidAt'])
      .where('issue.resolved_at', 'is', null)
      .where('issue.status', '!=', 'scheduled')
      .execute(),
  ]);
  return own.map((one) => {
    const said = touched.filter((touch) => touch.component_id === one.id);
    const own = { status: one.status, setAt: one.status_set_at };
    const counts = own.status !== 'operational' || (own.setAt !== null && said.length > 0);
    const status = standingOf(own, said);
    return { ...one, set: counts && status === own.status ? own.status : null, status };
  });
}
