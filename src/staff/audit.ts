import type { Db, Trx } from '../db.ts';

/** One line of the audit. */
export interface AuditEntry {
  /** Null for the operator's command line and for programs. */
  staffId: string | null;
  who: string;
  act: string;
  about?: string | undefined;
  detail?: Record<string, unknown> | undefined;
  /** Only where the act was about one. */
  address?: string | undefined;
}

/** Writes down who did what, in the transaction of the deed. Nothing in the audit is ever changed. */
export async function writeAudit(db: Db | Trx, entry: AuditEntry, now: Date): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      at: now,
      staff_id: entry.staffId,
      who: entry.who,
      act: entry.act,
      about: entry.about ?? null,
      detail: JSON.stringify(entry.detail ?? {}),
      address: entry.address ?? null,
    })
    .execute();
}

/** The same for whoever runs the server, at its command line. */
export function auditOperator(
  trx: Trx,
  entry: Omit<AuditEntry, 'staffId' | 'who'>,
  now: Date,
): Promise<void> {
  return writeAudit(trx, { ...entry, staffId: null, who: 'the operator' }, now);
}

/** Takes a person's address out of every line; that something was done stays. */
export async function eraseFromAudit(trx: Trx, address: string): Promise<void> {
  await trx
    .updateTable('audit')
    .set({ address: null })
    .where((eb) => eb(eb.fn('lower', ['address']), '=', address.toLowerCase()))
    .execute();
}
