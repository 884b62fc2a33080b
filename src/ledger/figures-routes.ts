import type { FastifyInstance } from 'fastify';
import { sendWithValidators } from '../conditional.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db.ts';
import { NotFound } from '../errors.ts';
import { sendPublic, shellOf } from '../shell.ts';
import { counter } from './figures.ts';
import { figuresJson, figuresPage } from './figures-page.ts';

/** Our word, in figures: all of them, or none. */
export function figuresRoutes(
  app: FastifyInstance,
  { db, config, now }: { db: Db; config: Config; now: () => Date },
): void {
  const shell = shellOf(config);
  const count = counter(db);

  app.get('/promise', async (request, reply) => {
    if (!config.figures) throw new NotFound(notShown);
    return sendPublic(request, reply, figuresPage(shell, await count(now())));
  });

  app.get('/promise.json', async (request, reply) => {
    if (!config.figures) throw new NotFound(notShown);
    reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
    return sendWithValidators(request, reply, {
      body: JSON.stringify(figuresJson(shell, await count(now()))),
      type: 'application/json; charset=utf-8',
      updatedAt: null,
    });
  });
}

const notShown = 'This page does not show its figures.';
