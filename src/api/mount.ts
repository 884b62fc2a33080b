import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType, z } from 'zod';
import type { Db, Trx } from '../db.ts';
import { type FieldError, Forbidden, NotFound, Refused, Unauthorized } from '../errors.ts';
import { type Answered, answerOnce } from './idempotency.ts';
import { openApiOf } from './openapi.ts';
import { takeRawMail, whatIsSaid } from './raw-mail.ts';
import { type ApiRoute, allows, type Scope, type Site } from './route.ts';

export interface Caller {
  id: string;
  /** The token's. */
  name: string;
  scopes: readonly string[];
}

export interface ApiDeps {
  db: Db;
  site: Site;
  now: () => Date;
  /** Who a bearer token belongs to; null for one that is unknown, expired or revoked. */
  authenticate(token: string): Promise<Caller | null>;
  /** Writes down who did what, in the transaction of the deed; `about` is issue:ID, report:ID, component:ID. */
  audit(trx: Trx, caller: Caller, act: string, about: string | undefined, now: Date): Promise<void>;
}

/** Puts the routes and their OpenAPI document under the app's prefix. */
export async function mountApi(
  app: FastifyInstance,
  routes: readonly ApiRoute[],
  deps: ApiDeps,
): Promise<void> {
  let document: ReturnType<typeof openApiOf> | null = null; // few ask for it, and each start would wait
  app.get('/openapi.json', async () => {
    document ??= openApiOf(routes, deps.site.baseUrl);
    return document;
  });
  takeRawMail(app);
  for (const route of routes) {
    app.route({
      method: route.method,
      url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      ...(route.bodyLimit ? { bodyLimit: route.bodyLimit } : {}),
      config: { takesMail: route.takesMail ?? false },
      // Before the body is read: a stranger's 20 MB are not worth parsing.
      onRequest: async (request) => {
        callers.set(request, await authorize(request, route.scope, deps));
      },
      handler: (request, reply) => answer(route, request, reply, deps),
    });
  }
}

const callers = new WeakMap<FastifyRequest, Caller>();

async function authorize(request: FastifyRequest, scope: Scope, deps: ApiDeps): Promise<Caller> {
  const [, token] = /^Bearer +([\x21-\x7e]+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  const caller = token === undefined ? null : await deps.authenticate(token);
  if (caller === null) {
    throw new Unauthorized(
      'Send a token that is valid: Authorization: Bearer TOKEN. `candor token` makes one.',
    );
  }
  if (!allows(caller.scopes, scope)) throw new Forbidden(`This token lacks the scope "${scope}".`);
  return caller;
}

async function answer(route: ApiRoute, request: FastifyRequest, reply: FastifyReply, deps: ApiDeps) {
  const call = {
    params: route.params ? checkPath(route.params, request.params) : {},
    query: route.query ? check(route.query, request.query) : {},
    body: route.body ? await checkBody(route.body, request.body ?? {}) : undefined,
    now: deps.now(),
    site: deps.site,
  };
  reply.header('cache-control', 'no-store');
  if (route.method === 'GET') return route.run(deps.db, call as never);
  const done = await deps.db.transaction().execute((trx): Promise<Answered> => {
    const caller = callers.get(request)!;
    const work = async () => {
      const answer = await route.run(trx, call as never);
      if (route.audited !== false)
        await deps.audit(trx, caller, route.summary, aboutOf(route.path, call.params, answer), call.now);
      return { status: route.status, answer };
    };
    const key = request.headers['idempotency-key'];
    if (route.method !== 'POST' || key === undefined) return work();
    const tokenId = caller.id;
    const asked = `${route.method} ${request.url}\n${whatIsSaid(request.body)}`;
    return answerOnce(trx, { tokenId, key: String(key), request: asked }, call.now, work);
  });
  return reply.code(done.status).send(done.answer);
}

/** What a call was about: the thing in its address, or the one it made. */
function aboutOf(path: string, params: { id?: string }, answer: unknown): string | undefined {
  const kind = kinds[path.split('/')[1] ?? ''];
  const id = params.id ?? (answer as { id?: unknown } | null)?.id;
  return kind !== undefined && typeof id === 'string' ? `${kind}:${id}` : undefined;
}

const kinds: Record<string, string> = {
  issues: 'issue',
  reports: 'report',
  components: 'component',
  subscribers: 'subscriber',
};

/** An id that cannot be one is an address that leads nowhere. */
function checkPath<Schema extends ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw new NotFound('There is nothing at this address.');
}

function check<Schema extends ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  return fitting(schema.safeParse(given));
}

/** A body may be read in steps that take their time, as a mail is; no transaction is open meanwhile. */
async function checkBody<Schema extends ZodType>(schema: Schema, given: unknown): Promise<z.output<Schema>> {
  return fitting(await schema.safeParseAsync(given));
}

function fitting<Output>(read: z.ZodSafeParseResult<Output>): Output {
  if (read.success) return read.data;
  const errors = fieldErrors(read.error.issues).slice(0, 100);
  const [first] = errors;
  throw new Refused(
    first ? `${first.path || 'The body'}: ${first.message}` : 'The input does not fit.',
    errors,
  );
}

/** Zod's own words for what is simply not there. */
function plain(message: string): string {
  return message.replace(/^Invalid input: expected (.*), received undefined$/, 'is missing (a $1)');
}

/** What is wrong and where; of several forms that the input may have, against the one it comes closest to. */
function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'invalid_union') return [{ path, message: plain(issue.message) }];
    const meant = issue.errors.find((branch) =>
      branch.some((one) => one.path.length > 0 || one.code !== 'invalid_type'),
    );
    return fieldErrors(meant ?? []).map((one) => ({
      ...one,
      path: [path, one.path].filter(Boolean).join('.'),
    }));
  });
}
