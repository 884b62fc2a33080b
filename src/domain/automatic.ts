/** The values of a mail's header by its name in small letters; none where it has no such header. */
export type HeaderOf = (name: string) => readonly string[];

/**
 * Why a mail was written by a program and not by a person, or null for a person's. Whoever answers such a mail begins a
 * loop, or writes to somebody who asked nothing (RFC 3834).
 */
export function whyAutomatic(header: HeaderOf): string | null {
  const first = (name: string) => header(name)[0]?.trim().toLowerCase() ?? null;
  const submitted = first('auto-submitted');
  if (submitted !== null && !/^no\b/.test(submitted)) return 'it says that it was sent automatically';
  if (/^(?:bulk|junk|list)$/.test(first('precedence') ?? '')) return 'it was sent in bulk';
  if (first('list-id') !== null) return 'it came over a mailing list';
  if (/^<\s*>$/.test(first('return-path') ?? '')) return 'it wants no answer: its sender is empty';
  if (/^multipart\/report\b/.test(first('content-type') ?? '')) return 'it is a report of a mail server';
  if (['x-autoreply', 'x-autorespond', 'x-autoresponder'].some((name) => first(name) !== null))
    return 'it is an automatic reply';
  if (/(?:^|<|\s)"?mailer-daemon"?@/.test(first('from') ?? '')) return 'a mail server wrote it';
  return null;
}
