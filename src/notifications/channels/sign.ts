import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

/** A new secret to sign with, in the shape of https://www.standardwebhooks.com; its owner checks by it what comes. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

/** The headers that prove a message is ours and when it was sent; the id is the same on every try. */
export function signed(secret: string, id: string, body: string, now: Date): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
}
