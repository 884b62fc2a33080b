import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { type Condition, isNotReached, reads, type Traits } from '../domain/affected.ts';

// A fix may reach some people before others. Whoever told us what she uses is told that it is fixed when the fix has
// reached her: her mail is owed with everybody's, and waits.

/** When a mail is due that waits for the fix: never, until the fix has reached her. */
export const whenReached = new Date('9999-01-01T00:00:00.000Z');

/**
 * Lets the mails that an issue is fixed wait for those whom its fix has not reached, and go to those whom it has, in
 * the transaction that changed either; those that are being sent at this moment are left alone. The caller holds the
 * issue's row lock. Calling twice changes nothing more.
 */
export async function settleReach(trx: Trx, issueId: string, now: Date): Promise<void> {
  const issue = await trx
    .selectFrom('issue')
    .select('fixed_for')
    .where('id', '=', issueId)
    .executeTakeFirst();
  const fixedFor = issue?.fixed_for ?? null;
  if (fixedFor === null && !(await anyWaits(trx, issueId))) return;
  const notReached = fixedFor === null ? [] : await readNotReached(trx, issueId, fixedFor);
  await sql`
    update delivery set waits_for_fix = mine.waits,
      reached_at = case when not mine.waits then ${now}::timestamptz end,
      due_at = case when mine.waits then ${whenReached}::timestamptz
        when delivery.due_at = ${whenReached} then ${now}::timestamptz else delivery.due_at end
    from (
      select id, address_key = any(${notReached}::text[]) as waits from delivery
      where issue_id = ${issueId} and template = 'resolved' and state = 'queued' and report_id is not null
        and (lease_until > ${now}) is not true) as mine
    where mine.id = delivery.id
      and (delivery.waits_for_fix <> mine.waits or mine.waits and delivery.due_at <> ${whenReached})`.execute(
    trx,
  );
}

/** How many people who left an address wait for the fix of an issue, or would, had it reached only these. */
export async function countNotReached(
  db: Db | Trx,
  issueId: string,
  fixedFor: readonly Condition[] | null,
): Promise<number> {
  return fixedFor === null ? 0 : (await readNotReached(db, issueId, fixedFor)).length;
}

/**
 * The addresses that by what their owners told us the fix has not reached. Of several reports of one address the
 * newest with traits counts, unless by any of them it has.
 */
async function readNotReached(
  db: Db | Trx,
  issueId: string,
  fixedFor: readonly Condition[],
): Promise<string[]> {
  const { rows } = await sql<{ traits: Traits; as_text: string }>`
    select distinct traits, traits::text as as_text from report
    where issue_id = ${issueId} and stands and email is not null and traits is not null`.execute(db);
  const those = (wanted: (traits: Traits) => boolean) =>
    rows.filter(({ traits }) => wanted(traits)).map(({ as_text }) => as_text);
  const { rows: people } = await sql<{ email_key: string }>`
    select email_key from (
      select distinct on (email_key) email_key, traits::text as newest from report
      where issue_id = ${issueId} and stands and email is not null and traits is not null
      order by email_key, created_at desc, id) as hers
    where newest = any(${those((traits) => isNotReached(fixedFor, traits))}::text[])
      and not exists (
        select from report other
        where other.issue_id = ${issueId} and other.email_key = hers.email_key and other.stands
          and other.traits::text = any(${those((traits) => reads(fixedFor, traits).all === 'yes')}::text[]))`.execute(
    db,
  );
  return people.map((row) => row.email_key);
}

/** Of the same, those whom by what they told us it has reached. */
export async function readReached(
  db: Db | Trx,
  issueId: string,
  fixedFor: readonly Condition[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('report')
    .select(['email_key', 'traits'])
    .where('issue_id', '=', issueId)
    .where('stands', '=', true)
    .where('email_key', 'is not', null)
    .where('traits', 'is not', null)
    .execute();
  return rows.filter(({ traits }) => reads(fixedFor, traits!).all === 'yes').map((row) => row.email_key!);
}

async function anyWaits(trx: Trx, issueId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('delivery')
    .select('id')
    .where('issue_id', '=', issueId)
    .where('waits_for_fix', '=', true)
    .where('state', '=', 'queued')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
