import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { DeedKind } from '../domain/words.ts';
import { Conflict } from '../errors.ts';
import { newId } from '../ids.ts';

/** What a step of staff did. */
export interface Step {
  /** What takes it back. */
  deedId: string;
  /** The reports it was done to. */
  taken: string[];
  /** How many of those meant had been handled in the meantime, or withdrawn. */
  gone: number;
}

/** Whose step it is; null for a program. */
export type By = { id: string } | null;

/**
 * Writes down how reports stand before a step of staff, so that it can be taken back, and answers the deed's id. Call
 * it before the change, with the issue, if there is one, in place.
 */
export async function recordDeed(
  trx: Trx,
  deed: { kind: DeedKind; issueId: string | null; staffId: string | null; reportIds: string[] },
  now: Date,
): Promise<string> {
  const id = newId();
  const { kind, issueId, staffId, reportIds } = deed;
  await trx
    .insertInto('deed')
    .values({ id, kind, staff_id: staffId, issue_id: issueId, at: now, undone_at: null })
    .execute();
  await sql`
    insert into deed_report (deed_id, report_id, state, issue_id, linked_at, verdict, answer, answered_at)
    select ${id}, id, state, issue_id, linked_at, verdict, answer, answered_at
    from report where id = any(${reportIds}::text[])`.execute(trx);
  return id;
}

/**
 * Those of these reports that nobody handled yet, locked until the transaction ends, so that no report is handled
 * twice. Throws Conflict where none is left.
 */
export function takeNew(trx: Trx, ids: string[]): Promise<Taken> {
  return take(trx, ids, 'new');
}

/** The same of reports that stand as answered. */
export function takeAnswered(trx: Trx, ids: string[]): Promise<Taken> {
  return take(trx, ids, 'answered');
}

type Taken = Pick<Step, 'taken' | 'gone'>;

async function take(trx: Trx, ids: string[], state: 'new' | 'answered'): Promise<Taken> {
  const meant = [...new Set(ids)];
  const { rows } = await sql<{ id: string }>`
    select id from report where id = any(${meant}::text[]) and state = ${state} order by id for update`.execute(
    trx,
  );
  if (rows.length === 0) {
    const who = (await whoHandled(trx, meant)) ?? 'Somebody';
    throw new Conflict(`${who} has handled this meanwhile, so nothing was done.`);
  }
  return { taken: rows.map((row) => row.id), gone: meant.length - rows.length };
}

/** Whose step it was that these reports are new no more; null where nobody's here. */
async function whoHandled(trx: Trx, ids: string[]): Promise<string | null> {
  const { rows } = await sql<{ name: string }>`
    select staff.name from deed_report join deed on deed.id = deed_report.deed_id join staff on staff.id = deed.staff_id
    where deed_report.report_id = any(${ids}::text[]) and deed.undone_at is null order by deed.at desc limit 1`.execute(
    trx,
  );
  return rows[0]?.name ?? null;
}
