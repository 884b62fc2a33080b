import { readAddress } from '../address.ts';
import { join } from '../staff/join.ts';
import { withMark } from '../staff/known-browsers.ts';
import { passwordHint, passwordTrouble } from '../staff/password-rules.ts';
import { hashPassword } from '../staff/passwords.ts';
import { endSession } from '../staff/sessions.ts';
import { type OpenLink, readLink } from '../staff/staff-links.ts';
import { view } from '../views.ts';
import { cookiesOf } from './cookies.ts';
import { typedPassword } from './door.ts';
import { typedLine } from './fields.ts';
import type { Desk, DeskPage } from './frame.ts';
import { nameTrouble } from './me.ts';
import { act, type DeskRoute, type Fields, look, type Shown } from './route.ts';

interface JoinPage extends DeskPage {
  /** Null where the link opens nothing any more. */
  form: {
    action: string;
    lead: string;
    email: string;
    /** The first owner gives her address herself. */
    askEmail: boolean;
    name: string;
    askName: boolean;
    hint: string;
    button: string;
    errors: Record<string, string>;
  } | null;
}

const render = view<JoinPage>('desk/join.eta');

/** A link that opens the door once. Looking at it, as mail scanners do, does not use it up. */
export const joinRoutes: DeskRoute[] = [
  look('GET /admin/join/:token', async ({ db, links, params, at, desk, request }) => {
    const link = await readLink(db, params.token!, links, at);
    if (!link) return deadPage(desk);
    return joinPage(desk, link, request.url, {
      name: link.person?.name ?? '',
      email: link.person?.email ?? '',
    });
  }),

  act('POST /admin/join/:token', async (visit, fields) => {
    const { db, links, params, at, desk, config, request, reply } = visit;
    const link = await readLink(db, params.token!, links, at);
    if (!link) return { page: deadPage(desk) };
    const typed = typedOf(link, fields);
    const errors = troublesOf(link, typed, config.pageName);
    const again = (errors: Record<string, string>) => ({
      page: { html: joinPage(desk, link, request.url, typed, errors), status: 400 },
    });
    if (Object.keys(errors).length > 0) return again(errors);
    const hash = await hashPassword(typed.password);
    return visit.change(async (trx) => {
      const joined = await join(trx, link, { ...typed, hash }, at);
      if (joined === 'dead') return { page: deadPage(desk) };
      if (joined === 'taken') return again({ email: 'There is an account with this address already.' });
      if (visit.staff) await endSession(trx, visit.staff.session);
      const jar = cookiesOf(config);
      jar.keepSession(reply, joined.secret);
      jar.keepKnown(reply, withMark(jar.known(request), joined.id, links));
      return { to: '/admin', by: joined, about: `staff:${joined.id}`, detail: { by: byWords[link.purpose] } };
    });
  }),
];

interface Typed {
  name: string;
  email: string;
  password: string;
}

function typedOf({ person }: OpenLink, fields: Fields): Typed {
  return {
    name: typedLine(fields, 'name'),
    email: person?.email ?? typedLine(fields, 'email'),
    password: typedPassword(fields),
  };
}

function troublesOf({ purpose }: OpenLink, typed: Typed, pageName: string): Record<string, string> {
  const name = purpose === 'password' ? '' : nameTrouble(typed.name);
  const email = readAddress(typed.email) ? '' : 'Please type the whole address: ana@example.com.';
  const password = passwordTrouble(typed.password, { pageName, email: typed.email });
  return Object.fromEntries(
    Object.entries({ name, email, password }).filter(([, trouble]) => trouble !== ''),
  );
}

function joinPage(
  desk: Desk,
  { purpose, person }: OpenLink,
  action: string,
  { name, email }: { name: string; email: string },
  errors: Record<string, string> = {},
): string {
  const [title, lead, button] = words[purpose];
  const form = {
    action,
    lead,
    email,
    askEmail: person === null,
    name,
    askName: purpose !== 'password',
    hint: passwordHint,
    button,
    errors,
  };
  return render({ desk, title, form });
}

function deadPage(desk: Desk): Shown {
  return { html: render({ desk, title: 'This link does not work any more', form: null }), status: 410 };
}

const words = {
  first: [
    'Become the first owner',
    'Nobody can sign in to this desk yet. Whoever fills this in becomes its owner, and can invite the others.',
    'Become the owner',
  ],
  invitation: [
    'Welcome to the desk',
    'Choose a password, and you are in. You sign in with your address and this password from then on.',
    'Come in',
  ],
  password: [
    'Choose a password',
    'With it you are signed in here, and signed out everywhere else.',
    'Keep this password',
  ],
} as const;

const byWords = { first: 'the first link', invitation: 'an invitation', password: 'a mailed link' };
