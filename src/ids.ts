import { createHash, randomBytes, randomInt } from 'node:crypto';

const base36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A public id: 12 random characters of lower-case base 36 (62 bits), as Statuspage's. */
export function newId(): string {
  return Array.from({ length: 12 }, () => base36[randomInt(36)]).join('');
}

/** A secret with a readable prefix and 32 random bytes in base64url. */
export function newSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}

/** SHA-256, hex. */
export function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}
