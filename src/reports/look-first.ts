import {
  bareAddress,
  type Span,
  type Stretch,
  secretWords,
  stretchesOf,
  takeOut,
} from '../domain/secrets.ts';
import { cleanText } from '../domain/text.ts';
import { findSecrets } from '../find-secrets.ts';
import { sha256 } from '../ids.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';

/** Something she is about to send, as the form had it. */
export interface Sending {
  /** Where its form posts to. */
  action: string;
  body: unknown;
  /** The field with her words, and how the form calls it. */
  field: string;
  label: string;
  /** Her words as they would be kept. */
  text: string;
  pageUrl?: string | null;
}

/** What may be kept now, or the page that asks her first. */
export type Looked = { text: string; pageUrl: string | null } | { page: string };

interface LookPage extends Page {
  action: string;
  field: string;
  label: string;
  text: string;
  stretches: Stretch[];
  /** Where the address of the page holds something, that address. */
  url: { found: string; bare: string } | null;
  /** Each thing found, once. */
  found: string[];
  /** She had chosen, and the words were others by then. */
  changed: boolean;
  /** The other fields of the form, as she filled them in. */
  rest: { name: string; value: string }[];
  /** What her choice is about. */
  seen: string;
}

const render = view<LookPage>('look-first.eta');
const mostFields = 40;

/**
 * Looks for what she may not have meant to send. Nothing is found: it may be kept as it is. Else she is asked, with
 * nothing lost and nothing kept; her choice holds for the very words she was shown.
 */
export async function lookFirst(shell: Shell, sending: Sending): Promise<Looked> {
  const { text, pageUrl = null } = sending;
  const ours = shell.person.ways.filter((way) => way.by === 'mail').map((way) => way.text);
  const spans = await findSecrets(text, ours);
  const inUrl = pageUrl === null ? [] : await findSecrets(pageUrl, ours);
  if (spans.length + inUrl.length === 0) return { text, pageUrl };
  const given = sending.body as Record<string, unknown>;
  const seen = sha256(JSON.stringify([text, pageUrl]));
  if (given.seen === seen && given.secrets === 'keep') return { text, pageUrl };
  if (given.seen === seen && given.secrets === 'out') {
    return { text: takeOut(text, spans), pageUrl: inUrl.length ? bareAddress(pageUrl!) : pageUrl };
  }
  return { page: render(shaped(shell, sending, spans, inUrl, seen)) };
}

function shaped(shell: Shell, sending: Sending, spans: Span[], inUrl: Span[], seen: string): LookPage {
  const { action, field, label, text, pageUrl } = sending;
  const given = sending.body as Record<string, unknown>;
  return {
    shell,
    title: 'Not sent yet: shall we take something out?',
    action,
    field,
    label,
    text,
    stretches: spans.length ? stretchesOf(text, spans) : [],
    url: inUrl.length ? { found: pageUrl!, bare: bareAddress(pageUrl!) } : null,
    found: [...new Set([...spans, ...inUrl].map(({ kind }) => secretWords[kind]))],
    changed: typeof given.seen === 'string' && given.seen !== seen,
    rest: restOf(given, field),
    seen,
  };
}

function restOf(given: Record<string, unknown>, field: string): LookPage['rest'] {
  return Object.entries(given)
    .filter(
      ([name]) => name !== field && name !== 'seen' && name !== 'secrets' && /^[\w[\]-]{1,40}$/.test(name),
    )
    .slice(0, mostFields)
    .flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: one })))
    .flatMap(({ name, value }) => (typeof value === 'string' ? { name, value: cleanText(value) } : []));
}
