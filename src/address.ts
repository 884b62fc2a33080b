import * as z from 'zod';

const email = z.email();

/**
 * A mail address as we keep it, or null where we would not dare to send to it: one plain
 * local@domain in ASCII, at most 64 and 254 characters (RFC 5321 §4.5.3.1), no leading hyphen,
 * no quoting, groups, comments or line breaks. White space at the ends is forgiven.
 */
export function readAddress(text: string): string | null {
  const address = text.trim();
  const at = address.lastIndexOf('@');
  if (address.length > 254 || at < 1 || at > 64 || address.startsWith('-')) return null;
  if (!/^[\x21-\x7e]+$/.test(address)) return null;
  return email.safeParse(address).success ? address : null;
}

/** The form in which two spellings of one address are the same. */
export function addressKey(address: string): string {
  return address.toLowerCase();
}
