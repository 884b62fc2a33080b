import type { FastifyInstance } from 'fastify';
import type { Db } from '../db.ts';
import { waitWords } from '../domain/times.ts';
import { TooMany } from '../errors.ts';
import { visitorOf } from '../limits.ts';
import type { Links } from '../links.ts';
import { giveCode } from './come-back.ts';
import { sayItIsBack } from './is-back.ts';
import { waitToReport } from './quota.ts';
import { readToken } from './token-routes.ts';

interface Parts {
  db: Db;
  links: Links;
  now: () => Date;
}

/** Her button: yes, it is back for me. A GET says nothing. */
export function isBackRoutes(app: FastifyInstance, { db, links, now }: Parts): void {
  app.post<{ Params: { token: string } }>('/r/:token/returned', async (request, reply) => {
    const of = readToken(links, request);
    const visitor = visitorOf(request, links);
    const wait = await waitToReport(db, visitor, now());
    if (wait > 0)
      throw new TooMany(
        `More came from your network than we can take. Please press it again in ${waitWords(wait)}.`,
        wait,
      );
    const told = await db.transaction().execute(async (trx) => {
      const report = await sayItIsBack(trx, of.id, now(), visitor);
      if (report.email === null) await giveCode(trx, links, report.id);
      return report;
    });
    // Without an address the new report's own page is all she has of it.
    const to = told.email === null ? `/r/${links.token('report', told.id)}` : `/r/${of.token}#returned`;
    return reply.header('cache-control', 'no-store').redirect(to, 303);
  });
}
