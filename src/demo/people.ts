import { randomInt } from 'node:crypto';
import type { Db } from '../db.ts';
import { changeOwnPassword } from '../staff/own-account.ts';
import { hashPassword } from '../staff/passwords.ts';
import { addPerson } from '../staff/people.ts';

/** Adds an owner to the demo's desk and answers how to sign in; the password is another one each time. */
export async function addDemoStaff(db: Db, now: Date): Promise<{ email: string; password: string }> {
  const email = 'demo@paperboat.example';
  const password = `paper-boats-${randomInt(100_000, 1_000_000)}`;
  const hash = await hashPassword(password);
  await db.transaction().execute(async (trx) => {
    const person = await addPerson(trx, { email, name: 'Demo', role: 'owner' }, now);
    if (person) await changeOwnPassword(trx, { ...person, session: '' }, hash, now);
  });
  return { email, password };
}
