import type { Trx } from '../db.ts';
import { closingUpdate } from '../issue-row.ts';
import { closeInto, lockPair } from '../issues/merge-issues.ts';
import { lockMerged, openApart } from '../issues/split-issues.ts';
import { familyOf } from '../merged.ts';
import { oweMerged, oweSplit } from '../notifications/tell-merged.ts';
import { carryReports, takeReportsBack } from '../reports/carry-reports.ts';
import { followAlong } from '../subscribers/follow-along.ts';

/** What a merge or a split came to. */
export interface Carried {
  /** Reports that moved. */
  carried: number;
  /** Addresses that get a mail, unless it is taken back in time. */
  told: number;
}

/**
 * Makes two issues one: `from` is closed with a word in public, its reports go over to `into`, and everybody who came
 * along is told once; whoever follows the one follows the other. Throws NotFound, and Conflict where the two cannot be one; so a second time is refused.
 */
export async function mergeIssues(
  trx: Trx,
  { from, into, message }: { from: string; into: string; message: string },
  now: Date,
): Promise<Carried> {
  const pair = await lockPair(trx, { from, into });
  const family = await familyOf(trx, from);
  const carried = await carryReports(trx, { from, into, family }, now);
  const update = await closeInto(trx, pair, message, now);
  await followAlong(trx, { from, into });
  const closing = pair.into.resolved_at === null ? undefined : await closingUpdate(trx, into);
  const news = { from, into, family, updateId: update.id, closingId: closing?.id ?? null };
  return { carried, told: await oweMerged(trx, news, now) };
}

/**
 * Makes two issues of one again: what the merge had carried along goes back, `from` is open as before, and whoever had
 * heard of the merge hears of this; nobody else. What came to the other issue by itself stays there. Throws NotFound,
 * and Conflict where it is not merged; so a second time is refused.
 */
export async function splitIssues(
  trx: Trx,
  { from, message }: { from: string; message: string },
  now: Date,
): Promise<Carried & { into: string }> {
  const merged = await lockMerged(trx, from);
  const path = merged.path.map((one) => one.id);
  const family = await familyOf(trx, from);
  const closing = (await closingUpdate(trx, from))!;
  const carried = await takeReportsBack(trx, { from, at: path.at(-1)!, family }, now);
  const update = await openApart(trx, merged.from, message, now);
  const closed = { id: closing.id, at: merged.from.resolved_at! };
  const told = await oweSplit(trx, { from, path, closing: closed, updateId: update.id }, now);
  return { carried, told, into: path[0]! };
}
