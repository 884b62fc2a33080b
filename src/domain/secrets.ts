import { findPatterns, letsInByPath } from './secret-patterns.ts';

/** What people send along without meaning to. */
export const secretKinds = [
  'key',
  'login',
  'link',
  'token',
  'card',
  'iban',
  'password',
  'code',
  'report',
  'address',
] as const;
export type SecretKind = (typeof secretKinds)[number];

/** Where in a text something private seems to stand. */
export interface Span {
  kind: SecretKind;
  start: number;
  end: number;
}

/** A stretch of a text; `what` names what it seems to be, and is empty for all the rest. */
export interface Stretch {
  text: string;
  what: string;
}

/** What it looks like, to end the sentence "This looks like …". */
export const secretWords: Record<SecretKind, string> = {
  key: 'a private key',
  login: 'a name and password in an address',
  link: 'a private link',
  token: 'an access key',
  card: 'a card number',
  iban: 'a bank account number',
  password: 'a password',
  code: 'a secret number',
  report: 'the code that opens a report',
  address: 'a mail address',
};

/**
 * Everything private that a text seems to hold, in its order, none overlapping another: what our own patterns find, and
 * `others` (what a library found). An address of ours is nobody's secret.
 */
export function secretsIn(text: string, others: readonly Span[] = [], ours: readonly string[] = []): Span[] {
  const known = new Set(ours.map((one) => one.toLowerCase()));
  const found = [...findPatterns(text), ...others].filter(
    ({ kind, start, end }) => kind !== 'address' || !known.has(text.slice(start, end).toLowerCase()),
  );
  return apart(found);
}

/** The text in stretches, for showing what was found where it stands. */
export function stretchesOf(text: string, spans: readonly Span[]): Stretch[] {
  const stretches: Stretch[] = [];
  let at = 0;
  for (const { kind, start, end } of spans) {
    if (start > at) stretches.push({ text: text.slice(at, start), what: '' });
    stretches.push({ text: text.slice(start, end), what: secretWords[kind] });
    at = end;
  }
  if (at < text.length) stretches.push({ text: text.slice(at), what: '' });
  return stretches;
}

/** The text with words in the place of what was found. */
export function takeOut(text: string, spans: readonly Span[]): string {
  return stretchesOf(text, spans)
    .map((stretch) => (stretch.what ? `[${stretch.what}, taken out]` : stretch.text))
    .join('');
}

/** The address of a page without what can let somebody in: what follows the ? and the #, and a name before the @. */
export function bareAddress(url: string): string {
  if (!URL.canParse(url)) return '';
  const { protocol, host, pathname } = new URL(url);
  const path = pathname
    .replace(privateLink, '$1')
    .replace(letsInByPath, (all, it) => all.slice(0, -it.length));
  return `${protocol}//${host}${path}`;
}

const privateLink = /(\/[rs]\/)[0-9a-z]{12}[\w-]{20,}.*/;

/** Where two overlap they are one, called as the longer one is. */
function apart(spans: Span[]): Span[] {
  const inOrder = spans
    .filter((one) => one.end > one.start)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const result: Span[] = [];
  for (const one of inOrder) {
    const last = result.at(-1);
    if (!last || one.start >= last.end) {
      result.push({ ...one });
      continue;
    }
    if (one.end - one.start > last.end - last.start) last.kind = one.kind;
    last.end = Math.max(last.end, one.end);
  }
  return result;
}
