import type { Db } from '../db.ts';
import type { Delivery } from '../tables.ts';
import { wantedHookPaused } from './channels/paused-letter.ts';
import type { Matter, Unwanted } from './matter.ts';
import { wantedByReporters } from './wanted-by-reporters.ts';
import { wantedByStaff } from './wanted-by-staff.ts';
import { alsoSubscribes, wantedBySubscriber } from './wanted-by-subscribers.ts';

/**
 * Looks once more, just before sending, whether somebody still wants this mail and it is still true; answers what it
 * is about, or why it must not go. Who took her report back still hears what she subscribes to.
 */
export async function stillWanted(db: Db, delivery: Delivery, now: Date): Promise<Matter | Unwanted> {
  const { template, report_id, subscriber_id } = delivery;
  if (isForStaff(template)) return wantedByStaff(db, delivery, now);
  if (template === 'hook_paused') return wantedHookPaused(db, delivery);
  if (isForSubscribers(delivery)) return wantedBySubscriber(db, delivery, now);
  const matter = (await wantedByReporters(db, [delivery.id])).get(delivery.id);
  if (!matter) throw new Error('the delivery is gone');
  if (subscriber_id === null || report_id === null) return matter;
  if ('state' in matter) return matter.state === 'cancelled' ? wantedBySubscriber(db, delivery, now) : matter;
  return (await alsoSubscribes(db, delivery)) ? { ...matter, subscriberId: subscriber_id } : matter;
}

/** The same of many mails at once; those to reporters are asked about together. */
export async function stillWantedAll(
  db: Db,
  deliveries: Delivery[],
  now: Date,
): Promise<Map<string, Matter | Unwanted>> {
  const others = deliveries.filter((one) => one.subscriber_id !== null);
  const plain = deliveries.filter((one) => one.subscriber_id === null);
  const found = new Map<string, Matter | Unwanted>(
    await wantedByReporters(
      db,
      plain.map(({ id }) => id),
    ),
  );
  for (const one of others) found.set(one.id, await stillWanted(db, one, now));
  return found;
}

/** Such mails can be asked about together. */
export function isForReporters(delivery: Delivery): boolean {
  const { template, subscriber_id } = delivery;
  if (subscriber_id !== null || isForStaff(template) || template === 'hook_paused') return false;
  return !isForSubscribers(delivery);
}

function isForStaff(template: Delivery['template']): boolean {
  return template === 'invited' || template === 'rehearsal' || template === 'nudge';
}

/** Made for a subscriber, though her row may be erased by now. */
function isForSubscribers({ template, report_id, subscriber_id }: Delivery): boolean {
  if (template === 'opened' || template === 'reminder' || template === 'confirm') return true;
  return subscriber_id !== null && report_id === null;
}
