import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Db } from '../db.ts';
import { blankForm } from '../domain/report-form.ts';
import { NotFound } from '../errors.ts';
import { visitorOf } from '../limits.ts';
import type { Links } from '../links.ts';
import { takeOneClick } from '../one-click.ts';
import { type Shell, sendPrivate } from '../shell.ts';
import { addWords, leave, nothingHere, removeAddress, setAddress, withdraw } from './change-report.ts';
import { readAddressForm, readReport } from './form.ts';
import { ownPage } from './own-page.ts';
import { leavePage } from './pages.ts';
import { readWord, sayWhetherItWorked } from './worked.ts';

interface Parts {
  db: Db;
  shell: Shell;
  links: Links;
  now: () => Date;
}

type WithToken = { Params: { token: string } };

/** The reporter's own pages. A GET never changes anything; whoever has the link may do what is on the page. */
export function tokenRoutes(app: FastifyInstance, { db, shell, links, now }: Parts): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-robots-tag', 'noindex');
  });

  app.get<WithToken>('/r/:token', async (request, reply) => {
    const of = readToken(links, request);
    return sendPrivate(reply, await ownPage(db, shell, of, blankForm(), now()));
  });

  app.post<WithToken>('/r/:token/withdraw', async (request, reply) => {
    const { id, token } = readToken(links, request);
    await db.transaction().execute((trx) => withdraw(trx, id, now()));
    return reply.redirect(`/r/${token}`, 303);
  });

  app.post<WithToken>('/r/:token/address', async (request, reply) => {
    const of = readToken(links, request);
    const form = readAddressForm(request.body);
    if ('refused' in form) {
      return sendPrivate(reply.code(400), await ownPage(db, shell, of, form.refused, now()));
    }
    const { email } = form.told;
    const visitor = visitorOf(request, links);
    await db
      .transaction()
      .execute((trx) => (email ? setAddress(trx, of.id, email, now(), visitor) : removeAddress(trx, of.id)));
    return reply.redirect(`/r/${of.token}`, 303);
  });

  app.post<WithToken>('/r/:token/more', async (request, reply) => {
    const of = readToken(links, request);
    const form = readReport(request.body);
    if ('refused' in form) {
      const more = { comment: form.refused.message, error: form.refused.errors[0]?.message ?? '' };
      return sendPrivate(reply.code(400), await ownPage(db, shell, of, blankForm(), now(), { more }));
    }
    await db.transaction().execute((trx) => addWords(trx, of.id, form.told.message));
    return reply.redirect(`/r/${of.token}`, 303);
  });

  app.post<WithToken>('/r/:token/worked', async (request, reply) => {
    const of = readToken(links, request);
    const read = readWord(request.body);
    if ('refused' in read) {
      return sendPrivate(
        reply.code(400),
        await ownPage(db, shell, of, blankForm(), now(), { fix: read.refused }),
      );
    }
    await db.transaction().execute((trx) => sayWhetherItWorked(trx, of.id, read.word, now()));
    return reply.redirect(`/r/${of.token}`, 303);
  });

  for (const why of ['not-me', 'unsubscribe'] as const) {
    app.get<WithToken>(`/r/:token/${why}`, async (request, reply) => {
      const of = await existing(request);
      return sendPrivate(reply, leavePage(shell, of, why, false));
    });
    takeOneClick<WithToken>(app, `/r/:token/${why}`, async (request, reply) => {
      const of = readLeaving(links, request);
      await db.transaction().execute((trx) => (of.fromMail ? leave(trx, of.id) : removeAddress(trx, of.id)));
      return sendPrivate(reply, leavePage(shell, of, why, true));
    });
  }

  async function existing(request: FastifyRequest<WithToken>) {
    const of = readLeaving(links, request);
    const report = await db.selectFrom('report').select('id').where('id', '=', of.id).executeTakeFirst();
    if (!report) throw new NotFound(nothingHere);
    return of;
  }
}

/** The link in a mail, or her own page's: both may leave, the second for that one report only. */
function readLeaving(links: Links, request: FastifyRequest<WithToken>) {
  const { token } = request.params;
  const mailed = links.read('leave', token);
  if (mailed === null) return { ...readToken(links, request), own: token, fromMail: false };
  return { id: mailed, token, own: links.token('report', mailed), fromMail: true };
}

function readToken(links: Links, request: FastifyRequest<WithToken>): { id: string; token: string } {
  const { token } = request.params;
  const id = links.read('report', token);
  if (id === null) throw new NotFound(nothingHere);
  return { id, token };
}
