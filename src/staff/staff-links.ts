import type { Db, Trx } from '../db.ts';
import type { Role, StaffLinkPurpose } from '../domain/words.ts';
import { newId } from '../ids.ts';
import type { Links } from '../links.ts';

const hour = 3_600_000;
export const linkMs: Record<StaffLinkPurpose, number> = {
  first: 7 * 24 * hour,
  invitation: 7 * 24 * hour,
  password: 2 * hour,
};

/** A link that still opens the door, and for whom; without a person it makes the first owner. */
export interface OpenLink {
  id: string;
  purpose: StaffLinkPurpose;
  person: { id: string; name: string; email: string; role: Role } | null;
}

/** Makes a link and answers its id; the token in its address is made of that. */
export async function makeLink(
  trx: Trx,
  { staffId, purpose, invitedBy }: { staffId: string | null; purpose: StaffLinkPurpose; invitedBy?: string },
  now: Date,
): Promise<string> {
  const id = newId();
  await trx
    .insertInto('staff_link')
    .values({
      id,
      staff_id: staffId,
      purpose,
      invited_by: invitedBy ?? null,
      created_at: now,
      expires_at: new Date(now.getTime() + linkMs[purpose]),
      used_at: null,
    })
    .execute();
  return id;
}

/** What a token of ours opens; null for one that is forged, expired, used, or whose person is disabled. Changes nothing. */
export async function readLink(db: Db, token: string, links: Links, now: Date): Promise<OpenLink | null> {
  const id = links.read('staff', token);
  const row =
    id !== null &&
    (await db
      .selectFrom('staff_link as link')
      .leftJoin('staff', 'staff.id', 'link.staff_id')
      .select([
        'link.purpose',
        'link.staff_id',
        'staff.name',
        'staff.email',
        'staff.role',
        'staff.disabled_at',
      ])
      .where('link.id', '=', id)
      .where('link.used_at', 'is', null)
      .where('link.expires_at', '>', now)
      .executeTakeFirst());
  if (!row || row.disabled_at !== null) return null;
  if (row.purpose === 'first') return (await hasOwner(db)) ? null : { id, purpose: 'first', person: null };
  const { staff_id, name, email, role } = row;
  return { id, purpose: row.purpose, person: { id: staff_id!, name: name!, email: email!, role: role! } };
}

/** Uses a link up, with every other link of the same person; false where somebody was faster, or it is too late. */
export async function useLink(trx: Trx, { id, person }: OpenLink, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('staff_link')
    .set({ used_at: now })
    .where('id', '=', id)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await voidLinks(trx, person?.id ?? null, now);
  return true;
}

/** Takes away every link of a person that is still open; of nobody: every link that makes the first owner. */
export async function voidLinks(trx: Trx, staffId: string | null, now: Date): Promise<void> {
  await trx
    .updateTable('staff_link')
    .set({ used_at: now })
    .where('staff_id', staffId === null ? 'is' : '=', staffId)
    .where('used_at', 'is', null)
    .execute();
}

/** Whether anybody rules already; whoever has been invited to counts. */
export async function hasOwner(db: Db): Promise<boolean> {
  const owner = await db
    .selectFrom('staff')
    .select('id')
    .where('role', '=', 'owner')
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return owner !== undefined;
}
