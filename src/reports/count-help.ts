import type { Db, Trx } from '../db.ts';
import { NotFound, TooMany } from '../errors.ts';
import { take, type Visitor } from '../limits.ts';
import type { Links } from '../links.ts';
import { pathOf } from '../merged.ts';
import { rules } from './quota.ts';

/** One person, as far as counting goes: by her network, or by her report where she came with its link. */
export type Helped = { network: string | null } | { reportId: string };

/**
 * Counts somebody whom a way around helped; answers whether she is counted now or was before. Kept of her is a keyed
 * hash made for this one way around alone. Throws NotFound where it is not published on this issue.
 */
export async function countHelp(
  db: Db | Trx,
  { bucket }: Pick<Links, 'bucket'>,
  { issueId, id }: { issueId: string; id: string },
  who: Helped,
): Promise<'now' | 'before'> {
  const way = await db
    .selectFrom('workaround')
    .select('issue_id')
    .where('id', '=', id)
    .where('state', '=', 'published')
    .executeTakeFirst();
  if (!way || !(await pathOf(db, way.issue_id)).includes(issueId)) {
    throw new NotFound('This way around does not stand on our page any more.');
  }
  const person = 'reportId' in who ? `report ${who.reportId}` : `network ${who.network ?? 'here'}`;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('workaround_help')
    .values({ workaround_id: id, person: bucket(`helped:${id}`, person).split(':').at(-1)! })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n ? 'now' : 'before';
}

/** Counts a press against its network's share. Throws TooMany. */
export async function limitHelp(db: Db, { bucket, network }: Visitor, now: Date): Promise<void> {
  if (network === null) return;
  const wait = await take(db, bucket('helped', network), rules.helpedPerNetwork, now);
  if (wait > 0) throw new TooMany('More came from your network in the last minutes than we can count.', wait);
}
