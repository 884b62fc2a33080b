import type { Trx } from '../db.ts';
import { isNotReached } from '../domain/affected.ts';
import { closingUpdate } from '../issue-row.ts';
import type { Visitor } from '../limits.ts';
import { owePerson } from '../notifications/outbox.ts';
import type { Issue, Report } from '../tables.ts';
import { mayWrite } from './quota.ts';

const freshFor = 10 * 60_000;

/**
 * Queues the one mail an address gets at once when it comes with a report: a receipt, or, where the issue is
 * over already, the word that it is (where its fix has not reached her, the receipt now and that word then). A limit may hold the mail back, never the report. The caller holds the
 * issue's lock. Without a visitor (our own callers) no limit is asked.
 */
export async function oweFirstMail(
  trx: Trx,
  report: Report,
  issue: Issue | null,
  now: Date,
  visitor?: Visitor,
): Promise<void> {
  const address = report.email;
  if (address === null) return;
  const mail = { reportId: report.id, issueId: issue?.id ?? null, address };
  const closedAt = issue?.resolved_at;
  const closing = closedAt ? await closingUpdate(trx, issue.id) : undefined;
  // Whoever tells us while the fix is being announced is owed the announcement, whatever the limits.
  const isFresh = closing && now.getTime() - closedAt!.getTime() <= freshFor;
  if (visitor && !isFresh && !(await mayWrite(trx, visitor, address, now))) return;
  const waits = closing && isNotReached(issue!.fixed_for, report.traits);
  if (waits) await owePerson(trx, { ...mail, template: 'receipt' }, now);
  await owePerson(
    trx,
    closing ? { ...mail, template: 'resolved', updateId: closing.id } : { ...mail, template: 'receipt' },
    now,
  );
}
