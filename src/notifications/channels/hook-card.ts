import { hookKindWords, hookState, unusualHost } from '../../domain/hooks.ts';
import type { Mark } from '../../domain/labels.ts';
import { type Moment, moment } from '../../domain/moment.ts';
import type { Webhook } from '../../hearing-tables.ts';
import { hostOf } from './manage-url.ts';

/** A webhook as its owner sees it. */
export interface HookCard {
  id: string;
  /** As its owner calls it, or what it is and how its address ends. */
  name: string;
  kind: string;
  /** Where it leads, without what may be a key. */
  host: string;
  /** The last letters of its address's path, never more than half of it; empty where it is too short. */
  tail: string;
  added: Moment;
  mark: Mark;
  /** How it does, in words; a time may follow. */
  state: string;
  since: Moment | null;
  /** What came back the last time, where it was not well. */
  error: string;
  paused: boolean;
  /** What to check our messages by; empty where they are not signed. */
  secret: string;
  /** A friendly word about where it leads; empty where there is none. */
  unusual: string;
}

const shown = {
  untried: { mark: 'planned', state: 'Nothing has been sent there yet' },
  works: { mark: 'fixed', state: 'Works. The last message arrived' },
  failing: { mark: 'known', state: 'Nothing arrives since' },
  paused: { mark: 'broken', state: 'Paused: nothing is sent there since' },
} as const;

export function hookCard(hook: Webhook): HookCard {
  const { id, kind, name, url, secret } = hook;
  const state = hookState(hook);
  const since = {
    untried: null,
    works: hook.last_ok_at,
    failing: hook.failing_since,
    paused: hook.paused_at,
  }[state];
  const isSigned = kind === 'candor' || kind === 'statuspage';
  const host = hostOf(url);
  const tail = tailOf(url);
  return {
    id,
    name: name || `${hookKindWords[kind]}${tail && ` …${tail}`}`,
    kind: hookKindWords[kind],
    host,
    tail,
    added: moment(hook.created_at),
    ...shown[state],
    since: since && moment(since),
    error: state === 'works' ? '' : (hook.last_error ?? ''),
    paused: state === 'paused',
    secret: isSigned ? secret : '',
    unusual: unusualHost(kind, host.replace(/:\d+$/, '')),
  };
}

function tailOf(url: string): string {
  const path = URL.canParse(url) ? new URL(url).pathname.replace(/^\/+|\/+$/g, '') : '';
  const shown = Math.min(4, Math.floor(path.length / 2));
  return shown === 0 ? '' : path.slice(-shown);
}
