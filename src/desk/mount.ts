import cookies from '@fastify/cookie';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemOf } from '../api/problem.ts';
import { newSecret } from '../ids.ts';
import { logFailure } from '../log.ts';
import { shellOf } from '../shell.ts';
import { writeAudit } from '../staff/audit.ts';
import { readSession, type Signed } from '../staff/sessions.ts';
import { readAlarm, readWaiting } from './alarm.ts';
import { type Cookies, cookiesOf } from './cookies.ts';
import { checkForgery, csrfOf } from './forgery.ts';
import { type Desk, type DeskParts, deskOf, saids } from './frame.ts';
import { refusedPage } from './refused-page.ts';
import { type Act, mayUse, rights } from './rights.ts';
import type { DeskRoute, Done, Fields, Guest, Outcome, Shown } from './route.ts';
import { answerStrayed } from './strayed.ts';

export type MountParts = Omit<DeskParts, 'shell'>;

/** Puts the console under /admin: who is it, may she, was it she who sent this; then the route, and its line in the audit. */
export async function mountDesk(
  app: FastifyInstance,
  routes: readonly DeskRoute[],
  given: MountParts,
): Promise<void> {
  const parts: DeskParts = { ...given, shell: shellOf(given.config) };
  const jar = cookiesOf(given.config);
  await app.register(cookies);
  await app.register(multipart, {
    attachFieldsToBody: 'keyValues',
    limits: { fileSize: 2 * 1024 * 1024, files: 1, fields: 100, fieldSize: 2 * 1024 * 1024 },
  });
  app.addHook('onRequest', async (_request, reply) => {
    // Not `no-referrer`: with that, a browser does not say either where a form comes from.
    reply
      .header('cache-control', 'no-store')
      .header('x-robots-tag', 'noindex')
      .header('referrer-policy', 'same-origin');
  });
  for (const route of routes) {
    const [method, url] = route.name.split(' ') as ['GET' | 'POST', string];
    app.route({
      method,
      url,
      ...('act' in route && route.bodyLimit ? { bodyLimit: route.bodyLimit } : {}),
      handler: (request, reply) => serve(route, parts, jar, request, reply),
    });
  }
  answerStrayed(app, parts, jar);
}

async function serve(
  route: DeskRoute,
  parts: DeskParts,
  jar: Cookies,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const at = parts.now();
  const fields = (request.body ?? {}) as Fields;
  const secret = jar.session(request);
  const door = csrfOf(
    parts.links,
    jar.door(request, reply, () => newSecret('door')),
  );
  const stranger = deskOf(parts.shell, null, door);
  const refused = (desk: Desk, status: number, detail: string, mayHelp = true) =>
    send(reply, {
      html: refusedPage(desk, { status, detail, fields, address: request.url, mayHelp }),
      status,
    });
  let staff: Signed | null;
  try {
    staff = secret === null ? null : await readSession(parts.db, secret, at);
  } catch (error) {
    const { status, detail, retryAfter } = problemOf(error, request);
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
    logFailure(request.log, error, route.name, 'the console cannot tell who is there');
    return refused(stranger, status, detail);
  }
  const csrf = staff ? csrfOf(parts.links, secret!) : door;
  const query = firstOfEach(request.query);
  const guest = { ...parts, staff, at, request, reply, query, params: request.params as Guest['params'] };
  const frame = deskOf(parts.shell, staff, csrf, { said: saids[query.said ?? ''] ?? '' });
  const refuse = (status: number, detail: string, mayHelp = true) => refused(frame, status, detail, mayHelp);

  if (rights[route.name].needs !== 'everybody' && !staff) {
    if ('look' in route) return reply.redirect(`/admin/sign-in?to=${encodeURIComponent(request.url)}`, 303);
    return refuse(401, 'You are not signed in any more, so this was not taken. Sign in and send it again.');
  }
  if (!mayUse(route.name, staff?.role ?? null)) {
    return refuse(403, `Your role (${staff?.role}) does not include this. An owner can change that.`, false);
  }
  if (JSON.stringify([guest.params, query]).includes('\\u0000')) {
    return refuse(404, 'There is nothing at this address.');
  }
  const forged = 'act' in route ? checkForgery(parts.config, request, [csrf, door], fields) : null;
  if (forged) return refuse(403, forged);
  try {
    const around = staff ? { ...(await readAround(parts, at)), said: frame.said } : { said: frame.said };
    const desk = deskOf(parts.shell, staff, csrf, around);
    const kept = new Set<Outcome>();
    const visit: Guest = { ...guest, desk, change: (work) => change(route.name as Act, guest, work, kept) };
    if ('look' in route) return send(reply, await route.look(visit));
    const outcome = await route.act(visit, fields);
    if (outcome.to === undefined) return send(reply, outcome.page);
    if (!kept.has(outcome)) throw new Error(`${route.name} changed something without a line in the audit`);
    return outcome.page ? send(reply, outcome.page) : reply.redirect(outcome.to, 303);
  } catch (error) {
    const { status, detail, retryAfter } = problemOf(error, request);
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
    if (status >= 500) logFailure(request.log, error, route.name, 'the console failed');
    return refuse(status, detail);
  }
}

async function readAround({ db }: DeskParts, at: Date) {
  return { ...(await readAlarm(db, at)), waiting: await readWaiting(db) };
}

/** The deed and its trace, or neither. */
async function change(
  name: Act,
  { db, staff, at }: { db: DeskParts['db']; staff: Signed | null; at: Date },
  work: Parameters<Guest['change']>[0],
  kept: Set<Outcome>,
): Promise<Outcome> {
  let given: Outcome | undefined;
  const whole = db.transaction().execute(async (trx) => {
    const done = await work(trx);
    if (done.to === undefined) {
      given = done;
      throw notDone; // a page alone: whatever was begun for it is taken back
    }
    await trace(done);
    return done;

    async function trace(deed: Done) {
      const by = deed.by ?? staff;
      const { about, detail, address } = deed;
      const entry = { staffId: by?.id ?? null, who: by?.name ?? 'somebody', about, detail, address };
      await writeAudit(trx, { ...entry, act: rights[deed.as ?? name].act }, at);
    }
  });
  try {
    const outcome = await whole;
    kept.add(outcome);
    return outcome;
  } catch (error) {
    if (error === notDone) return given!;
    throw error;
  }
}

const notDone = new Error('nothing was done');

function send(reply: FastifyReply, shown: Shown): FastifyReply {
  if (typeof shown === 'string') return reply.type('text/html; charset=utf-8').send(shown);
  if ('html' in shown) return reply.code(shown.status).type('text/html; charset=utf-8').send(shown.html);
  if ('redirect' in shown) return reply.redirect(shown.redirect, 303);
  if (shown.file) reply.header('content-disposition', `attachment; filename="${shown.file}"`);
  return reply.type(shown.type).send(shown.body);
}

function firstOfEach(query: unknown): Record<string, string | undefined> {
  const all = Object.entries((query ?? {}) as Record<string, string | string[]>);
  return Object.fromEntries(all.map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));
}
