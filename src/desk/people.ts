import { readAddress } from '../address.ts';
import type { Staff } from '../desk-tables.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { type Role, roles } from '../domain/words.ts';
import { Conflict } from '../errors.ts';
import { addPerson, changeRole, disablePerson, enablePerson, invite, listPeople } from '../staff/people.ts';
import { view } from '../views.ts';
import { chosen, typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { nameTrouble } from './me.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';

interface Choice {
  value: Role;
  label: string;
  chosen: boolean;
}

interface PeoplePage extends DeskPage {
  section: 'staff';
  people: {
    id: string;
    name: string;
    email: string;
    isYou: boolean;
    roles: Choice[];
    seen: Moment | null;
    comesBy: string;
    disabled: Moment | null;
    /** What a mail to her would bring. */
    mail: string;
  }[];
  form: { name: string; email: string; roles: Choice[]; errors: Record<string, string> };
}

const render = view<PeoplePage>('desk/staff.eta');

/** Who works at this desk, and who may come in. */
export const peopleRoutes: DeskRoute[] = [
  look('GET /admin/staff', (visit) => page(visit)),

  act('POST /admin/staff', async (visit, fields) => {
    const typed = {
      name: typedLine(fields, 'name'),
      email: typedLine(fields, 'email'),
      role: chosen(fields, 'role', roles, 'support'),
    };
    const errors = {
      name: nameTrouble(typed.name),
      email: readAddress(typed.email) ? '' : 'Please type the whole address: ana@example.com.',
    };
    const again = async (errors: Record<string, string>) => ({
      page: { html: await page(visit, typed, errors), status: 400 },
    });
    if (Object.values(errors).some(Boolean)) return again(errors);
    const taken = await visit.db
      .selectFrom('staff')
      .select('id')
      .where('email_key', '=', typed.email.toLowerCase())
      .executeTakeFirst();
    if (taken) return again({ email: 'There is an account with this address already.' });
    return visit.change(async (trx) => {
      const person = await addPerson(trx, typed, visit.at);
      if (!person) throw new Conflict('Somebody was faster: there is an account with this address now.');
      await invite(trx, person.id, visit.staff.name, visit.at);
      return {
        to: '/admin/staff?said=invited',
        about: `staff:${person.id}`,
        detail: { role: typed.role },
        address: typed.email,
      };
    });
  }),

  act('POST /admin/staff/:id', (visit, fields) =>
    visit.change(async (trx) => {
      const { at, staff } = visit;
      const id = visit.params.id!;
      const about = `staff:${id}`;
      const what = chosen(fields, 'what', ['role', 'disable', 'enable', 'mail'] as const, 'role');
      if (what === 'mail') {
        await invite(trx, id, staff.name, at);
        return { to: '/admin/staff?said=invited', about, detail: { mailed: 'a link' } };
      }
      if (what === 'role') {
        const role = chosen(fields, 'role', roles, 'reader');
        const { role: was } = await changeRole(trx, id, role);
        return { to: '/admin/staff?said=saved', about, detail: { role, was } };
      }
      if (what === 'disable') await disablePerson(trx, id, at);
      else await enablePerson(trx, id);
      return { to: '/admin/staff?said=saved', about, detail: { account: `${what}d` } };
    }),
  ),
];

const blank = { name: '', email: '', role: 'support' as Role };

async function page(
  { db, desk, staff }: Visit,
  typed: { name: string; email: string; role: Role } = blank,
  errors: Record<string, string> = {},
): Promise<string> {
  const everybody = await listPeople(db);
  return render({
    desk,
    title: 'People at this desk',
    here: 'settings',
    section: 'staff',
    people: everybody.map((person) => ({
      id: person.id,
      name: person.name,
      email: person.email,
      isYou: person.id === staff.id,
      roles: choices(person.role),
      seen: person.last_seen_at && moment(person.last_seen_at),
      comesBy: comesBy(person),
      disabled: person.disabled_at && moment(person.disabled_at),
      mail: person.password === null ? 'Send the invitation again' : 'Mail a link to a new password',
    })),
    form: { ...typed, roles: choices(typed.role), errors },
  });
}

function comesBy({ password, subject }: Staff): string {
  if (subject !== null) return password === null ? 'single sign-on' : 'single sign-on or a password';
  return password === null ? 'invited, not here yet' : 'a password';
}

function choices(role: Role): Choice[] {
  return roles.map((value) => ({ value, label: roleWords[value], chosen: value === role }));
}

const roleWords: Record<Role, string> = {
  reader: 'Reader: sees everything, says nothing',
  support: 'Support: also answers and posts',
  owner: 'Owner: also rules this desk',
};
