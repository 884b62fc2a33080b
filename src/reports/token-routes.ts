import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Db } from '../db.ts';
import { saidIn } from '../domain/affected-text.ts';
import { blankForm } from '../domain/report-form.ts';
import { NotFound } from '../errors.ts';
import { visitorOf } from '../limits.ts';
import type { Links } from '../links.ts';
import { takeOneClick } from '../one-click.ts';
import { type Shell, sendPrivate } from '../shell.ts';
import type { Pressed } from '../ways-around.ts';
import { addWords, leave, nothingHere, removeAddress, setAddress, withdraw } from './change-report.ts';
import { codeFor, giveCode } from './come-back.ts';
import { readAddressForm, readReport } from './form.ts';
import { lookFirst } from './look-first.ts';
import { type OwnLink, ownPage } from './own-page.ts';
import { leavePage } from './pages.ts';
import { sayTraits } from './traits.ts';
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

  app.get<WithToken & { Querystring: Pressed }>('/r/:token', async (request, reply) => {
    const of = readToken(links, request);
    return sendPrivate(reply, await ownPage(db, shell, of, blankForm(), now(), { pressed: request.query }));
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
    await db.transaction().execute(async (trx) => {
      if (email) return setAddress(trx, of.id, email, now(), visitor);
      await removeAddress(trx, of.id);
      await giveCode(trx, links, of.id);
    });
    return reply.redirect(`/r/${of.token}`, 303);
  });

  app.post<WithToken>('/r/:token/more', async (request, reply) => {
    const of = readToken(links, request);
    const form = readReport(request.body);
    if ('refused' in form) {
      const more = { comment: form.refused.message, error: form.refused.errors[0]?.message ?? '' };
      return sendPrivate(reply.code(400), await ownPage(db, shell, of, blankForm(), now(), { more }));
    }
    const looked = await lookFirst(shell, {
      action: `/r/${of.token}/more`,
      body: request.body,
      field: 'message',
      label: 'What you want to add',
      text: form.told.message,
    });
    if ('page' in looked) return sendPrivate(reply, looked.page);
    await db.transaction().execute((trx) => addWords(trx, of.id, looked.text));
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
    const looked = await lookFirst(shell, {
      action: `/r/${of.token}/worked`,
      body: request.body,
      field: 'comment',
      label: 'What you see',
      text: read.word.comment ?? '',
    });
    if ('page' in looked) return sendPrivate(reply, looked.page);
    const word = { ...read.word, comment: looked.text || null };
    await db.transaction().execute((trx) => sayWhetherItWorked(trx, of.id, word, now()));
    return reply.redirect(`/r/${of.token}`, 303);
  });

  app.post<WithToken>('/r/:token/traits', async (request, reply) => {
    const { id, token } = readToken(links, request);
    await db.transaction().execute((trx) => sayTraits(trx, id, saidIn(request.body) ?? {}, now()));
    return reply.redirect(`/r/${token}#reach`, 303);
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

/** Whose page it is. Throws NotFound for a link that is none of ours. */
export function readToken(links: Links, request: FastifyRequest<WithToken>): OwnLink {
  const { token } = request.params;
  const id = links.read('report', token);
  if (id === null) throw new NotFound(nothingHere);
  return { id, token, code: codeFor(links, id) };
}
