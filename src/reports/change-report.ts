import { sql } from 'kysely';
import { addressKey } from '../address.ts';
import type { Trx } from '../db.ts';
import { Conflict, NotFound } from '../errors.ts';
import { lockIssue } from '../issue-row.ts';
import { stateCounts } from '../ledger/count.ts';
import type { Visitor } from '../limits.ts';
import type { Links } from '../links.ts';
import type { Issue, Report } from '../tables.ts';
import { oweFirstMail } from './first-mail.ts';
import { forgetOffers } from './forget-offers.ts';

/** What the address of a report we do not have, and a link we did not make, are both answered with. */
export const nothingHere = 'There is nothing at this address.';

/**
 * Takes a report back: it counts no more, its address is gone and so is what she offered to others, its page stays readable. Twice is the same.
 * Throws NotFound.
 */
export async function withdraw(trx: Trx, id: string, now: Date): Promise<void> {
  const report = await trx
    .updateTable('report')
    .set({
      state: 'withdrawn',
      withdrawn_at: sql<Date>`coalesce(withdrawn_at, ${now}::timestamptz)`,
      email: null,
    })
    .where('id', '=', id)
    .returning('issue_id')
    .executeTakeFirst();
  if (!report) throw new NotFound(nothingHere);
  await forgetOffers(trx, [id], now);
  await stateCounts(trx, [report.issue_id], now);
}

/**
 * Sets the address we write to about a report, and owes the new one its first mail within the visitor's
 * limits. Throws NotFound, and Conflict for a report that was withdrawn.
 */
export async function setAddress(
  trx: Trx,
  id: string,
  address: string,
  now: Date,
  visitor?: Visitor,
): Promise<void> {
  const { report, issue } = await lockBoth(trx, id);
  if (report.state === 'withdrawn') {
    throw new Conflict('You took this report back, so we write to nobody about it. You can tell us anew.');
  }
  const changed = await trx
    .updateTable('report')
    .set({ email: address })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  if (!changed.stands || report.email_key === addressKey(address)) return;
  await oweFirstMail(trx, changed, issue, now, visitor);
  await stateCounts(trx, [report.issue_id], now); // two who are one address now are one person
}

/**
 * Adds to what she told us, as when staff asked her something; staff read it as new, unless they put it aside as spam.
 * Throws NotFound, and Conflict where the report was withdrawn or has grown longer than we can keep.
 */
export async function addWords(trx: Trx, id: string, words: string): Promise<void> {
  const { report } = await lockBoth(trx, id);
  if (report.state === 'withdrawn') throw new Conflict('You took this report back. You can tell us anew.');
  const message = [report.message, words].filter(Boolean).join('\n\n');
  if (message.length > mostWords)
    throw new Conflict('This report is as long as we can keep. Please tell us anew.');
  await trx
    .updateTable('report')
    .set({ message, ...newAgain(report) })
    .where('id', '=', id)
    .execute();
}

/** The longest a report can grow, in characters. */
export const mostWords = 20_000;

/** What makes a report new: it is gathered anew, with what she says now. Spam stays spam, and what is new stays where it is. */
export function newAgain({ state }: Report): { state?: 'new'; group_id?: null } {
  if (state === 'spam' || state === 'new') return {};
  return { state: 'new', group_id: null };
}

/** Removes the address from one report. Twice is the same. Throws NotFound. */
export async function removeAddress(trx: Trx, id: string): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('report')
    .set({ email: null })
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new NotFound(nothingHere);
}

/**
 * Removes the address from a report, and from the others of the same issue that carry it: whoever leaves gets
 * no more mail about it. Only for who reads that address's mail. Twice is the same. Throws NotFound.
 */
export async function leave(trx: Trx, id: string): Promise<void> {
  const report = await trx
    .selectFrom('report')
    .select(['issue_id', 'email_key'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!report) throw new NotFound(nothingHere);
  await trx
    .updateTable('report')
    .set({ email: null })
    .where((eb) =>
      eb.or([
        eb('id', '=', id),
        eb.and([eb('issue_id', '=', report.issue_id), eb('email_key', '=', report.email_key)]),
      ]),
    )
    .execute();
}

/**
 * The same by the link in a mail, for a mail that is about more than the report. Answers whether the link was one of
 * ours; a report that is gone has been left.
 */
export async function leaveByLink(trx: Trx, links: Links, token: string): Promise<boolean> {
  const id = links.read('leave', token);
  if (id === null) return false;
  const report = await trx.selectFrom('report').select('id').where('id', '=', id).executeTakeFirst();
  if (report) await leave(trx, id);
  return true;
}

/** A report and its issue, locked in the order in which everybody locks them: the issue first. Throws NotFound. */
export async function lockBoth(trx: Trx, id: string): Promise<{ report: Report; issue: Issue | null }> {
  const seen = await trx.selectFrom('report').select('issue_id').where('id', '=', id).executeTakeFirst();
  if (!seen) throw new NotFound(nothingHere);
  const issue = seen.issue_id === null ? null : await lockIssue(trx, seen.issue_id);
  const report = await trx
    .selectFrom('report')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  if (report.issue_id !== seen.issue_id) {
    throw new Conflict('We were just looking at this report. Please try once more.');
  }
  return { report, issue };
}
