import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { StaffLinkPurpose } from '../domain/words.ts';
import type { Delivery } from '../tables.ts';
import { asClosed } from './as-closed.ts';
import type { InvitationMatter, NudgeMatter, RehearsalMatter, Unwanted } from './matter.ts';
import { wantedNudge } from './nudge-letter.ts';

/** Of a mail to staff: what it is about, or why it must not go. */
export async function wantedByStaff(
  db: Db,
  delivery: Delivery,
  now: Date,
): Promise<InvitationMatter | NudgeMatter | RehearsalMatter | Unwanted> {
  const suppressed = await db
    .selectFrom('suppression')
    .select('reason')
    .where('address_key', '=', delivery.address_key)
    .executeTakeFirst();
  if (suppressed)
    return { state: 'suppressed', reason: `no mail goes to this address: ${suppressed.reason}` };
  if (delivery.template === 'nudge') return wantedNudge(db, delivery, now);
  return delivery.template === 'invited' ? invitation(db, delivery, now) : rehearsal(db, delivery);
}

async function invitation(
  db: Db,
  { staff_link_id }: Delivery,
  now: Date,
): Promise<InvitationMatter | Unwanted> {
  const { rows } = await sql<Link>`
    select link.id, link.purpose, link.invited_by, link.expires_at, link.used_at,
      staff.disabled_at
    from staff_link link left join staff on staff.id = link.staff_id
    where link.id = ${staff_link_id}`.execute(db);
  const [link] = rows;
  const reason = whyNot(link, now);
  if (!link || reason) return { state: 'cancelled', reason: reason ?? gone };
  const { id, purpose, invited_by, expires_at } = link;
  return { for: 'invitation', linkId: id, purpose, invitedBy: invited_by, expiresAt: expires_at };
}

interface Link {
  id: string;
  purpose: StaffLinkPurpose;
  invited_by: string | null;
  expires_at: Date;
  used_at: Date | null;
  disabled_at: Date | null;
}

const gone = 'the link is gone';

function whyNot(link: Link | undefined, now: Date): string | null {
  if (!link) return gone;
  if (link.used_at !== null) return 'the link was used, or a newer one took its place';
  if (link.expires_at <= now) return 'the link had expired';
  return link.disabled_at === null ? null : 'the account was closed';
}

async function rehearsal(db: Db, delivery: Delivery): Promise<RehearsalMatter | Unwanted> {
  const { issue_id, draft, created_at } = delivery;
  const mail = issue_id === null || draft === null ? null : await asClosed(db, issue_id, draft, created_at);
  return mail ? { for: 'rehearsal', mail } : { state: 'cancelled', reason: 'the draft is gone' };
}
