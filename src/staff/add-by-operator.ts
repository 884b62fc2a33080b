import { addressKey } from '../address.ts';
import type { Trx } from '../db.ts';
import type { Staff } from '../desk-tables.ts';
import type { Role } from '../domain/words.ts';
import { NotFound } from '../errors.ts';
import { auditOperator } from './audit.ts';
import { addPerson, changeRole, disablePerson, enablePerson } from './people.ts';
import { makeLink, voidLinks } from './staff-links.ts';

export interface Added {
  person: Staff;
  isNew: boolean;
  /** Of the one link that opens the account now. */
  linkId: string;
}

/**
 * Makes an account, or finds the one of this address, and a fresh link to it; links before it are void, and one who
 * was disabled is let in again. Throws Conflict where it would take the last owner's role.
 */
export async function addByOperator(
  trx: Trx,
  { email, name, role }: { email: string; name: string; role: Role },
  now: Date,
): Promise<Added> {
  const added = await addPerson(trx, { email, name, role }, now);
  const person = added ?? (await personOf(trx, email));
  if (!added) {
    if (person.disabled_at) await enablePerson(trx, person.id);
    if (person.role !== role) await changeRole(trx, person.id, role);
    await voidLinks(trx, person.id, now);
  }
  const purpose = person.password === null ? 'invitation' : 'password';
  const linkId = await makeLink(trx, { staffId: person.id, purpose }, now);
  const act = added ? 'invited somebody' : 'changed somebody’s account';
  const entry = { act, about: `staff:${person.id}`, detail: { role }, address: person.email };
  await auditOperator(trx, entry, now);
  return { person: { ...person, role }, isNew: added !== null, linkId };
}

/** Shuts out whoever has this address. Throws NotFound, and Conflict for the last owner. */
export async function disableByOperator(trx: Trx, email: string, now: Date): Promise<void> {
  const { id } = await personOf(trx, email);
  await disablePerson(trx, id, now);
  const entry = { about: `staff:${id}`, detail: { account: 'disabled' }, address: email };
  await auditOperator(trx, { act: 'changed somebody’s account', ...entry }, now);
}

async function personOf(trx: Trx, email: string): Promise<Staff> {
  const person = await trx
    .selectFrom('staff')
    .selectAll()
    .where('email_key', '=', addressKey(email))
    .executeTakeFirst();
  if (!person)
    throw new NotFound(`There is nobody with the address ${email}; \`candor staff list\` shows them.`);
  return person;
}
