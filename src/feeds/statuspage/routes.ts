import type { FastifyInstance } from 'fastify';
import { sendWithValidators } from '../../conditional.ts';
import type { Db } from '../../db.ts';
import { NotFound } from '../../errors.ts';
import { answers } from './answers.ts';
import type { Site } from './read.ts';

/** Statuspage's public API, for every page, widget and script that reads it: open to all origins, and it only reads. */
export async function statuspageApi(
  app: FastifyInstance,
  { db, site }: { db: Db; site: Site },
): Promise<void> {
  app.addHook('onRequest', async (_request, reply) => {
    reply
      .header('access-control-allow-origin', '*')
      .header('access-control-expose-headers', 'ETag, Last-Modified')
      .header('cross-origin-resource-policy', 'cross-origin');
  });
  for (const [path, read] of Object.entries(answers)) {
    app.get(`/${path}`, async (request, reply) => {
      const { body, updatedAt } = await read(db, site);
      const type = 'application/json; charset=utf-8';
      return sendWithValidators(request, reply, { body: JSON.stringify(body), type, updatedAt });
    });
  }
  app.options('/*', async (_request, reply) =>
    reply
      .header('access-control-allow-methods', 'GET, HEAD, OPTIONS')
      .header('access-control-allow-headers', '*')
      .header('access-control-max-age', '86400')
      .code(204)
      .send(),
  );
  app.setNotFoundHandler(async () => {
    const paths = Object.keys(answers).join(', ');
    throw new NotFound(`There is nothing at this address. Under /api/v2 there are ${paths}.`);
  });
}
