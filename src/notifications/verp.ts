import { timingSafeEqual } from 'node:crypto';
import type { Links } from '../links.ts';

const idLength = 25; // base 36 of 128 bits
const sealLength = 13; // base 36 of 64 bits
const longestLocal = 64; // RFC 5321

/**
 * The envelope sender of one mail, by which its bounce is known again: `local+b-TAG@domain`. In small letters alone, since
 * mail servers change the case. Null where the local part would grow longer than it may be.
 */
export function bounceAddressOf(base: string, links: Links, deliveryId: string): string | null {
  const at = base.lastIndexOf('@');
  const local = `${base.slice(0, at)}+${bounceTag(links, deliveryId)}`;
  return local.length > longestLocal ? null : local + base.slice(at);
}

/** The ids of the mails whose signed tags stand in a text: an address, a list of them, an envelope's id. */
export function bounceTagsIn(links: Links, text: string): string[] {
  const tags = text.toLowerCase().matchAll(/(?<![0-9a-z])b-([0-9a-z]{25})([0-9a-z]{13})(?![0-9a-z])/g);
  return [...tags].flatMap(([tag, number = '']) => {
    const id = uuidOf(number);
    return id && isSame(tag, bounceTag(links, id)) ? [id] : [];
  });
}

function bounceTag(links: Links, deliveryId: string): string {
  const seal = links.seal('bounce', deliveryId).subarray(0, 8).toString('hex');
  return `b-${base36(deliveryId.replaceAll('-', ''), idLength)}${base36(seal, sealLength)}`;
}

function base36(hex: string, length: number): string {
  return BigInt(`0x${hex}`).toString(36).padStart(length, '0');
}

function uuidOf(number: string): string | null {
  const value = [...number].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
  const [, a, b, c, d, e] =
    /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(value.toString(16).padStart(32, '0')) ?? [];
  return e === undefined ? null : [a, b, c, d, e].join('-');
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
