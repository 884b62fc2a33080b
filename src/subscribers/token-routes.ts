import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Trx } from '../db.ts';
import { missingIn } from '../domain/hearing.ts';
import { NotFound } from '../errors.ts';
import { takeOneClick } from '../one-click.ts';
import { type Shell, sendPrivate } from '../shell.ts';
import { choose, comeBack, confirm, leave, pause, resume } from './change-subscription.ts';
import { knownChoices } from './choices.ts';
import { eraseSubscription } from './erase-subscription.ts';
import { exportSubscription } from './export.ts';
import { chooseIssue, choosePart, readChoosing } from './form.ts';
import { findSubscriber, ownPage } from './own-page.ts';
import { erasedPage, erasePage, goodbyePage, leavePage } from './pages.ts';
import type { SubscriberParts } from './routes.ts';

interface WithToken {
  Params: { token: string };
  Querystring: Record<string, unknown>;
}
type Request = FastifyRequest<WithToken>;

/**
 * The subscriber's own page, and what she does there. A GET never changes anything; whoever has the link may do what is
 * on the page. What we did not sign is asked for in the database too, so that it takes as long as what is gone.
 */
export function tokenRoutes(
  app: FastifyInstance,
  { db, shell, links, now, leaveReport }: SubscriberParts & { shell: Shell },
): void {
  const idOf = (request: Request) => links.read('subscriber', request.params.token) ?? '';
  const of = (request: Request) => ({ id: idOf(request), token: request.params.token });

  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-robots-tag', 'noindex');
  });

  app.get<WithToken>('/s/:token', async (request, reply) =>
    sendPrivate(reply, await ownPage(db, shell, of(request), { said: String(request.query.said ?? '') })),
  );

  const steps: Record<string, { run: typeof confirm; said: string }> = {
    confirm: { run: confirm, said: 'confirmed' },
    'come-back': { run: comeBack, said: 'confirmed' },
    pause: { run: pause, said: 'paused' },
    resume: { run: resume, said: 'resumed' },
  };
  for (const [step, { run, said }] of Object.entries(steps)) {
    app.post<WithToken>(`/s/:token/${step}`, async (request, reply) => {
      await change(request, (trx, id) => run(trx, id, now()));
      return reply.redirect(`/s/${request.params.token}?said=${said}`, 303);
    });
  }

  app.post<WithToken>('/s/:token/choices', async (request, reply) => {
    const { id, token } = of(request);
    await findSubscriber(db, id);
    const { choices: asked, errors } = readChoosing(request.body);
    const choices = await knownChoices(db, asked);
    const missing = errors.length > 0 ? null : missingIn(choices);
    if (missing)
      errors.push({ field: missing, message: missing === 'components' ? choosePart : chooseIssue });
    if (errors.length > 0) {
      const typed = { choices, errors };
      return sendPrivate(reply.code(400), await ownPage(db, shell, { id, token }, { typed }));
    }
    await change(request, (trx) => choose(trx, id, choices, 'link', now()));
    return reply.redirect(`/s/${token}?said=saved`, 303);
  });

  app.get<WithToken>('/s/:token/unsubscribe', async (request, reply) => {
    const { token } = request.params;
    await findSubscriber(db, idOf(request));
    const report = leavingOf(request);
    const query = report ? `?${new URLSearchParams({ r: report })}` : '';
    const ofReport = links.read('leave', report) !== null;
    return sendPrivate(reply, leavePage(shell, { token }, { report: ofReport, query }));
  });
  takeOneClick<WithToken>(app, '/s/:token/unsubscribe', async (request, reply) => {
    const { id, token } = of(request);
    const report = await db.transaction().execute(async (trx) => {
      const leftReport = await leaveReport(trx, leavingOf(request));
      await leave(trx, id, 'one-click', now()).catch((error) => {
        if (!(leftReport && error instanceof NotFound)) throw error;
      });
      return leftReport;
    });
    return sendPrivate(reply, goodbyePage(shell, { token }, { report }));
  });

  app.get<WithToken>('/s/:token/export', async (request, reply) => {
    const everything = await exportSubscription(db, idOf(request));
    return reply
      .header('content-disposition', 'attachment; filename="subscription.json"')
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(everything, null, 2));
  });

  app.get<WithToken>('/s/:token/erase', async (request, reply) => {
    await findSubscriber(db, idOf(request));
    return sendPrivate(reply, erasePage(shell, request.params));
  });
  app.post<WithToken>('/s/:token/erase', async (request, reply) => {
    await change(request, (trx, id) => eraseSubscription(trx, id, now()));
    return sendPrivate(reply, erasedPage(shell));
  });

  function change(request: Request, run: (trx: Trx, id: string) => Promise<void>): Promise<void> {
    return db.transaction().execute((trx) => run(trx, idOf(request)));
  }
}

/** The link that leaves a report, in a mail that was about both. */
function leavingOf({ query }: Request): string {
  return typeof query.r === 'string' ? query.r.slice(0, 200) : '';
}
