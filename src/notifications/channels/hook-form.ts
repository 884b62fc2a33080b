import { hookKindWords } from '../../domain/hooks.ts';
import { cleanLine } from '../../domain/text.ts';
import { type WebhookKind, webhookKinds } from '../../domain/words.ts';
import { type Reach, urlTrouble } from './guard.ts';
import type { NewWebhook } from './webhooks.ts';

/** The form as it was typed, and what is wrong with it. */
export interface HookForm {
  kinds: { value: WebhookKind; label: string; hint: string; chosen: boolean }[];
  name: string;
  url: string;
  urlHint: string;
  errors: { field: 'kind' | 'name' | 'url'; message: string }[];
  notice: string;
}

const hints: Record<WebhookKind, string> = {
  candor: 'Each event as signed JSON, with the issue as our API shows it.',
  statuspage: 'The same JSON that Atlassian Statuspage sends to webhooks.',
  slack: 'The address of an incoming webhook: hooks.slack.com/…',
  teams: 'The address of a workflow that posts to a channel “when a webhook request is received”.',
  discord: 'The address of a channel’s webhook: discord.com/api/webhooks/…',
};

const urlHints: Record<Reach, string> = {
  open: 'It begins with https:// and is like a password: show it to nobody.',
  inside:
    'It begins with https://, or http:// inside your own network, and is like a password: show it to nobody.',
};

export function blankHookForm(reach: Reach): HookForm {
  return formOf({ kind: 'candor', name: '', url: '' }, reach);
}

/** Reads what was typed: a webhook that can be added, or the form with what is wrong. */
export function readHookForm(body: unknown, reach: Reach): { told: NewWebhook } | { refused: HookForm } {
  const field = (name: string) => {
    const value = (body as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? cleanLine(value.slice(0, 5_000)) : '';
  };
  const kind = webhookKinds.find((one) => one === field('kind'));
  const typed = { kind: kind ?? 'candor', name: field('name'), url: field('url') };
  const errors: HookForm['errors'] = [];
  if (!kind) errors.push({ field: 'kind', message: 'Please choose what is at the other end.' });
  if (typed.name.length > 80) errors.push({ field: 'name', message: 'Please take at most 80 characters.' });
  const trouble = urlTrouble(typed.url, reach);
  if (trouble) errors.push({ field: 'url', message: trouble });
  return errors.length > 0 ? { refused: formOf(typed, reach, errors) } : { told: typed };
}

function formOf({ kind, name, url }: NewWebhook, reach: Reach, errors: HookForm['errors'] = []): HookForm {
  const kinds = webhookKinds.map((value) => ({
    value,
    label: hookKindWords[value],
    hint: hints[value],
    chosen: value === kind,
  }));
  return { kinds, name, url, urlHint: urlHints[reach], errors, notice: '' };
}
