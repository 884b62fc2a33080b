import type { WebhookKind } from './words.ts';

const hour = 3_600_000;

/** How often in a row, and over how long, a receiver fails before nothing more is sent to it. */
export const failuresToPause = 20;
export const failingToPause = 24 * hour;
/** How often a message is tried that its receiver refuses as such, while it takes others. */
export const refusedTries = 5;
/** How many webhooks a subscriber may have, and the page itself. */
export const mostOwnHooks = 5;
export const mostPageHooks = 50;

/** Why a message did not arrive; `gone`: the receiver says that nobody lives there any more. */
export type HookFault =
  | 'gone'
  | 'refused'
  | 'denied'
  | 'busy'
  | 'broken'
  | 'redirect'
  | 'odd'
  | 'timeout'
  | 'connection'
  | 'name'
  | 'certificate'
  | 'private'
  | 'address';

/** What an answer's status means; null: it took the message. */
export function faultOfStatus(status: number): HookFault | null {
  if (status >= 200 && status < 300) return null;
  if (status === 410) return 'gone';
  if (status === 408 || status === 425 || status === 429) return 'busy';
  if (status === 400 || status === 413 || status === 415 || status === 422) return 'refused';
  if (status >= 300 && status < 400) return 'redirect';
  if (status >= 400 && status < 500) return 'denied';
  return status >= 500 ? 'broken' : 'odd';
}

/** Each fault as its owner reads it: never the receiver's own words, which may hold more than she may see. */
export const faultWords: Record<HookFault, string> = {
  gone: 'it answered that it is gone for good (410)',
  refused: 'it did not accept the message (4xx)',
  denied: 'it did not let us in, or knows no such address (4xx)',
  busy: 'it asked us to come back later (4xx)',
  broken: 'it had trouble of its own (5xx)',
  redirect: 'it sent us to another address (3xx), where we do not go',
  odd: 'its answer was none that we know',
  timeout: 'it did not answer within 5 seconds',
  connection: 'no connection to it could be made, or it was cut',
  name: 'its name could not be found',
  certificate: 'its certificate is not valid',
  private: 'its name leads to an address that is not on the public internet',
  address: 'its address is not one that we may call',
};

/** How a webhook has done lately. */
export interface HookHealth {
  failures: number;
  failingSince: Date | null;
}

/** Whether a webhook that has just failed is paused: at once if it is gone, else after long enough and often enough. */
export function isHopeless(fault: HookFault, { failures, failingSince }: HookHealth, now: Date): boolean {
  if (fault === 'gone') return true;
  return (
    failures >= failuresToPause &&
    failingSince !== null &&
    now.getTime() - failingSince.getTime() >= failingToPause
  );
}

/** How a webhook does, in one word. */
export type HookState = 'untried' | 'works' | 'failing' | 'paused';

export function hookState(hook: {
  paused_at: Date | null;
  failures: number;
  last_ok_at: Date | null;
}): HookState {
  if (hook.paused_at !== null) return 'paused';
  if (hook.failures > 0) return 'failing';
  return hook.last_ok_at === null ? 'untried' : 'works';
}

/** Each kind as people call it. */
export const hookKindWords: Record<WebhookKind, string> = {
  candor: 'A program of your own',
  statuspage: 'A program made for Statuspage',
  slack: 'Slack',
  teams: 'Microsoft Teams',
  discord: 'Discord',
};

const usualHosts: Partial<Record<WebhookKind, readonly string[]>> = {
  slack: ['hooks.slack.com', 'hooks.slack-gov.com'],
  teams: ['powerplatform.com', 'logic.azure.com', 'webhook.office.com', 'powerautomate.com'],
  discord: ['discord.com', 'discordapp.com'],
};

/** A friendly word where a chat's webhook leads somewhere else than that chat's usually do; empty where all is well. */
export function unusualHost(kind: WebhookKind, host: string): string {
  const usual = usualHosts[kind];
  if (!usual || usual.some((one) => host === one || host.endsWith(`.${one}`))) return '';
  return `A webhook of ${hookKindWords[kind]} usually leads to ${usual[0]}. If this one is meant to lead elsewhere, all is well.`;
}
