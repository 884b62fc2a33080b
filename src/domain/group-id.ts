import { createHash } from 'node:crypto';

/**
 * The id under which machines know a group of components: a group is nothing but a name here, so its id is made of the
 * name, and is the same wherever and whenever it is asked for. 12 characters of base 36, as every id.
 */
export function groupIdOf(name: string): string {
  const number = BigInt(`0x${createHash('sha256').update(`group:${name}`).digest('hex')}`);
  return (number % 36n ** 12n).toString(36).padStart(12, '0');
}
