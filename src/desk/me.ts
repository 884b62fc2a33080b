import { waitWords } from '../domain/times.ts';
import { giveBack, type Limit, takeAll } from '../limits.ts';
import {
  changeOwnPassword,
  chooseNudges,
  isOwnPassword,
  readOwnAccount,
  rename,
} from '../staff/own-account.ts';
import { passwordHint, passwordTrouble } from '../staff/password-rules.ts';
import { hashPassword } from '../staff/passwords.ts';
import { signInRules } from '../staff/sign-in.ts';
import { view } from '../views.ts';
import { typedPassword } from './door.ts';
import { typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, type Fields, look, type Outcome, type Visit } from './route.ts';

interface MePage extends DeskPage {
  name: string;
  email: string;
  role: string;
  /** Who comes by single sign-on alone has none to change. */
  hasPassword: boolean;
  hint: string;
  sessions: number;
  /** Whether she is reminded of promises; null for who cannot speak, and is not. */
  nudges: boolean | null;
  /** By field. */
  errors: Record<string, string>;
}

const render = view<MePage>('desk/me.eta');
export const longestName = 80;

/** One's own account. */
export const meRoutes: DeskRoute[] = [
  look('GET /admin/me', (visit) => page(visit)),

  act('POST /admin/me', (visit, fields) => {
    const what = typedLine(fields, 'what');
    if (what === 'password') return changePassword(visit, fields);
    return what === 'nudges' ? changeNudges(visit, fields) : changeName(visit, fields);
  }),
];

async function changeName(visit: Visit, fields: Fields): Promise<Outcome> {
  const name = typedLine(fields, 'name');
  const error = nameTrouble(name);
  if (error) return again(visit, { name: error }, name);
  return visit.change(async (trx) => {
    await rename(trx, visit.staff.id, name);
    return { to: '/admin/me?said=saved', about: `staff:${visit.staff.id}`, detail: { name } };
  });
}

function changeNudges({ change, staff }: Visit, fields: Fields): Promise<Outcome> {
  const nudges = typedLine(fields, 'nudges') === 'yes';
  return change(async (trx) => {
    await chooseNudges(trx, staff.id, nudges);
    return { to: '/admin/me?said=saved', about: `staff:${staff.id}`, detail: { nudges } };
  });
}

async function changePassword(visit: Visit, fields: Fields): Promise<Outcome> {
  const { db, staff, config, links, at } = visit;
  const password = typedPassword(fields, 'password');
  const trouble = passwordTrouble(password, { pageName: config.pageName, email: staff.email });
  if (trouble) return again(visit, { password: trouble });
  // Whoever finds her browser open does not find out her password by trying.
  const limit: Limit[] = [[links.bucket('own-password', staff.id), signInRules.perKnownBrowser]];
  const wait = await takeAll(db, limit, at);
  if (wait > 0)
    return again(
      visit,
      { old: `Too many wrong ones. It opens again in ${waitWords(wait)}.` },
      undefined,
      429,
    );
  if (!(await isOwnPassword(db, staff, typedPassword(fields, 'old')))) {
    return again(visit, { old: 'This is not the password you have now.' });
  }
  await giveBack(db, limit);
  const hash = await hashPassword(password);
  return visit.change(async (trx) => {
    await changeOwnPassword(trx, staff, hash, at);
    return { to: '/admin/me?said=saved', about: `staff:${staff.id}`, detail: { password: 'changed' } };
  });
}

/** What is wrong with a name of somebody of staff; empty where nothing is. */
export function nameTrouble(name: string): string {
  if (name === '') return 'Please give a name: your colleagues see it beside what you do.';
  return name.length > longestName ? `Please take at most ${longestName} characters.` : '';
}

async function again(
  visit: Visit,
  errors: Record<string, string>,
  name?: string,
  status = 400,
): Promise<Outcome> {
  return { page: { html: await page(visit, errors, name), status } };
}

async function page(
  { db, desk, staff, at }: Visit,
  errors: Record<string, string> = {},
  name = staff.name,
): Promise<string> {
  const { hasPassword, sessions, nudges } = await readOwnAccount(db, staff, at);
  const { email, role } = staff;
  return render({
    desk,
    title: 'Your account',
    here: 'me',
    name,
    email,
    role,
    hasPassword,
    hint: passwordHint,
    sessions,
    nudges: role === 'reader' ? null : nudges,
    errors,
  });
}
