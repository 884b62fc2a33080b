import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { type Db, isDatabaseAway, type Trx } from '../db.ts';
import { hearsBy, missingIn } from '../domain/hearing.ts';
import { waitWords } from '../domain/times.ts';
import { visitorOf } from '../limits.ts';
import type { Links } from '../links.ts';
import { logFailure } from '../log.ts';
import { type Shell, sendPrivate, sendPublic, shellOf } from '../shell.ts';
import { askToHear } from './ask.ts';
import { knownChoices } from './choices.ts';
import { asTyped, readAsking, type SubscribeForm } from './form.ts';
import { groupsOf } from './hearing-fields.ts';
import { askedPage, blankForm, subscribePage } from './pages.ts';
import { waitToAsk } from './quota.ts';
import { tokenRoutes } from './token-routes.ts';

export interface SubscriberParts {
  db: Db;
  config: Config;
  links: Links;
  now: () => Date;
  /** Stops the mails about a report, by the link in one of them; answers whether the link was one of ours. */
  leaveReport: (trx: Trx, leaveToken: string) => Promise<boolean>;
}

/** Who wants to hear from us, and the page each of them has. */
export async function subscriberRoutes(app: FastifyInstance, parts: SubscriberParts): Promise<void> {
  const { db, config } = parts;
  const shell = shellOf(config);

  app.get<{ Querystring: { issue?: unknown; component?: unknown } }>('/subscribe', async (request, reply) => {
    const { issue, component } = request.query;
    const html = await firstForm(db, shell, { issue, component });
    const isAll = issue === undefined && component === undefined;
    return isAll ? sendPublic(request, reply, html) : sendPrivate(reply, html);
  });

  app.post('/subscribe', (request, reply) => takeForm(parts, shell, request, reply));

  await app.register(async (own) => tokenRoutes(own, { ...parts, shell }));
}

/** Keeps what was asked and answers the same to everybody; or gives the form back as it was filled in. */
async function takeForm(
  { db, links, now }: SubscriberParts,
  shell: Shell,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const read = readAsking(request.body);
  const again = (form: SubscribeForm) => givenBack(db, shell, form);
  if ('refused' in read) return sendPrivate(reply.code(400), await again(read.refused));
  const at = now();
  try {
    const visitor = visitorOf(request, links);
    const choices = await knownChoices(db, read.asked.choices);
    if (missingIn(choices)) {
      const notice = 'What you chose is not there any more. Please choose again.';
      return sendPrivate(reply.code(400), await again(asTyped(request.body, notice)));
    }
    const wait = await waitToAsk(db, visitor, at);
    if (wait > 0) {
      const notice = `More came in the last minutes than we can take. Please send it again in ${waitWords(wait)}.`;
      return sendPrivate(
        reply.code(429).header('retry-after', wait),
        await again(asTyped(request.body, notice)),
      );
    }
    await db.transaction().execute((trx) => askToHear(trx, { ...read.asked, choices }, visitor, at));
    return sendPrivate(reply, askedPage(shell));
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    logFailure(request.log, error, request.routeOptions.url, 'a subscription could not be kept');
    const notice =
      'We cannot reach our own records right now. That is our fault. Please send it again in half a minute.';
    return sendPrivate(reply.code(503).header('retry-after', 30), await again(asTyped(request.body, notice)));
  }
}

async function firstForm(
  db: Db,
  shell: Shell,
  given: { issue: unknown; component: unknown },
): Promise<string> {
  const { components, issues } = asTyped({ issue: given.issue, components: given.component });
  const seen = await readSeen(db, components, issues);
  const chosen =
    seen.groups === null
      ? { components, issues: issues.slice(0, 1) }
      : {
          components: seen.groups.flatMap(({ parts }) =>
            parts.filter((one) => one.chosen).map((one) => one.id),
          ),
          issues: seen.issue ? [seen.issue.id] : [],
        };
  const hears = chosen.issues.length > 0 ? 'issues' : hearsBy(chosen);
  return subscribePage(shell, blankForm({ ...chosen, hears }), seen);
}

async function givenBack(db: Db, shell: Shell, form: SubscribeForm): Promise<string> {
  const seen = await readSeen(db, form.components, form.issues);
  return subscribePage(shell, form, seen);
}

/** What the form shows of parts and of the issue; with the database away, as much as one can say without it. */
async function readSeen(db: Db, components: string[], [issueId]: string[]) {
  try {
    const groups = await groupsOf(db, components);
    if (issueId === undefined) return { groups, issue: null };
    const issue = await db
      .selectFrom('issue')
      .select(['id', 'title'])
      .where('id', '=', issueId)
      .where('resolved_at', 'is', null)
      .executeTakeFirst();
    return { groups, issue: issue ?? null };
  } catch (error) {
    if (isDatabaseAway(error)) return { groups: null, issue: null };
    throw error;
  }
}
