import { sql } from 'kysely';
import type { Trx } from '../db.ts';
import { stateCounts } from '../ledger/count.ts';
import type { Links } from '../links.ts';
import type { IncomingMail } from '../read-mail.ts';
import type { Delivery } from '../tables.ts';
import { type Bounce, type Recipient, readBounce } from './read-bounce.ts';
import { suppress } from './suppressions.ts';

/** What followed from a bounce; `said` tells the mail server's log, and holds no address. */
export interface TakenBounce {
  became: 'suppressed' | 'noted' | 'nothing';
  said: string;
}

/**
 * Takes a mail server's word that one of our mails came back. Where it says that the mailbox does not exist, no mail goes
 * to that address any more, and the mail counts as failed; what may pass is noted, and everything else changes nothing:
 * a mail that is none of ours, one for another address than ours went to, a person's. Twice is the same.
 */
export async function takeBounce(
  trx: Trx,
  mail: IncomingMail,
  links: Links,
  now: Date,
): Promise<TakenBounce> {
  const bounce = readBounce(mail, links);
  if (!bounce) return nothing('This is no delivery report that we can read (RFC 3464); nothing changed.');
  const delivery = await findDelivery(trx, bounce);
  if (!delivery) return nothing('It is about no mail of ours; nothing changed.');
  const own = bounce.recipients.filter(({ addresses }) => addresses.includes(delivery.address_key));
  const worst = worstOf(own);
  if (worst?.weight === 'hard') return comeBack(trx, delivery, worst, now);
  const other = worst ?? worstOf(bounce.recipients);
  if (!other || other.weight === 'none') return nothing('It says that nothing went wrong; nothing changed.');
  return note(trx, delivery, worst ? other : { ...other, said: `${other.said} (after a forwarding)`.trim() });
}

/** The signed envelope sender is believed first; the id of the mail is random, and only who got it knows it. */
async function findDelivery(trx: Trx, { tagged, messageIds }: Bounce): Promise<Delivery | undefined> {
  const query = trx.selectFrom('delivery').selectAll().where('webhook_id', 'is', null).forUpdate();
  if (tagged.length > 0) return query.where('id', '=', tagged[0]!).executeTakeFirst();
  if (messageIds.length === 0) return undefined;
  return query.where('message_id', 'in', messageIds).orderBy('id').executeTakeFirst();
}

const weights = ['none', 'soft', 'hard'] as const;

function worstOf(all: readonly Recipient[]): Recipient | undefined {
  return [...all].sort((a, b) => weights.indexOf(b.weight) - weights.indexOf(a.weight))[0];
}

async function comeBack(trx: Trx, delivery: Delivery, said: Recipient, now: Date): Promise<TakenBounce> {
  const { bounced_at, again_at } = delivery;
  const isKnown = bounced_at !== null && (again_at === null || again_at <= bounced_at);
  if (isKnown) return nothing('It was known already; nothing changed.');
  const reason = reasonOf(said);
  await suppress(trx, { address: delivery.address_key, reason, source: 'bounce' }, now);
  await trx
    .updateTable('delivery')
    .set({
      bounced_at: now,
      last_error: `came back: ${reason}`,
      ...(delivery.state === 'sent' && { state: 'failed', reason: `came back: ${reason}`, ended_at: now }),
    })
    .where('id', '=', delivery.id)
    .execute();
  if (delivery.update_id !== null) await stateCounts(trx, [delivery.issue_id], now);
  return {
    became: 'suppressed',
    said: `The mailbox does not exist (${said.status}): no mail goes there any more.`,
  };
}

async function note(trx: Trx, delivery: Delivery, said: Recipient): Promise<TakenBounce> {
  await trx
    .updateTable('delivery')
    .set({ last_error: sql<string>`left(${`came back: ${reasonOf(said)}`}, 300)` })
    .where('id', '=', delivery.id)
    .execute();
  return {
    became: 'noted',
    said: `It was noted with the mail (${said.status || 'no status'}); the address stays.`,
  };
}

function reasonOf({ status, said }: Recipient): string {
  return said.includes(status) ? said : `${status} ${said}`.trim();
}

function nothing(said: string): TakenBounce {
  return { became: 'nothing', said };
}
