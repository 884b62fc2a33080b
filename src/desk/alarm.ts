import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { hookKindWords } from '../domain/hooks.ts';
import { durationWords } from '../domain/times.ts';
import type { WebhookKind } from '../domain/words.ts';

const lateMs = 10 * 60_000;

/** What is stuck, in some sentences for the top of every page; empty while all is well. */
export interface Alarm {
  alarm: string;
  /** It waits for an owner to let it go on. */
  held: boolean;
  /** The page's own webhooks that are paused, in a sentence for whoever can mend it; empty while all is well. */
  hooks: string;
}

interface Sending {
  paused_since: Date | null;
  reason: string | null;
  held_since: Date | null;
  held_reason: string | null;
  /** Mails wait that did so before they were held. */
  held_before: boolean;
  oldest: Date | null;
  paused_hooks: { name: string; kind: WebhookKind }[];
}

export async function readAlarm(db: Db, now: Date): Promise<Alarm> {
  const { rows } = await sql<Sending>`
    select paused_since, reason, held_since, held_reason,
      (select exists (select from delivery
        where held_since is not null and state = 'queued' and webhook_id is null and not waits_for_fix
          and created_at <= held_since)
      ) as held_before,
      (select min(greatest(created_at, due_at)) from (
        select created_at, due_at from delivery where state = 'queued' and webhook_id is null and not waits_for_fix
        order by created_at limit 100) as early) as oldest,
      (select coalesce(jsonb_agg(jsonb_build_object('name', name, 'kind', kind) order by paused_at), '[]')
        from webhook where subscriber_id is null and paused_at is not null) as paused_hooks
    from sending`.execute(db);
  const sending = rows[0];
  return {
    alarm: sending ? wordsFor(sending, now) : '',
    held: sending?.held_since != null,
    hooks: hookWords(sending?.paused_hooks ?? []),
  };
}

function wordsFor(sending: Sending, now: Date): string {
  const { paused_since, reason, held_since, held_reason, held_before, oldest } = sending;
  const ago = (since: Date) => durationWords(now.getTime() - since.getTime());
  if (held_since) {
    const twice = held_before ? ' What was queued then may have gone out after the backup was made.' : '';
    return `Nothing has gone out for ${ago(held_since)}: ${held_reason ?? 'the reason is unknown'}.${twice} All mail waits until an owner lets it go.`;
  }
  if (paused_since) {
    return `No mail goes out since ${ago(paused_since)}: ${reason ?? 'the reason is unknown'}. None is lost; sending goes on by itself once that is mended.`;
  }
  if (oldest && now.getTime() - oldest.getTime() > lateMs) {
    return `The oldest mail waits since ${ago(oldest)}. Is a process with NOTIFIER on running?`;
  }
  return '';
}

function hookWords(hooks: Sending['paused_hooks']): string {
  if (hooks.length === 0) return '';
  const names = hooks.map(({ name, kind }) => name || hookKindWords[kind]);
  return `Nothing is sent to ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''} any more, since nothing arrived there.`;
}

/** How many groups of reports nobody has handled yet; at most 99 are counted. */
export async function readWaiting(db: Db): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*) as waiting from (
      select distinct coalesce(group_id, id) from (
        select group_id, id from report where state = 'new' order by created_at desc limit 1000) as newest
      limit 100) as groups`.execute(db);
  return rows[0]?.waiting ?? 0;
}
