import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import type { Statement } from '../domain/ledger.ts';

/**
 * Writes a statement down, in the transaction of what it states; both happen, or neither. It is sealed (numbered and
 * hashed) soon after: whoever states something waits for nobody. Call it while holding the lock of what it is about,
 * so that statements about one thing stand in the order in which they were made.
 */
export async function state(trx: Trx, statement: Statement, now: Date): Promise<void> {
  await stateAll(trx, [statement], now);
}

/** The same for many, in their order. */
export async function stateAll(trx: Trx, statements: readonly Statement[], now: Date): Promise<void> {
  if (statements.length === 0) return;
  await sql`
    insert into ledger (at, type, issue_id, body)
    select ${now}::timestamptz, one.value ->> 'type', one.value ->> 'issue_id', one.value - 'type' - 'issue_id'
    from jsonb_array_elements(${JSON.stringify(statements)}::jsonb) with ordinality as one (value, place)
    order by one.place`.execute(trx);
}

/** States issues whole, as they stand now: what comes from elsewhere, or came anew from there. Hold their locks. */
export async function stateIssuesWhole(trx: Trx, ids: readonly string[], now: Date): Promise<void> {
  await sql`
    insert into ledger (at, type, issue_id, body)
    select ${now}::timestamptz, 'issue_taken_over', id, ledger_issue(id)
    from issue where id = any(${ids}::text[]) order by created_at, id`.execute(trx);
}

/** The same of components. */
export async function stateComponentsWhole(trx: Trx, ids: readonly string[], now: Date): Promise<void> {
  await sql`
    insert into ledger (at, type, issue_id, body)
    select ${now}::timestamptz, 'component_taken_over', null,
      jsonb_build_object('component_id', id) || ledger_component(id)
    from component where id = any(${ids}::text[]) order by position, id`.execute(trx);
}
