import { type Moment, moment, momentOrNull } from '../domain/moment.ts';
import type { Reach } from '../notifications/channels/guard.ts';
import { type HookCard, hookCard } from '../notifications/channels/hook-card.ts';
import { blankHookForm, type HookForm, readHookForm } from '../notifications/channels/hook-form.ts';
import { reachOf } from '../notifications/channels/hooks.ts';
import { type HookMessage, lastMessages } from '../notifications/channels/last-messages.ts';
import { readTest } from '../notifications/channels/read-test.ts';
import {
  addWebhook,
  canBeNudged,
  chooseHookNudges,
  findWebhook,
  listWebhooks,
  removeWebhook,
  resumeWebhook,
  testWebhook,
} from '../notifications/channels/webhooks.ts';
import { view } from '../views.ts';
import { typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';

interface WebhooksPage extends DeskPage {
  section: 'webhooks';
  hooks: HookCard[];
  form: HookForm;
  /** Whether the box for reminders is ticked. */
  nudges: boolean;
}

interface WebhookPage extends DeskPage {
  section: 'webhooks';
  hook: HookCard;
  /** Whether it is reminded of promises; null where it cannot be. */
  nudges: boolean | null;
  /** What came of the test that was just asked for; empty where none was. */
  tested: string;
  messages: (Omit<HookMessage, 'owed_at' | 'ended_at'> & { owed: Moment; ended: Moment | null })[];
}

const renderAll = view<WebhooksPage>('desk/webhooks.eta');
const renderOne = view<WebhookPage>('desk/webhook.eta');
const mostMessages = 20;
const pagesOwn = null;

/** The page's own webhooks: programs and chats that hear everything. */
export const webhooksRoutes: DeskRoute[] = [
  look('GET /admin/webhooks', (visit) => listPage(visit, blankHookForm(reachIn(visit)))),

  act('POST /admin/webhooks', async (visit, fields) => {
    const read = readHookForm(fields, reachIn(visit));
    if ('refused' in read)
      return { page: { html: await listPage(visit, read.refused, isTicked(fields)), status: 400 } };
    return visit.change(async (trx) => {
      const added = await addWebhook(trx, pagesOwn, read.told, visit.staff.id, visit.at);
      const { id, kind, name } = added;
      if (isTicked(fields) && canBeNudged(added)) await chooseHookNudges(trx, id, true);
      return { to: `/admin/webhooks/${id}?said=hooked`, about: `webhook:${id}`, detail: { kind, name } };
    });
  }),

  look('GET /admin/webhooks/:id', onePage),

  act('POST /admin/webhooks/:id/test', (visit) =>
    visit.change(async (trx) => {
      const id = visit.params.id!;
      const test = await testWebhook(trx, pagesOwn, id, visit.at);
      return { to: `/admin/webhooks/${id}?tested=${test}`, about: `webhook:${id}` };
    }),
  ),

  act('POST /admin/webhooks/:id/resume', (visit) =>
    visit.change(async (trx) => {
      const id = visit.params.id!;
      await resumeWebhook(trx, pagesOwn, id);
      return { to: `/admin/webhooks/${id}?said=rehooked`, about: `webhook:${id}` };
    }),
  ),

  act('POST /admin/webhooks/:id/nudges', (visit, fields) =>
    visit.change(async (trx) => {
      const id = visit.params.id!;
      const nudges = isTicked(fields);
      await chooseHookNudges(trx, id, nudges);
      return { to: `/admin/webhooks/${id}?said=saved`, about: `webhook:${id}`, detail: { nudges } };
    }),
  ),

  act('POST /admin/webhooks/:id/remove', (visit) =>
    visit.change(async (trx) => {
      const id = visit.params.id!;
      const { kind, name } = await findWebhook(trx, pagesOwn, id);
      await removeWebhook(trx, pagesOwn, id);
      return { to: '/admin/webhooks?said=unhooked', about: `webhook:${id}`, detail: { kind, name } };
    }),
  ),
];

function isTicked(fields: Fields): boolean {
  return typedLine(fields, 'nudges') === 'yes';
}

function reachIn({ config }: Visit): Reach {
  return reachOf(config, { subscriber_id: pagesOwn });
}

async function listPage({ db, desk }: Visit, form: HookForm, nudges = false): Promise<string> {
  const hooks = (await listWebhooks(db, pagesOwn)).map(hookCard);
  return renderAll({ desk, title: 'Webhooks', here: 'settings', section: 'webhooks', hooks, form, nudges });
}

async function onePage({ db, desk, params, query, at }: Visit): Promise<string> {
  const id = params.id!;
  const found = hookCard(await findWebhook(db, pagesOwn, id));
  const tested = await readTest(db, found, query.tested ?? '', at);
  const row = await findWebhook(db, pagesOwn, id);
  const hook = hookCard(row);
  const messages = await lastMessages(db, id, mostMessages);
  return renderOne({
    desk,
    title: hook.name,
    here: 'settings',
    section: 'webhooks',
    hook,
    nudges: canBeNudged(row) ? row.nudges : null,
    tested,
    messages: messages.map(({ owed_at, ended_at, ...rest }) => ({
      ...rest,
      owed: moment(owed_at),
      ended: momentOrNull(ended_at),
    })),
  });
}
