import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problemOf } from '../api/problem.ts';
import { NotFound } from '../errors.ts';
import { readSession } from '../staff/sessions.ts';
import type { Cookies } from './cookies.ts';
import { csrfOf } from './forgery.ts';
import { type DeskParts, deskOf } from './frame.ts';
import { refusedPage } from './refused-page.ts';

/**
 * What no route of the console gets to see, an address that there is not or a form that is too large, is said at the
 * desk to whoever is signed in; to anybody else on the page, as everywhere.
 */
export function answerStrayed(app: FastifyInstance, parts: DeskParts, jar: Cookies): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/admin/*',
    handler: () => {
      throw new NotFound('There is nothing at this address. Perhaps it was cut off on its way to you.');
    },
  });
  app.setErrorHandler(async (error, request, reply) => {
    const { status, detail } = problemOf(error, request);
    const page = status < 500 && (await pageFor(request, status, details[status] ?? detail));
    if (!page) throw error; // the next handler's, which is that of the page
    return reply.code(status).type('text/html; charset=utf-8').send(page);
  });

  async function pageFor(request: FastifyRequest, status: number, detail: string): Promise<string | null> {
    const secret = jar.session(request);
    const staff = secret === null ? null : await readSession(parts.db, secret, parts.now()).catch(() => null);
    if (!staff) return null;
    const desk = deskOf(parts.shell, staff, csrfOf(parts.links, secret!));
    return refusedPage(desk, { status, detail, fields: {}, address: request.url });
  }
}

const details: Record<number, string> = {
  413: 'That is more than we take at once: a file or a list may have 2 MB. Please bring it in parts. Nothing was changed, and going back in your browser brings your words back.',
};
