import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { NotFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { closingUpdate } from '../issue-row.ts';
import { lockFollowed } from '../merged.ts';
import { oweReporters } from '../notifications/outbox.ts';
import { type Added, type ReportEntry, reportEntry } from './schemas.ts';

/**
 * Adds people whom support knows to be affected to an issue's reporters, up to 10,000 in one statement.
 * Somebody who is there already (whatever the case of her address) stays as she is. Those added to an issue
 * that is over are told so at once, and those added to one that was merged follow it where it is followed. Throws
 * NotFound for the issue.
 */
export async function addReports(
  trx: Trx,
  meant: string,
  given: readonly unknown[],
  now: Date,
): Promise<Added> {
  const issue = await lockFollowed(trx, meant);
  const issueId = issue.id;
  const { entries, rejected } = sort(given);
  const rows = entries.map((entry) => ({
    id: newId(),
    email: entry.email,
    message: entry.message ?? null,
    name: entry.name ?? null,
    source: entry.source ?? 'api',
    traits: entry.traits && Object.keys(entry.traits).length > 0 ? entry.traits : null,
  }));
  const { numAffectedRows } = await sql`
    insert into report (id, issue_id, state, source, email, name, message, created_at, linked_at, merged_from,
      traits)
    select distinct on (lower(row.email)) row.id, ${issueId}, 'linked', row.source, row.email, row.name, row.message,
      ${now}::timestamptz, ${now}::timestamptz, nullif(${meant}::text, ${issueId}),
      nullif(row.traits, 'null'::jsonb)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as row (id text, email text, name text, message text, source text, traits jsonb)
    where not exists (select from report there where there.issue_id = ${issueId}
      and there.email_key = lower(row.email) and there.stands)
    order by lower(row.email)`.execute(trx);
  const addedRows = Number(numAffectedRows ?? 0);
  if (issue.resolved_at !== null && addedRows > 0) {
    const closing = await closingUpdate(trx, issueId);
    if (!closing) throw new NotFound('The issue is over, but no update says so.');
    await oweReporters(trx, 'resolved', { id: closing.id, issueId }, now);
  }
  return { added: addedRows, already_there: entries.length - addedRows, rejected };
}

function sort(given: readonly unknown[]): { entries: ReportEntry[]; rejected: Added['rejected'] } {
  const entries: ReportEntry[] = [];
  const rejected: Added['rejected'] = [];
  for (const [index, one] of given.entries()) {
    const read = reportEntry.safeParse(one);
    if (read.success) entries.push(read.data);
    else {
      const { path, message } = read.error.issues[0]!;
      rejected.push({ index, reason: path.length > 0 ? `${path.join('.')}: ${message}` : message });
    }
  }
  return { entries, rejected };
}
