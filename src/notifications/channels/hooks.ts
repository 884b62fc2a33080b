import type { Config } from '../../config.ts';
import type { Db } from '../../db.ts';
import type { Webhook } from '../../hearing-tables.ts';
import type { Links } from '../../links.ts';
import { releaseAllLeases } from '../claim.ts';
import type { Log } from '../deliver.ts';
import { newHours, type Pump, startPump } from '../pump.ts';
import { type ClaimedHook, claimHook } from './claim-hook.ts';
import { deliverHook, type HookDesk } from './deliver-hook.ts';
import type { Reach } from './guard.ts';

export type HookPage = HookDesk['page'] & Pick<Config, 'webhooksAllowPrivate'>;

export interface HooksOptions {
  db: Db;
  page: HookPage;
  links: Links;
  log: Log;
  now?: () => Date;
  random?: () => number;
  /** Messages at a time; webhooks whose last message did not arrive may have half of them. */
  slots?: number;
  /** How long a claimed message is ours, in milliseconds; longer than any exchange with a receiver. */
  leaseMs?: number;
  posting?: HookDesk['posting'];
  /** Only where no other process can be at work on this database: frees what a killed predecessor held. */
  releaseLeasesAtStart?: boolean;
}

/**
 * Starts telling programs and chats. It works when poked, on a queue of its own: whatever a receiver does costs no mail
 * and no other receiver a second.
 */
export function startHooks(options: HooksOptions): Pump {
  const { db, page, log, now = () => new Date(), random = Math.random } = options;
  const { slots = 16, leaseMs = 60_000, posting = {} } = options;
  const hours = newHours();
  const desk: HookDesk = {
    ...options,
    now,
    random,
    leaseMs,
    posting,
    reachOf: (hook) => reachOf(page, hook),
    closing: hours.closing.signal,
    closed: hours.closed.signal,
  };
  let ailing = 0;
  return startPump<ClaimedHook>({
    hours,
    slots,
    ...(options.releaseLeasesAtStart && { first: () => releaseAllLeases(db, 'hooks') }),
    next: () => claimHook(db, { now: now(), leaseMs, wellOnly: ailing >= slots / 2 }),
    async work(one) {
      ailing += Number(one.ailing);
      await deliverHook(desk, one);
      ailing -= Number(one.ailing);
    },
    onTrouble: ({ message }) =>
      log.error({ error: message }, 'webhooks cannot reach the database; the next poke tries again'),
  });
}

/** How far a webhook may reach: who runs the server says whether into private networks. */
export function reachOf(
  { webhooksAllowPrivate }: Pick<Config, 'webhooksAllowPrivate'>,
  { subscriber_id }: Pick<Webhook, 'subscriber_id'>,
): Reach {
  if (webhooksAllowPrivate === 'on') return 'inside';
  return webhooksAllowPrivate === 'staff' && subscriber_id === null ? 'inside' : 'open';
}
