import { fileURLToPath } from 'node:url';
import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { type ApiDeps, mountApi } from './api/mount.ts';
import { problemOf } from './api/problem.ts';
import type { Config } from './config.ts';
import type { Database, Trx } from './db.ts';
import { mountDesk } from './desk/mount.ts';
import { deskRoutes } from './desk/routes.ts';
import { supportOf } from './domain/person.ts';
import { feedRoutes } from './feeds/routes.ts';
import { statuspageManageApi } from './feeds/statuspage/manage.ts';
import { statuspageApi } from './feeds/statuspage/routes.ts';
import { type FrontDoor, openFrontDoor } from './front-door.ts';
import { isReady } from './health.ts';
import { issuesApi } from './issues/api.ts';
import { draftsApi } from './issues/drafts-api.ts';
import { figuresRoutes } from './ledger/figures-routes.ts';
import { ledgerRoutes } from './ledger/routes.ts';
import type { Links } from './links.ts';
import { logFailure } from './log.ts';
import { measure } from './metrics.ts';
import { notificationsApi } from './notifications/api.ts';
import { bouncesApi } from './notifications/bounces-api.ts';
import { webhookRoutes } from './notifications/channels/routes.ts';
import { ownFiles } from './own-files.ts';
import type { PageCache } from './page-cache/door.ts';
import { reportsApi } from './reports/api.ts';
import { leaveByLink } from './reports/change-report.ts';
import { inboundApi } from './reports/inbound-api.ts';
import { reportRoutes } from './reports/routes.ts';
import { isNamedByUs } from './shell.ts';
import { writeAudit } from './staff/audit.ts';
import { authenticate } from './staff/tokens.ts';
import { errorPage } from './status-page/error-page.ts';
import { statusPageRoutes } from './status-page/routes.ts';
import { subscribersApi } from './subscribers/api.ts';
import { subscriberRoutes } from './subscribers/routes.ts';

export interface AppParts {
  config: Config;
  database: Database;
  links: Links;
  now?: () => Date;
  log?: Logger;
  /** Where requests come in; without it the app opens a door of its own. */
  door?: Pick<FrontDoor, 'server' | 'leadTo'>;
  /** What keeps the pages that it makes. */
  pages?: Pick<PageCache, 'hearAll' | 'counts'>;
}

/** Every address of the product on one page. Builds without listening. */
export async function buildApp({
  config,
  database,
  links,
  now = () => new Date(),
  log,
  door,
  pages,
}: AppParts): Promise<FastifyInstance> {
  const { db } = database;
  const app = Fastify({
    ...(log ? { loggerInstance: log as FastifyBaseLogger } : {}),
    logController: new LogController({ disableRequestLogging: true }), // addresses carry tokens, and searches words
    trustProxy: config.trustProxy.length > 0 ? [...config.trustProxy] : false,
    bodyLimit: 1024 * 1024,
    serverFactory: (handler) => {
      const { server, leadTo } = door ?? openFrontDoor();
      leadTo(handler);
      return server;
    },
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    schemaController: { compilersFactory: { buildValidator: withZod, buildSerializer: withZod } },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => sendTrouble(error, request, reply as FastifyReply, config),
  });
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, request, reply) => sendTrouble(error, request, reply, config));
  app.setNotFoundHandler((request, reply) =>
    sendTrouble({ statusCode: 404, message: nothingHere }, request, reply, config),
  );

  measure(app, { db, now, ...(pages && { pages: pages.counts }) });
  if (pages) app.addHook('onSend', showsAtHerNextLook(pages));
  if (config.trustProxy.length === 0) warnOfUntrustedProxy(app);
  await app.register(helmet, securityHeaders(config));
  await app.register(compress, { encodings: ['br', 'gzip'], threshold: 512, brotliOptions: quickBrotli });
  await app.register(formbody, { bodyLimit: 256 * 1024 });
  await app.register(files, {
    root: fileURLToPath(new URL('public', ownFiles)),
    prefix: '/assets/',
    maxAge: '7d', // pages name each file with its content's hash
    immutable: true,
    index: false,
  });

  app.addHook('onSend', async ({ url }, reply) => {
    // While replicas are replaced, one version's page may ask another version for its style: nobody keeps that.
    if (url.startsWith('/assets/') && !isNamedByUs(url)) reply.header('cache-control', 'no-cache');
  });

  app.get('/healthz', async (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    const ready = await isReady(db);
    reply.header('cache-control', 'no-store').code(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'the database does not answer' };
  });
  const programs: Pick<ApiDeps, 'authenticate' | 'audit'> = {
    authenticate: (token) => authenticate(db, token, now()),
    audit: (trx, { name }, act, about, at) =>
      writeAudit(trx, { staffId: null, who: `token “${name}”`, act, about }, at),
  };
  await app.register(
    (api) =>
      mountApi(
        api,
        [
          ...issuesApi,
          ...draftsApi,
          ...reportsApi,
          ...inboundApi,
          ...subscribersApi,
          ...notificationsApi,
          ...bouncesApi,
        ],
        {
          db,
          now,
          site: { baseUrl: config.baseUrl, mail: config.smtpUrl ? 'smtp' : 'files', links },
          ...programs,
        },
      ),
    { prefix: '/api/v1' },
  );
  await app.register((api) => statuspageApi(api, { db, site: config }), { prefix: '/api/v2' });
  await app.register((api) => statuspageManageApi(api, { db, site: config, now, ...programs }), {
    prefix: '/v1',
  });
  await app.register((console) => mountDesk(console, deskRoutes, { db, config, links, now }));
  await app.register(async (pages) => statusPageRoutes(pages, { db, config, now }));
  await app.register(async (feeds) => feedRoutes(feeds, { db, config, now }));
  await app.register(async (pages) => ledgerRoutes(pages, { db, config }));
  await app.register(async (pages) => figuresRoutes(pages, { db, config, now }));
  await app.register(async (pages) => webhookRoutes(pages, { db, config, links, now }));
  await app.register(async (pages) => reportRoutes(pages, { db, config, links, now, log: app.log }));
  const leaveReport = (trx: Trx, token: string) => leaveByLink(trx, links, token);
  await app.register(async (pages) => subscriberRoutes(pages, { db, config, links, now, leaveReport }));
  return app;
}

