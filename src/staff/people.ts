import type { Db, Trx } from '../db.ts';
import type { Staff } from '../desk-tables.ts';
import type { Role } from '../domain/words.ts';
import { Conflict, NotFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { oweStaffLink } from '../notifications/outbox.ts';
import { endSessionsOf } from './sessions.ts';
import { makeLink, voidLinks } from './staff-links.ts';

/** Everybody who has an account, those who may come in first. */
export function listPeople(db: Db): Promise<Staff[]> {
  return db
    .selectFrom('staff')
    .selectAll()
    .orderBy((eb) => eb('disabled_at', 'is not', null))
    .orderBy('name')
    .orderBy('id')
    .execute();
}

/** Makes an account without a password; answers null where the address has one already. */
export async function addPerson(
  trx: Trx,
  { email, name, role }: { email: string; name: string; role: Role },
  now: Date,
): Promise<Staff | null> {
  const added = await trx
    .insertInto('staff')
    .values({
      id: newId(),
      email,
      name,
      role,
      password: null,
      subject: null,
      created_at: now,
      disabled_at: null,
      last_seen_at: null,
    })
    .onConflict((oc) => oc.column('email_key').doNothing())
    .returningAll()
    .executeTakeFirst();
  return added ?? null;
}

/** Owes a person the mail that lets her in, and voids the links before it. Throws Conflict for one who is disabled. */
export async function invite(trx: Trx, id: string, invitedBy: string, now: Date): Promise<Staff> {
  const person = await lockPerson(trx, id);
  if (person.disabled_at) throw new Conflict('This account is disabled. Enable it first.');
  await voidLinks(trx, id, now);
  const purpose = person.password === null ? 'invitation' : 'password';
  const linkId = await makeLink(trx, { staffId: id, purpose, invitedBy }, now);
  await oweStaffLink(trx, { linkId, address: person.email }, now);
  return person;
}

/** Gives a person another role. Throws Conflict for the last owner. Twice is the same. */
export async function changeRole(trx: Trx, id: string, role: Role): Promise<Staff> {
  if (role !== 'owner') await keepAnOwner(trx, id);
  const person = await lockPerson(trx, id);
  await trx.updateTable('staff').set({ role }).where('id', '=', id).execute();
  return person;
}

/** Shuts a person out at once, everywhere, with every link she may have. Throws Conflict for the last owner. */
export async function disablePerson(trx: Trx, id: string, now: Date): Promise<Staff> {
  await keepAnOwner(trx, id);
  const person = await lockPerson(trx, id);
  await trx
    .updateTable('staff')
    .set({ disabled_at: person.disabled_at ?? now })
    .where('id', '=', id)
    .execute();
  await endSessionsOf(trx, id);
  await voidLinks(trx, id, now);
  return person;
}

/** Lets a person in again, with the password she had. Twice is the same. */
export async function enablePerson(trx: Trx, id: string): Promise<Staff> {
  const person = await lockPerson(trx, id);
  await trx.updateTable('staff').set({ disabled_at: null }).where('id', '=', id).execute();
  return person;
}

/** Throws Conflict where nobody else could rule; two owners cannot take each other out at once. */
export async function keepAnOwner(trx: Trx, id: string): Promise<void> {
  const owners = await trx
    .selectFrom('staff')
    .select('id')
    .where('role', '=', 'owner')
    .where('disabled_at', 'is', null)
    .where((eb) => eb.or([eb('password', 'is not', null), eb('subject', 'is not', null)])) // who can come in
    .orderBy('id')
    .forUpdate()
    .execute();
  if (owners.length === 1 && owners[0]!.id === id) {
    throw new Conflict('This is the last owner who can sign in. Make somebody else an owner first.');
  }
}

async function lockPerson(trx: Trx, id: string): Promise<Staff> {
  const person = await trx
    .selectFrom('staff')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (!person) throw new NotFound('There is nobody of this id.');
  return person;
}
