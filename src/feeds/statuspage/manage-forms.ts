import type { FastifyInstance } from 'fastify';
import { parse } from 'qs';
import { Refused } from '../../errors.ts';

/** Forms as Statuspage takes them: `incident[components][ID]=major_outage`, no deeper and no longer than it needs. */
export function readForms(app: FastifyInstance): void {
  const type = 'application/x-www-form-urlencoded';
  app.removeContentTypeParser(type);
  app.addContentTypeParser(type, { parseAs: 'string', bodyLimit: 256 * 1024 }, (_request, body, done) => {
    try {
      done(null, parse(String(body), limits));
    } catch {
      done(new Refused('The form is deeper or longer than anything that is taken here.'));
    }
  });
}

const limits = {
  depth: 3,
  strictDepth: true,
  parameterLimit: 1_100,
  arrayLimit: 1_000,
  throwOnLimitExceeded: true,
} as const;