/** Zod checks what comes in; to load the framework's own compilers takes 4 % of a start. */
function withZod(): never {
  throw new Error('a route gave the framework a schema: check with Zod instead');
}

/** Whoever changed something hears of it only when the pages have. */
function showsAtHerNextLook({ hearAll }: Pick<PageCache, 'hearAll'>) {
  return async ({ method }: FastifyRequest, { statusCode }: FastifyReply) => {
    if (!['GET', 'HEAD', 'OPTIONS'].includes(method) && statusCode < 400) await hearAll();
  };
}

const nothingHere = 'There is nothing at this address.';
const quickBrotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }; // the default of 11 takes 40 ms a page

/** Behind a proxy that nobody told us of, all visitors look like one, and limits by network cannot hold. */
function warnOfUntrustedProxy(app: FastifyInstance): void {
  let warned = false;
  app.addHook('onRequest', async (request) => {
    if (warned || request.headers['x-forwarded-for'] === undefined) return;
    warned = true;
    request.log.warn(
      'requests come through a proxy, but TRUST_PROXY is off: visitors cannot be told apart, so no limit by network holds. Set TRUST_PROXY to the address of the proxy (loopback, if it is on this machine)',
    );
  });
}

/** The one place where a failure becomes an answer: a page for people, problem+json for machines. */
function sendTrouble(error: unknown, request: FastifyRequest, reply: FastifyReply, config: Config) {
  const { retryAfter, ...problem } = problemOf(error, request);
  if (problem.status >= 500) logFailure(request.log, error, request.routeOptions?.url, 'a request failed');
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  reply.code(problem.status).header('cache-control', 'no-store');
  if (isForMachines(request)) {
    const support = supportOf(config);
    return reply
      .type('application/problem+json')
      .send(JSON.stringify({ ...problem, ...(support && { support }) }));
  }
  return reply.type('text/html; charset=utf-8').send(
    errorPage(config, {
      ...problem,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      isOwnPage: request.url.startsWith('/r/'),
      ...(request.method === 'POST' && { sent: { to: request.url, body: request.body } }),
    }),
  );
}

function isForMachines(request: FastifyRequest): boolean {
  const [path = ''] = request.url.split('?');
  return path.startsWith('/api/') || /\.jsonl?$/.test(path);
}

function securityHeaders(config: Config) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: config.baseUrl.startsWith('https:') ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' as const },
    crossOriginEmbedderPolicy: false,
  };
}
