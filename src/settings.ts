import type { Db } from './db.ts';

/** Sets the right-hand side of the Message-IDs made from now on; those made before keep theirs. */
export async function setMailHost(db: Db, host: string): Promise<void> {
  await db.updateTable('setting').set({ value: host }).where('key', '=', 'mail_host').execute();
}
