import { addressKey, readAddress } from '../address.ts';
import type { Trx } from '../db.ts';
import type { Staff } from '../desk-tables.ts';
import { cleanLine } from '../domain/text.ts';
import { Conflict } from '../errors.ts';
import { addPerson, changeRole } from './people.ts';
import type { Vouched } from './sso.ts';
import { voidLinks } from './staff-links.ts';

export type Refusal = 'unverified' | 'domain' | 'unknown' | 'disabled' | 'another';

/**
 * The account of whom a provider vouches for: by her subject, else by her address, else a new one where her address
 * is of the domain that may come in. A claim of roles decides hers, but the last owner stays one. Answers why not
 * for one who may not come in.
 */
export async function admit(
  trx: Trx,
  vouched: Vouched,
  domain: string | null,
  now: Date,
): Promise<Staff | Refusal> {
  const email = vouched.email === null ? null : readAddress(vouched.email);
  if (email === null) return 'unverified';
  if (domain !== null && domainOf(email) !== domain) return 'domain';
  const known = (await bySubject(trx, vouched.subject)) ?? (await byAddress(trx, email));
  if (!known && domain === null) return 'unknown';
  if (known?.disabled_at) return 'disabled';
  // The address has gone to somebody else at the same provider.
  if (known?.subject && known.subject !== vouched.subject && isOfOneIssuer(known.subject, vouched.subject)) {
    return 'another';
  }
  const person = known ?? (await newcomer(trx, email, vouched, now));
  const role = await roleOf(trx, person, vouched);
  await trx
    .updateTable('staff')
    .set({ subject: vouched.subject, last_seen_at: now })
    .where('id', '=', person.id)
    .execute();
  if (person.subject === null) await voidLinks(trx, person.id, now);
  return { ...person, role, subject: vouched.subject };
}

async function newcomer(trx: Trx, email: string, { name, role }: Vouched, now: Date): Promise<Staff> {
  const called = cleanLine(name).slice(0, 80) || email.slice(0, email.lastIndexOf('@'));
  const added = await addPerson(trx, { email, name: called, role: role ?? 'reader' }, now);
  if (!added) throw new Conflict('Somebody of this address came in at this very moment. Please try again.');
  return added;
}

/** As the claim says; without the claim she keeps hers, and one that names no role of ours makes a reader. */
async function roleOf(trx: Trx, { id, role: has }: Staff, { role: claimed }: Vouched) {
  if (claimed === undefined) return has;
  const role = claimed ?? 'reader';
  if (role === has) return has;
  try {
    await changeRole(trx, id, role);
    return role;
  } catch (error) {
    if (error instanceof Conflict) return has;
    throw error;
  }
}

function bySubject(trx: Trx, subject: string) {
  return trx.selectFrom('staff').selectAll().where('subject', '=', subject).executeTakeFirst();
}

function byAddress(trx: Trx, email: string) {
  return trx.selectFrom('staff').selectAll().where('email_key', '=', addressKey(email)).executeTakeFirst();
}

function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}

function isOfOneIssuer(one: string, other: string): boolean {
  return one.split(' ')[0] === other.split(' ')[0];
}
