import { sql } from 'kysely';
import type { Db } from '../../db.ts';
import { hookKindWords } from '../../domain/hooks.ts';
import { utcLong } from '../../domain/times.ts';
import type { SubscriberState } from '../../domain/words.ts';
import type { Webhook } from '../../hearing-tables.ts';
import type { Links } from '../../links.ts';
import type { Delivery } from '../../tables.ts';
import { view } from '../../views.ts';
import type { Page } from '../email-model.ts';
import { type Foot, footOf } from '../foot.ts';
import { type Written, writeLetter } from '../letter.ts';
import type { HookPausedMatter, Unwanted } from '../matter.ts';
import { hostOf, manageUrl } from './manage-url.ts';

interface PausedModel extends Foot {
  page: string;
  pageUrl: string;
  manage: string;
  /** It goes to a subscriber, and not to staff. */
  subscriber: boolean;
  /** What it is called, or what it is. */
  hook: string;
  host: string;
  since: string | null;
  error: string;
}

const paused = view<PausedModel>('emails/hook-paused');

interface Row extends Pick<Webhook, 'name' | 'kind' | 'url' | 'subscriber_id' | 'paused_at' | 'last_error'> {
  id: string | null;
  failing_since: Date | null;
  failures: number;
  suppressed: string | null;
  state: SubscriberState | null;
}

/** Of the mail that a webhook is paused: what it is about, or why it must not go. Its event names the webhook. */
export async function wantedHookPaused(
  db: Db,
  { event, address_key }: Pick<Delivery, 'event' | 'address_key'>,
): Promise<HookPausedMatter | Unwanted> {
  const [, hookId = ''] = event.split(':');
  const { rows } = await sql<Row>`
    select hook.*, gone.reason as suppressed, s.state
    from (select ${address_key}::text as address_key, ${hookId}::text as hook_id) as mail
    left join suppression gone on gone.address_key = mail.address_key
    left join webhook hook on hook.id = mail.hook_id
    left join subscriber s on s.id = hook.subscriber_id`.execute(db);
  const { id, suppressed, state, ...hook } = rows[0]!;
  if (suppressed !== null)
    return { state: 'suppressed', reason: `no mail goes to this address: ${suppressed}` };
  if (id === null) return cancelled('the webhook was removed');
  if (hook.paused_at === null) return cancelled('the webhook is at work again');
  if (state === 'left') return cancelled('the subscriber left');
  return {
    for: 'hook_paused',
    hookId: id,
    subscriberId: hook.subscriber_id,
    name: hook.name || hookKindWords[hook.kind],
    host: hostOf(hook.url),
    error: hook.last_error ?? 'nothing',
    failingSince: hook.failures > 1 ? hook.failing_since : null,
  };
}

/** Writes it. The webhook's address is not in it but for its host: the rest may be a secret. */
export function writeHookPaused(page: Page, links: Links, matter: HookPausedMatter): Written {
  const { hookId: id, subscriberId: subscriber_id, name, host, error, failingSince } = matter;
  return writeLetter((words) =>
    paused({
      page: words.line(page.pageName),
      ...footOf(page, words),
      pageUrl: page.baseUrl,
      manage: manageUrl(page, links, { id, subscriber_id }),
      subscriber: subscriber_id !== null,
      hook: words.line(name),
      host: host && words.line(host),
      since: failingSince && utcLong(failingSince),
      error,
    }),
  );
}

function cancelled(reason: string): Unwanted {
  return { state: 'cancelled', reason };
}
