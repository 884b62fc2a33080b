import type { FastifyRequest } from 'fastify';
import { readAddress } from '../address.ts';
import { waitWords } from '../domain/times.ts';
import { networkOf } from '../limits.ts';
import { withMark } from '../staff/known-browsers.ts';
import { endSession, endSessionsOf } from '../staff/sessions.ts';
import { judgeSignIn, letIn } from '../staff/sign-in.ts';
import { view } from '../views.ts';
import { cookiesOf } from './cookies.ts';
import { typedLine } from './fields.ts';
import type { Desk, DeskPage } from './frame.ts';
import { act, type DeskRoute, type Fields, look } from './route.ts';

interface SignInPage extends DeskPage {
  email: string;
  /** Where she was going. */
  to: string;
  error: string;
  /** Whether a link by mail would help. */
  offersMail: boolean;
  /** The address of single sign-on; null where there is none. */
  sso: string | null;
}

const render = view<SignInPage>('desk/sign-in.eta');

/** Coming in by address and password, and going out again. */
export const doorRoutes: DeskRoute[] = [
  look('GET /admin/sign-in', ({ staff, desk, query, config }) => {
    const to = safeWay(query.to);
    return staff ? { redirect: to } : signInPage(desk, { to, sso: config.oidc !== null });
  }),

  act('POST /admin/sign-in', async (visit, fields) => {
    const email = typedLine(fields, 'email').slice(0, 254);
    const to = safeWay(typedLine(fields, 'to'));
    const again = (status: number, error: string) => ({
      page: {
        html: signInPage(visit.desk, { email, to, error, sso: visit.config.oidc !== null }),
        status,
      },
    });
    const password = typedPassword(fields);
    if (readAddress(email) === null || password === '')
      return again(400, 'Please type your address and your password.');
    const jar = cookiesOf(visit.config);
    const marks = jar.known(visit.request);
    const attempt = { email, password, network: networkHere(visit.request), marks };
    const judged = await judgeSignIn(visit.db, attempt, visit.links, visit.at);
    if ('waitSeconds' in judged) {
      if (judged.waitSeconds === 0) return again(401, wrong);
      visit.request.log.warn('sign-ins are held back: too many were wrong');
      visit.reply.header('retry-after', judged.waitSeconds);
      return again(429, `${held} It opens again in ${waitWords(judged.waitSeconds)}.`);
    }
    const { person } = judged;
    return visit.change(async (trx) => {
      const secret = await letIn(trx, judged, visit.at);
      if (secret === null) return again(401, wrong);
      if (visit.staff) await endSession(trx, visit.staff.session);
      jar.keepSession(visit.reply, secret);
      jar.keepKnown(visit.reply, withMark(marks, person.id, visit.links));
      return { to, by: person, about: `staff:${person.id}` };
    });
  }),

  act('POST /admin/sign-out', (visit) =>
    visit.change(async (trx) => {
      await endSession(trx, visit.staff.session);
      cookiesOf(visit.config).dropSession(visit.reply);
      return { to: '/admin/sign-in?said=out', about: `staff:${visit.staff.id}` };
    }),
  ),

  act('POST /admin/sign-out-everywhere', (visit) =>
    visit.change(async (trx) => {
      await endSessionsOf(trx, visit.staff.id);
      cookiesOf(visit.config).dropSession(visit.reply);
      return { to: '/admin/sign-in?said=out', about: `staff:${visit.staff.id}` };
    }),
  ),
];

/** The page with the two fields, and why it is shown once more. */
export function signInPage(
  desk: Desk,
  {
    email = '',
    to = home,
    error = '',
    offersMail = true,
    sso,
  }: { email?: string; to?: string; error?: string; offersMail?: boolean; sso: boolean },
): string {
  return render({
    desk,
    title: 'Sign in',
    email,
    to,
    error,
    offersMail,
    sso: sso ? `/admin/sso?to=${encodeURIComponent(to)}` : null,
  });
}

/** Where to go after the door: an address of the console, or its front page for everything else. */
export function safeWay(to: string | undefined): string {
  if (to === undefined || to.length > 1_000 || to.startsWith('/admin/sign-in')) return home;
  const [path = ''] = to.split('?');
  return /^\/admin(?:[/?][\x21-\x7e]*)?$/.test(to) && !/\/\/|\\|\/\.\.?(?:\/|$)/.test(path) ? to : home;
}

/** Where the request comes from, for limits that must hold on this very machine too. */
export function networkHere(request: FastifyRequest): string {
  return networkOf(request.ip) ?? 'local';
}

/** As it was typed: of a password nothing is cut off or tidied up. */
export function typedPassword(fields: Fields, name = 'password'): string {
  return String([fields[name]].flat()[0] ?? '').slice(0, 1_000);
}

const home = '/admin';
const wrong =
  'This address and this password do not open anything here. Perhaps one of them has a slip in it.';
const held =
  'More wrong passwords came for this address, or from your network, than we take at once. It need not have been you.';
