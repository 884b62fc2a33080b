import type { Trx } from '../db.ts';

/** Takes her words and her name out of what she offered; what staff published of it is ours and stays. Twice is the same. */
export async function forgetOffers(trx: Trx, reportIds: readonly string[], now: Date): Promise<void> {
  if (reportIds.length === 0) return;
  const hers = trx.updateTable('workaround').where('report_id', 'in', reportIds);
  await hers.set({ offered: null, credit: null }).execute();
  await hers.set({ state: 'declined', ended_at: now }).where('state', '=', 'offered').execute();
}
