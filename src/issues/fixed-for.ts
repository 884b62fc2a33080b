import type { Condition } from '../domain/affected.ts';
import { reachesAsFar } from '../domain/affected.ts';
import { inOrder } from '../domain/affected-rules.ts';
import { isClosed, type Step } from '../domain/lifecycle.ts';
import { refuse } from '../errors.ts';
import type { Issue } from '../tables.ts';
import type { IssuePatch, UpdateBody } from './schemas.ts';

/** Throws Refused where an update says whom the fix has reached and does not close something broken as fixed. */
export function checkFixedFor({ kind }: Issue, taken: Step, { fixed_for, resolution }: UpdateBody): void {
  if (!fixed_for) return;
  if (taken !== 'close' || (resolution ?? 'fixed') !== 'fixed')
    refuse('fixed_for', 'belongs to the update that closes the issue as fixed');
  if (kind === 'maintenance')
    refuse('fixed_for', 'is for something broken; planned work is done for everybody');
}

/** Throws Refused where a fix would reach fewer people than we said it has, or there is none. */
export function checkWider(issue: Issue, fixedFor: IssuePatch['fixed_for']): void {
  if (fixedFor === undefined || (fixedFor === null && issue.fixed_for === null)) return;
  if (!isClosed(issue.status) || issue.resolution !== 'fixed')
    refuse('fixed_for', 'belongs to an issue that was closed as fixed');
  if (!reachesAsFar(fixedFor, issue.fixed_for))
    refuse(
      'fixed_for',
      'must reach everybody it had reached before, for they were told so; if it does not, open the issue again',
    );
}

/** Columns of conditions as the database takes them. */
export function asJson(patch: IssuePatch): { affected?: string | null; fixed_for?: string | null } {
  const json = (conditions: Condition[] | null) => conditions && JSON.stringify(conditions);
  return {
    ...(patch.affected !== undefined && { affected: json(patch.affected) }),
    ...(patch.fixed_for !== undefined && { fixed_for: json(patch.fixed_for) }),
  };
}

/** An issue with its conditions written as the API writes them, so that the same can be told from others. */
export function withConditionsInOrder(issue: Issue): Issue {
  return { ...issue, affected: inOrder(issue.affected), fixed_for: inOrder(issue.fixed_for) };
}
