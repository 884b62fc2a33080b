import type { Trx } from '../db.ts';
import { isNotReached } from '../domain/affected.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { newId } from '../ids.ts';
import type { Visitor } from '../limits.ts';
import { lockFollowed } from '../merged.ts';
import type { Report } from '../tables.ts';
import { oweFirstMail } from './first-mail.ts';
import type { Told } from './form.ts';

/** What somebody tells us of something we may not know yet. */
export type NewReport = Partial<Told> & Dealt & { message: string; source: string };

/** What the report will be called, where that follows from what brought it: the same is kept once. */
interface Dealt {
  id?: string;
}

/**
 * Keeps what somebody tells us, for staff to read, and owes her a receipt if she left an address and the
 * visitor's limits allow it. Told twice, it is kept twice: no words are lost.
 */
export async function fileReport(trx: Trx, told: NewReport, now: Date, visitor?: Visitor): Promise<Report> {
  const report = await keep(trx, { ...told, issue_id: null, state: 'new', linked_at: null }, now);
  await oweFirstMail(trx, report, null, now, visitor);
  return report;
}

/**
 * Adds somebody to the people a known issue happens to; one that was merged is followed elsewhere, and so is she, until
 * the two are split. If the issue is over already, staff read it as a new report and she is told at once that it is
 * over; unless its fix has not reached her yet: then she is told when it has. Throws NotFound for the issue.
 */
export async function meToo(
  trx: Trx,
  issueId: string,
  told: Partial<Told> & Dealt & { source?: string },
  now: Date,
  visitor?: Visitor,
): Promise<Report> {
  const issue = await lockFollowed(trx, issueId);
  const isKnown = !isClosed(issue.status) || isNotReached(issue.fixed_for, told.traits ?? null);
  const standing = !isKnown
    ? ({ state: 'new', linked_at: null } as const)
    : ({ state: 'linked', linked_at: now } as const);
  const cameFrom = issue.id === issueId ? null : issueId;
  const report = await keep(
    trx,
    { ...told, ...standing, source: told.source ?? 'me_too', issue_id: issue.id, merged_from: cameFrom },
    now,
  );
  await oweFirstMail(trx, report, issue, now, visitor);
  return report;
}

type Kept = Partial<Told & Pick<Report, 'merged_from'>> &
  Dealt &
  Pick<Report, 'issue_id' | 'state' | 'linked_at' | 'source'>;

function keep(trx: Trx, report: Kept, now: Date): Promise<Report> {
  const { issue_id, state, linked_at, source, message, email, name, page_url, merged_from, traits } = report;
  return trx
    .insertInto('report')
    .values({
      id: report.id ?? newId(),
      issue_id,
      state,
      source,
      message: message || null,
      email: email || null,
      name: name || null,
      page_url: page_url || null,
      verdict: null,
      answer: null,
      created_at: now,
      linked_at,
      answered_at: null,
      withdrawn_at: null,
      merged_from: merged_from ?? null,
      traits: traits ? JSON.stringify(traits) : null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}
