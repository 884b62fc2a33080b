import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from '../../api/mount.ts';
import type { Db, Trx } from '../../db.ts';
import { Forbidden, NotFound, TooMany, Unauthorized } from '../../errors.ts';
import { take } from '../../limits.ts';
import { calls, type ManageCall } from './manage-calls.ts';
import { readForms } from './manage-forms.ts';
import { answerTrouble } from './manage-trouble.ts';
import { readPageId, type Site } from './read.ts';

export interface ManageParts {
  db: Db;
  site: Site;
  now: () => Date;
  /** Who a token belongs to; null for one that is unknown, expired or revoked. */
  authenticate(token: string): Promise<Caller | null>;
  /** Writes down who did what, in the transaction of the deed; `about` is issue:ID or component:ID. */
  audit(trx: Trx, caller: Caller, act: string, about: string | undefined, now: Date): Promise<void>;
}

const perToken = { most: 600, perMs: 60_000 };

/** Statuspage's API for programs that write, under its own addresses: whoever spoke to theirs speaks to ours. */
export async function statuspageManageApi(app: FastifyInstance, parts: ManageParts): Promise<void> {
  readForms(app);
  app.setErrorHandler(answerTrouble);
  app.setNotFoundHandler(async () => {
    throw new NotFound('There is nothing at this address.');
  });
  for (const call of calls) {
    for (const url of spellings(call.path))
      app.route({
        method: call.methods,
        url,
        // Before the body is read.
        onRequest: async (request, reply) => {
          reply.header('cache-control', 'no-store');
          await admit(request, call, parts);
        },
        handler: async (request, reply) => {
          const answer = await serve(call, request, parts);
          return reply.code(call.status ?? 200).send(answer);
        },
      });
  }
}

/** With `.json` at the end or without; where an id stands last, the ending is taken off later. */
function spellings(path: string): string[] {
  return /\/:\w+$/.test(path) ? [path] : [path, `${path}.json`];
}

const callers = new WeakMap<FastifyRequest, Caller>();

async function admit(request: FastifyRequest, call: ManageCall, parts: ManageParts): Promise<void> {
  const token = tokenOf(request);
  const caller = token === null ? null : await parts.authenticate(token);
  if (caller === null)
    throw new Unauthorized(
      'Send a token that is valid: Authorization: OAuth TOKEN. `candor token` makes one.',
    );
  if (!caller.scopes.includes(call.scope)) throw new Forbidden(`This token lacks the scope "${call.scope}".`);
  const wait = await take(parts.db, `statuspage:${caller.id}`, perToken, parts.now());
  if (wait > 0)
    throw new TooMany(`A token may call ${perToken.most} times a minute; wait ${wait} seconds.`, wait);
  if (call.refused) throw call.refused();
  callers.set(request, caller);
}

/** `Authorization: OAuth TOKEN`, or `?api_key=TOKEN`, as Statuspage takes it. */
function tokenOf({ headers, query }: FastifyRequest): string | null {
  const [, token] = /^(?:OAuth|Bearer) +([\x21-\x7e]+) *$/i.exec(headers.authorization ?? '') ?? [];
  const { api_key } = query as { api_key?: unknown };
  return token ?? (typeof api_key === 'string' && api_key !== '' ? api_key : null);
}

async function serve(call: ManageCall, request: FastifyRequest, parts: ManageParts): Promise<unknown> {
  const { db, site, now } = parts;
  const params = Object.fromEntries(
    Object.entries(request.params as Record<string, string>).map(([name, value]) => [
      name,
      value.replace(/\.json$/, ''),
    ]),
  );
  const given = { params, query: request.query, body: request.body ?? {}, now: now(), site };
  if (call.scope === 'read') {
    await checkPage(db, params.page_id);
    return call.run(db, given);
  }
  return db.transaction().execute(async (trx) => {
    await checkPage(trx, params.page_id);
    const { answer, about } = await call.run(trx, given);
    await parts.audit(trx, callers.get(request)!, call.act, about, given.now);
    return answer;
  });
}

async function checkPage(db: Db | Trx, asked: string | undefined): Promise<void> {
  if (asked === undefined) return;
  const pageId = await readPageId(db);
  if (asked !== pageId) throw new NotFound(`There is no page ${asked}; GET /v1/pages tells the id of ours.`);
}
