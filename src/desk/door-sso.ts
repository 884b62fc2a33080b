import { timingSafeEqual } from 'node:crypto';
import { NotFound } from '../errors.ts';
import type { Links } from '../links.ts';
import { admit, type Refusal } from '../staff/admit.ts';
import { writeAudit } from '../staff/audit.ts';
import { withMark } from '../staff/known-browsers.ts';
import { beginSession, endSession } from '../staff/sessions.ts';
import { type Begun, beginSso, finishSso, type Vouched } from '../staff/sso.ts';
import { cookiesOf } from './cookies.ts';
import { safeWay, signInPage } from './door.ts';
import { rights } from './rights.ts';
import { type DeskRoute, type Guest, look, type Shown } from './route.ts';

const begunMs = 10 * 60_000;

/**
 * Single sign-on. Coming back is a GET, as the provider sends it, and still lets somebody in: what keeps others from
 * doing so in her name is the state in the sealed cookie, and it leaves its line in the audit here, by itself.
 */
export const ssoRoutes: DeskRoute[] = [
  look('GET /admin/sso', async (visit) => {
    const { config, links, query, reply, at } = visit;
    const settings = config.oidc ?? missing();
    try {
      const to = safeWay(query.to);
      const { way, begun } = await beginSso(settings, { baseUrl: config.baseUrl, to });
      cookiesOf(config).keepBegun(reply, seal(links, begun, at));
      return { redirect: way };
    } catch (error) {
      complain(visit, error, 'single sign-on could not begin');
      return again(visit, away, 503);
    }
  }),

  look('GET /admin/sso/back', async (visit) => {
    const { config, links, request, reply, at } = visit;
    const settings = config.oidc ?? missing();
    const jar = cookiesOf(config);
    const begun = unseal(links, jar.begun(request), at);
    jar.dropBegun(reply);
    if (!begun) return again(visit, late, 403);
    const [, query = ''] = /^[^?]*(\?.*)$/.exec(request.url) ?? [];
    const answer = { baseUrl: config.baseUrl, query, begun };
    const vouched = await finishSso(settings, answer).catch((error) => {
      complain(visit, error, 'single sign-on came to nothing');
      return null;
    });
    return vouched ? comeIn(visit, vouched, settings.domain, begun.to) : again(visit, failed, 403);
  }),
];

async function comeIn(visit: Guest, vouched: Vouched, domain: string | null, to: string): Promise<Shown> {
  const { db, config, links, request, reply, staff, at } = visit;
  const came = await db.transaction().execute(async (trx) => {
    const person = await admit(trx, vouched, domain, at);
    if (typeof person === 'string') return person;
    if (staff) await endSession(trx, staff.session);
    const secret = await beginSession(trx, person.id, at);
    const { id, name, role } = person;
    const entry = { about: `staff:${id}`, detail: { by: 'single sign-on', role } };
    await writeAudit(trx, { staffId: id, who: name, act: rights['POST /admin/sign-in'].act, ...entry }, at);
    return { id, secret };
  });
  if (typeof came === 'string') return again(visit, refusals[came], 403);
  const jar = cookiesOf(config);
  jar.keepSession(reply, came.secret);
  jar.keepKnown(reply, withMark(jar.known(request), came.id, links));
  return { redirect: to };
}

function again({ desk }: Guest, error: string, status: number): Shown {
  return { html: signInPage(desk, { error, offersMail: false, sso: true }), status };
}

/** Its kind and its sentence; never what came with it, which holds codes and addresses. */
function complain({ request }: Guest, error: unknown, message: string): void {
  const { name, code, message: reason } = error as Error & { code?: string };
  request.log.warn({ name, code, reason }, message);
}

function seal({ bucket }: Links, begun: Begun, at: Date): string {
  const text = Buffer.from(JSON.stringify({ ...begun, until: at.getTime() + begunMs })).toString('base64url');
  return `${text}.${bucket('sso', text)}`;
}

function unseal({ bucket }: Links, sealed: string | null, at: Date): Begun | null {
  const [text = '', mac = ''] = (sealed ?? '').split('.');
  const [have, want] = [Buffer.from(mac), Buffer.from(bucket('sso', text))];
  if (have.length !== want.length || !timingSafeEqual(have, want)) return null;
  const { until, ...begun } = JSON.parse(Buffer.from(text, 'base64url').toString());
  return until > at.getTime() ? begun : null;
}

function missing(): never {
  throw new NotFound('There is no single sign-on here.');
}

const away = 'Single sign-on does not answer just now. Please try again in a minute.';
const late = 'This sign-in was not begun in this browser, or too long ago. Please begin it again.';
const failed = 'Single sign-on did not work this time. Please begin it again.';

const refusals: Record<Refusal, string> = {
  unverified:
    'Single sign-on worked, but it does not vouch for a mail address of yours. Whoever runs it can change that.',
  domain: 'Single sign-on worked, but this desk is not for addresses of your domain.',
  unknown:
    'Single sign-on worked, but there is no account for you here yet. An owner of this desk can invite you.',
  disabled:
    'Single sign-on worked, but your account here is disabled. An owner of this desk can change that.',
  another:
    'Single sign-on worked, but the account with your address belongs to another person there. An owner of this desk can look into it.',
};
