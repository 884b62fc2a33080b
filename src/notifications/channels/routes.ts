import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../../config.ts';
import type { Db, Trx } from '../../db.ts';
import { mostOwnHooks } from '../../domain/hooks.ts';
import type { SubscriberState } from '../../domain/words.ts';
import { NotFound } from '../../errors.ts';
import type { Links } from '../../links.ts';
import { type Page, sendPrivate, shellOf } from '../../shell.ts';
import { view } from '../../views.ts';
import { type HookCard, hookCard } from './hook-card.ts';
import { blankHookForm, type HookForm, readHookForm } from './hook-form.ts';
import { reachOf } from './hooks.ts';
import { readTest } from './read-test.ts';
import { addWebhook, listWebhooks, removeWebhook, resumeWebhook, testWebhook } from './webhooks.ts';

interface WebhookParts {
  db: Db;
  config: Config;
  links: Links;
  now: () => Date;
}

interface OwnWebhooksPage extends Page {
  action: string;
  /** Her own page, where she chooses what she hears of. */
  back: string;
  said: string;
  /** She has a rest: nothing is sent there either. */
  resting: boolean;
  hooks: HookCard[];
  full: boolean;
  form: HookForm;
}

type WithToken = { Params: { token: string; hook: string }; Querystring: Record<string, unknown> };
type Request = FastifyRequest<WithToken>;

const render = view<OwnWebhooksPage>('own-webhooks.eta');

const saids: Record<string, string> = {
  added: 'Added. Send a test to see whether it arrives.',
  resumed: 'It hears again, from now on.',
  removed: 'Removed. Nothing is sent there any more.',
};

/** A subscriber's own webhooks. A GET changes nothing; whoever has the link to her page may do what is on it. */
export async function webhookRoutes(
  app: FastifyInstance,
  { db, config, links, now }: WebhookParts,
): Promise<void> {
  const shell = shellOf(config);

  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-robots-tag', 'noindex');
  });

  app.get<WithToken>('/s/:token/webhooks', async (request, reply) => {
    const her = await herOf(request);
    if (her.state !== 'active' && her.state !== 'paused') return reply.redirect(`/s/${her.token}`, 303);
    return sendPrivate(reply, await page(her, await saidIn(her.id, request.query), blankForm(her.id)));
  });

  app.post<WithToken>('/s/:token/webhooks', async (request, reply) => {
    const her = await herOf(request);
    const read = readHookForm(request.body, reachOf(config, { subscriber_id: her.id }));
    if ('refused' in read) return sendPrivate(reply.code(400), await page(her, '', read.refused));
    return change(request, reply, async (trx, owner) => {
      await addWebhook(trx, owner, read.told, null, now());
      return 'said=added';
    });
  });

  app.post<WithToken>('/s/:token/webhooks/:hook/test', (request, reply) =>
    change(request, reply, async (trx, owner, hook) => {
      const test = await testWebhook(trx, owner, hook, now());
      return `tested=${hook}:${test}`;
    }),
  );

  app.post<WithToken>('/s/:token/webhooks/:hook/resume', (request, reply) =>
    change(request, reply, async (trx, owner, hook) => {
      await resumeWebhook(trx, owner, hook);
      return 'said=resumed';
    }),
  );

  app.post<WithToken>('/s/:token/webhooks/:hook/remove', (request, reply) =>
    change(request, reply, async (trx, owner, hook) => {
      await removeWebhook(trx, owner, hook);
      return 'said=removed';
    }),
  );

  function blankForm(owner: string): HookForm {
    return blankHookForm(reachOf(config, { subscriber_id: owner }));
  }

  interface Her {
    id: string;
    token: string;
    state: SubscriberState;
  }

  /** What we did not sign is asked for in the database too, so that it takes as long as what is gone. */
  async function herOf({ params: { token } }: Request): Promise<Her> {
    const id = links.read('subscriber', token) ?? '';
    const her = await db.selectFrom('subscriber').select('state').where('id', '=', id).executeTakeFirst();
    if (!her) throw new NotFound('There is nothing at this address.');
    return { id, token, state: her.state };
  }

  async function change(
    request: Request,
    reply: FastifyReply,
    run: (trx: Trx, owner: string, hook: string) => Promise<string>,
  ): Promise<FastifyReply> {
    const { id, token, state } = await herOf(request);
    if (state !== 'active' && state !== 'paused') return reply.redirect(`/s/${token}`, 303);
    const query = await db.transaction().execute((trx) => run(trx, id, request.params.hook));
    return reply.redirect(`/s/${token}/webhooks?${query}`, 303);
  }

  async function saidIn(owner: string, { said, tested }: WithToken['Querystring']): Promise<string> {
    const [hook = '', test = ''] = String(tested ?? '').split(':');
    const hers = (await listWebhooks(db, owner)).find((one) => one.id === hook);
    return hers ? readTest(db, hookCard(hers), test, now()) : (saids[String(said ?? '')] ?? '');
  }

  async function page({ id, token, state }: Her, said: string, form: HookForm): Promise<string> {
    const hooks = (await listWebhooks(db, id)).map(hookCard);
    return render({
      shell,
      title: 'Your webhooks',
      action: `/s/${token}/webhooks`,
      back: `/s/${token}`,
      said,
      resting: state === 'paused',
      hooks,
      full: hooks.length >= mostOwnHooks,
      form,
    });
  }
}
