import type { Db } from '../db.ts';
import type { Delivery } from '../tables.ts';
import type { Matter, Unwanted } from './matter.ts';
import { wantedByReporters } from './wanted-by-reporters.ts';
import { wantedByStaff } from './wanted-by-staff.ts';

/**
 * Looks once more, just before sending, whether somebody still wants this mail and it is still true; answers what it
 * is about, or why it must not go.
 */
export async function stillWanted(db: Db, delivery: Delivery, now: Date): Promise<Matter | Unwanted> {
  if (delivery.template === 'invited' || delivery.template === 'rehearsal')
    return wantedByStaff(db, delivery, now);
  const matter = (await wantedByReporters(db, [delivery.id])).get(delivery.id);
  if (!matter) throw new Error('the delivery is gone');
  return matter;
}
