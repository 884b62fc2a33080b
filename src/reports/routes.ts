import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { type Db, isDatabaseAway, type Trx } from '../db.ts';
import { traitsIn } from '../domain/affected-text.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { blankForm, type ReportForm } from '../domain/report-form.ts';
import { cleanText } from '../domain/text.ts';
import { waitWords } from '../domain/times.ts';
import { NotFound } from '../errors.ts';
import { type Visitor, visitorOf } from '../limits.ts';
import type { Links } from '../links.ts';
import { logFailure } from '../log.ts';
import { type Shell, sendPrivate, sendPublic, shellOf } from '../shell.ts';
import type { Report } from '../tables.ts';
import { giveCode } from './come-back.ts';
import { comeBackRoutes } from './come-back-routes.ts';
import { fileReport, meToo } from './file-report.ts';
import { asTyped, type ReadForm, readMeToo, readReport, type Told } from './form.ts';
import { isBackRoutes } from './is-back-routes.ts';
import { lookFirst } from './look-first.ts';
import { meTooPage, reportPage } from './pages.ts';
import { waitToReport } from './quota.ts';
import { tokenRoutes } from './token-routes.ts';
import { waysRoutes } from './ways-routes.ts';

const noIssue = 'We know of no issue at this address.';

export interface ReportParts {
  db: Db;
  config: Config;
  links: Links;
  now: () => Date;
  log?: FastifyBaseLogger;
}

/** What customers say, and what they do with what they said. */
export async function reportRoutes(app: FastifyInstance, parts: ReportParts): Promise<void> {
  const { db, config, links, now } = parts;
  const shell = shellOf(config);

  app.get<{ Querystring: { q?: unknown } }>('/report', async (request, reply) => {
    const { q } = request.query;
    const traits = traitsIn(request.query);
    const words = typeof q === 'string' ? cleanText(q.slice(0, 5_000)) : '';
    const html = reportPage(shell, blankForm(words, traits));
    return traits || words ? sendPrivate(reply, html) : sendPublic(request, reply, html);
  });

  app.post('/report', async (request, reply) =>
    takeForm(parts, request, reply, {
      action: '/report',
      read: readReport,
      keep: (trx, told, at, visitor) => fileReport(trx, { ...told, source: 'form' }, at, visitor),
      again: async (form) => reportPage(shell, form),
    }),
  );

  app.get<{ Params: { id: string } }>('/issues/:id/me-too', async (request, reply) =>
    reply.redirect(`/issues/${readId(request.params.id)}#me-too`, 303),
  );

  app.post<{ Params: { id: string } }>('/issues/:id/me-too', async (request, reply) => {
    const id = readId(request.params.id);
    return takeForm(parts, request, reply, {
      action: `/issues/${id}/me-too`,
      read: readMeToo,
      keep: (trx, told, at, visitor) => meToo(trx, id, told, at, visitor),
      again: (form) => againMeToo(db, shell, id, form),
    });
  });

  await app.register(async (own) => tokenRoutes(own, { db, shell, links, now }));
  isBackRoutes(app, { db, links, now });
  waysRoutes(app, { db, shell, links, now });
  comeBackRoutes(app, { db, shell, links, now });
}

interface Taking {
  /** Where the form posts to. */
  action: string;
  read: (body: unknown) => ReadForm;
  keep: (trx: Trx, told: Told, now: Date, visitor: Visitor) => Promise<Report>;
  /** The page that gives the form back as she filled it in. */
  again: (form: ReportForm) => Promise<string>;
}

/** Keeps what a form says and sends her to her own page; or gives the form back, never losing a word. */
async function takeForm(
  { db, config, links, now }: ReportParts,
  request: FastifyRequest,
  reply: FastifyReply,
  { action, read, keep, again }: Taking,
): Promise<FastifyReply> {
  const form = read(request.body);
  if ('refused' in form) return sendPrivate(reply.code(400), await again(form.refused));
  const { message: text, page_url: pageUrl } = form.told;
  const sending = { action, body: request.body, field: 'message', label: 'Your words', text, pageUrl };
  const looked = await lookFirst(shellOf(config), sending);
  if ('page' in looked) return sendPrivate(reply, looked.page);
  const told = { ...form.told, message: looked.text, page_url: looked.pageUrl };
  const at = now();
  try {
    const visitor = visitorOf(request, links);
    const wait = await waitToReport(db, visitor, at);
    if (wait > 0) {
      const notice = `More came from your network in the last minutes than we can take. Please send it again in ${waitWords(wait)}.`;
      return sendPrivate(
        reply.code(429).header('retry-after', wait),
        await again(asTyped(request.body, notice)),
      );
    }
    const report = await db.transaction().execute(async (trx) => {
      const kept = await keep(trx, told, at, visitor);
      if (kept.email === null) await giveCode(trx, links, kept.id);
      return kept;
    });
    return reply.header('cache-control', 'no-store').redirect(`/r/${links.token('report', report.id)}`, 303);
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    logFailure(request.log, error, request.routeOptions.url, 'a report could not be kept');
    const notice =
      'We cannot reach our own records right now. That is our fault. Please send it again in half a minute.';
    return sendPrivate(reply.code(503).header('retry-after', 30), await again(asTyped(request.body, notice)));
  }
}

async function againMeToo(db: Db, shell: Shell, id: string, form: ReportForm): Promise<string> {
  const issue = await readIssue(db, id);
  return meTooPage(shell, { id, ...issue }, form);
}

/** What the form shows of its issue; with the database away, as much as one can say without it. */
async function readIssue(db: Db, id: string): Promise<{ title: string; closed: boolean }> {
  try {
    const issue = await db
      .selectFrom('issue')
      .select(['title', 'status'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!issue) throw new NotFound(noIssue);
    return { title: issue.title, closed: isClosed(issue.status) };
  } catch (error) {
    if (isDatabaseAway(error)) return { title: 'Does it happen to you too?', closed: false };
    throw error;
  }
}

function readId(id: string): string {
  if (!/^[0-9a-z]{12}$/.test(id)) throw new NotFound(noIssue);
  return id;
}
