import { domainToUnicode } from 'node:url';
import * as z from 'zod';

const email = z.email();

/**
 * A mail address as we keep it, or null where we would not dare to send to it: one plain
 * local@domain in ASCII, at most 64 and 254 characters (RFC 5321 §4.5.3.1), no leading hyphen,
 * no quoting, groups, comments or line breaks. White space at the ends is forgiven. A domain in other
 * letters is taken as mail servers know it, ana@xn--mnchen-3ya.example, which is what browsers send.
 */
export function readAddress(text: string): string | null {
  const address = text.trim();
  const at = address.lastIndexOf('@');
  if (address.length > 254 || at < 1 || at > 64 || address.startsWith('-')) return null;
  if (!/^[\x21-\x7e]+$/.test(address)) return null;
  const domain = address.slice(at + 1);
  const fits = domain.split('.').every((label) => label.length <= 63) && domainToUnicode(domain) !== '';
  // The library knows no country in other letters: .рф is .xn--p1ai.
  return fits && email.safeParse(address.replace(/\.xn--[a-z0-9-]+$/i, '.example')).success ? address : null;
}

/** What to say to somebody whose address we do not take. */
export function whyNoAddress(text: string): string {
  const letter = otherLetterIn(text);
  return letter
    ? `We cannot write to an address with letters like “${letter}”. That is our limit and not your mistake. If you have another address, please use that one.`
    : 'We cannot write to this address. Please check it. It should look like ana@example.com.';
}

/** The first letter of an address that mail servers know by another name, if at all; null where it has none. */
export function otherLetterIn(text: string): string | null {
  const isAddress = /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(text.trim());
  return (isAddress && /(?=\p{L})[^a-z]/iu.exec(text)?.[0]) || null;
}

/** The form in which two spellings of one address are the same. */
export function addressKey(address: string): string {
  return address.toLowerCase();
}
