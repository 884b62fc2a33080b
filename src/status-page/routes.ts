import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import { type Db, isDatabaseAway } from '../db.ts';
import { answersIn } from '../domain/affected-text.ts';
import { NotFound } from '../errors.ts';
import { ownFiles } from '../own-files.ts';
import { sendPrivate, sendPublic, shellOf } from '../shell.ts';
import type { Pressed } from '../ways-around.ts';
import { componentPage } from './component-page.ts';
import { historyPage } from './history.ts';
import { issuePage } from './issue-page.ts';
import { frontPage } from './page.ts';
import { awayPage, readWords, searchJson, searchPage } from './search-page.ts';

const robots = readFileSync(new URL('public/robots.txt', ownFiles), 'utf8');

/** What everybody may see. Nothing here writes. */
export function statusPageRoutes(
  app: FastifyInstance,
  { db, config, now }: { db: Db; config: Config; now: () => Date },
): void {
  const shell = shellOf(config);

  app.get('/', async (request, reply) => sendPublic(request, reply, await frontPage(db, shell, now())));

  app.get<{ Params: { id: string }; Querystring: Pressed }>('/issues/:id', async (request, reply) => {
    const { id } = request.params;
    if (!/^[0-9a-z]{12}$/.test(id)) throw new NotFound('We know of no issue at this address.');
    const answers = answersIn(request.query);
    const html = await issuePage(db, shell, id, now(), answers, request.query);
    return answers ? sendPrivate(reply, html) : sendPublic(request, reply, html);
  });

  app.get<{ Params: { id: string } }>('/components/:id', async (request, reply) =>
    sendPublic(request, reply, await componentPage(db, shell, request.params.id, now())),
  );

  // What somebody searched for is hers, and so is the answer.
  app.get<{ Querystring: { q?: unknown } }>('/search', async (request, reply) => {
    const words = readWords(request.query.q);
    try {
      return sendPrivate(reply, await searchPage(db, shell, words, now()));
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      request.log.error({ err: error, route: '/search' }, 'a search could not be answered');
      return sendPrivate(reply.code(503).header('retry-after', 30), awayPage(shell, words));
    }
  });

  app.get<{ Querystring: { q?: unknown } }>('/search.json', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    return searchJson(db, shell, readWords(request.query.q));
  });

  app.get<{ Querystring: { month?: unknown; page?: unknown } }>('/history', async (request, reply) =>
    sendPublic(request, reply, await historyPage(db, shell, request.query, now())),
  );

  app.get('/robots.txt', (_request, reply) => reply.type('text/plain; charset=utf-8').send(robots));
  app.get('/favicon.ico', (_request, reply) => reply.redirect(shell.icon, 301));
}
