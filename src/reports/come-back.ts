import { sql } from 'kysely';
import type { Db, Trx } from '../db.ts';
import { codeOf, readCode } from '../domain/short-code.ts';
import { giveBack, type Limit, takeAll, type Visitor } from '../limits.ts';
import type { Links } from '../links.ts';
import { rules } from './quota.ts';

const use = 'come-back';

/**
 * The short code that leads back to a report. It follows from the report and our key, so her page can show it again;
 * what the database keeps is a keyed hash of it.
 */
export function codeFor(links: Links, id: string): string {
  return codeOf(links.seal(use, id));
}

/** Lets the code of a report lead back to it from now on. Twice is the same; of two with one code the first has it. */
export async function giveCode(trx: Trx, links: Links, id: string): Promise<void> {
  const hash = hashOf(links, codeFor(links, id));
  await trx
    .updateTable('report')
    .set({ code_hash: hash })
    .where('id', '=', id)
    .where('code_hash', 'is', null)
    .where(sql<boolean>`not exists (select from report as other where other.code_hash = ${hash})`)
    .execute();
}

/** The report that a code leads to, however it was typed; null for none. Looks once, whatever came. */
export async function findByCode(db: Db, links: Links, typed: string): Promise<string | null> {
  const report = await db
    .selectFrom('report')
    .select('id')
    .where('code_hash', '=', hashOf(links, readCode(typed)))
    .executeTakeFirst();
  return report?.id ?? null;
}

/** Counts one more try; answers the seconds to wait where her network had too many wrong ones, else 0. */
export function waitToComeBack(db: Db, visitor: Visitor, now: Date): Promise<number> {
  return takeAll(db, limitsOf(visitor), now);
}

/** A code that was right is no guess. */
export function forgetTry(db: Db, visitor: Visitor): Promise<void> {
  return giveBack(db, limitsOf(visitor));
}

function limitsOf({ bucket, network }: Visitor): Limit[] {
  return network === null
    ? [[bucket(use, 'here'), rules.codesFromHere]]
    : [[bucket(use, network), rules.codesPerNetwork]];
}

function hashOf(links: Links, code: string): string {
  return links.bucket(use, code);
}
