import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { NotFound, TooMany } from '../errors.ts';
import { take, type Visitor } from '../limits.ts';
import type { Links } from '../links.ts';
import { pathOf } from '../merged.ts';
import { rules } from './quota.ts';

/** One person, as far as counting goes: by her network, and by her report where she came with its link. */
export interface Helped {
  network: string | null;
  reportId?: string;
}

/**
 * Counts somebody whom a way around helped; answers whether she is counted now or was before, on whichever page. Whoever
 * found it is not counted. Kept of her are keyed hashes made for this one way around alone. Throws NotFound where it is not published on this issue.
 */
export async function countHelp(
  db: Db | Trx,
  { bucket }: Pick<Links, 'bucket'>,
  { issueId, id }: { issueId: string; id: string },
  who: Helped,
): Promise<'now' | 'before'> {
  const way = await db
    .selectFrom('workaround')
    .select(['issue_id', 'report_id'])
    .where('id', '=', id)
    .where('state', '=', 'published')
    .executeTakeFirst();
  if (!way || !(await pathOf(db, way.issue_id)).includes(issueId)) {
    throw new NotFound('This way around does not stand on our page any more.');
  }
  const { network, reportId } = who;
  if (reportId !== undefined && reportId === way.report_id) return 'before';
  const hash = (whose: string) => bucket(`helped:${id}`, whose).split(':').at(-1)!;
  const hers = reportId === undefined ? '' : hash(`report ${reportId}`);
  const net = hers && network === null ? '' : hash(`network ${network ?? 'here'}`);
  const person = hers ? `${net}.${hers}` : net;
  if (await wasCounted(db, id, { net, hers })) return 'before';
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('workaround_help')
    .values({ workaround_id: id, person })
    .onConflict((oc) => oc.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n ? 'now' : 'before';
}

/**
 * Whether her network or her report is counted. Who was counted by her network alone is known by her report from now on:
 * one line, one person.
 */
async function wasCounted(db: Db | Trx, id: string, { net, hers }: { net: string; hers: string }) {
  const counted = db.selectFrom('workaround_help').select('person').where('workaround_id', '=', id);
  if (hers === '') {
    return (await counted.where(sql`split_part(person, '.', 1)`, '=', net).executeTakeFirst()) !== undefined;
  }
  if (await counted.where(sql`split_part(person, '.', 2)`, '=', hers).executeTakeFirst()) return true;
  const { numUpdatedRows } = await db
    .updateTable('workaround_help')
    .set({ person: `${net}.${hers}` })
    .where('workaround_id', '=', id)
    .where('person', '=', net)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Counts a press against its network's share. Throws TooMany. */
export async function limitHelp(db: Db, { bucket, network }: Visitor, now: Date): Promise<void> {
  if (network === null) return;
  const wait = await take(db, bucket('helped', network), rules.helpedPerNetwork, now);
  if (wait > 0) throw new TooMany('More came from your network in the last minutes than we can count.', wait);
}
