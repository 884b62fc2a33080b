import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Db } from '../db.ts';
import { blankForm } from '../domain/report-form.ts';
import { secretWords } from '../domain/secrets.ts';
import { waitWords } from '../domain/times.ts';
import { NotFound } from '../errors.ts';
import { findSecrets } from '../find-secrets.ts';
import { visitorOf } from '../limits.ts';
import type { Links } from '../links.ts';
import { type Shell, sendPrivate } from '../shell.ts';
import { nothingHere } from './change-report.ts';
import { countHelp, limitHelp } from './count-help.ts';
import { lookFirst } from './look-first.ts';
import { type OfferForm, offerWorkaround, readOffer } from './offer-workaround.ts';
import { ownPage } from './own-page.ts';
import { waitToReport } from './quota.ts';
import { readToken } from './token-routes.ts';

interface Parts {
  db: Db;
  shell: Shell;
  links: Links;
  now: () => Date;
}

/** Ways around a problem: offered by whoever found one, and counted by whomever it helped. A GET changes nothing. */
export function waysRoutes(app: FastifyInstance, { db, shell, links, now }: Parts): void {
  app.post<{ Params: { token: string } }>('/r/:token/workaround', async (request, reply) => {
    const of = readToken(links, request);
    const read = readOffer(request.body);
    const again = async (form: OfferForm, status: number) =>
      sendPrivate(reply.code(status), await ownPage(db, shell, of, blankForm(), now(), { offer: form }));
    if ('refused' in read) return again(read.refused, 400);
    const inCredit = (await findSecrets(read.offer.credit ?? ''))[0];
    if (inCredit) {
      const error = `This looks like ${secretWords[inCredit.kind]}, and would stand on a public page. Is there another name? You can leave it empty, too.`;
      return again({ offer: read.offer.text, credit: read.offer.credit ?? '', error, wrong: 'credit' }, 400);
    }
    const looked = await lookFirst(shell, {
      action: `/r/${of.token}/workaround`,
      body: request.body,
      field: 'offer',
      label: 'What one can do',
      text: read.offer.text,
    });
    if ('page' in looked) return sendPrivate(reply, looked.page);
    const offer = { ...read.offer, text: looked.text };
    const notYet = (error: string, status: number) =>
      again({ offer: offer.text, credit: offer.credit ?? '', error, wrong: 'offer' }, status);
    const wait = await waitToReport(db, visitorOf(request, links), now());
    if (wait > 0) {
      reply.header('retry-after', wait);
      return notYet(
        `That was a lot from your network at once. Please send it again in ${waitWords(wait)}.`,
        429,
      );
    }
    const kept = await db.transaction().execute((trx) => offerWorkaround(trx, of.id, offer, now()));
    return kept ? back(reply, `/r/${of.token}#ways`) : notYet(enough, 409);
  });

  app.post<{ Params: { token: string; way: string } }>(
    '/r/:token/workarounds/:way/helped',
    async (request, reply) => {
      const of = readToken(links, request);
      const { way } = request.params;
      const report = await db
        .selectFrom('report')
        .select(['id', 'issue_id'])
        .where('id', '=', of.id)
        .executeTakeFirst();
      if (!report) throw new NotFound(nothingHere);
      const visitor = visitorOf(request, links);
      await limitHelp(db, visitor, now());
      const one = { issueId: report.issue_id ?? '', id: way };
      const counted = await countHelp(db, links, one, { network: visitor.network, reportId: of.id });
      return back(reply, thanked(`/r/${of.token}`, way, counted));
    },
  );

  app.post<{ Params: { id: string; way: string } }>(
    '/issues/:id/workarounds/:way/helped',
    async (request, reply) => {
      const { id, way } = request.params;
      const visitor = visitorOf(request, links);
      await limitHelp(db, visitor, now());
      const counted = await countHelp(db, links, { issueId: id, id: way }, { network: visitor.network });
      return back(reply, thanked(`/issues/${id}`, way, counted));
    },
  );
}

const enough = 'Some of what you offered waits for us to read it. Please send this one after that.';

function thanked(page: string, way: string, counted: 'now' | 'before'): string {
  return `${page}?${counted === 'now' ? 'helped' : 'again'}=${way}#w-${way}`;
}

function back(reply: FastifyReply, to: string): FastifyReply {
  return reply.header('cache-control', 'no-store').redirect(to, 303);
}
