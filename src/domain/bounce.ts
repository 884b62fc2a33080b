/** What a delivery report says of one recipient (RFC 3464). */
export interface Returned {
  /** failed, delayed, delivered, relayed or expanded */
  action: string;
  /** "5.1.1" */
  status: string;
}

/**
 * - `hard`: there is no such mailbox: no mail goes there any more
 * - `soft`: this mail did not arrive, or not yet; the address may well be good
 * - `none`: nothing went wrong
 */
export type Weight = 'hard' | 'soft' | 'none';

/** How much a delivery report weighs. A full mailbox, a policy and any trouble that may pass are no reason to fall silent. */
export function weightOf({ action, status }: Returned): Weight {
  const deed = action.trim().toLowerCase();
  const [, code = ''] = /^\s*(\d\.\d{1,3}\.\d{1,3})\b/.exec(status) ?? [];
  if (deed === 'failed') return isGone(code) ? 'hard' : 'soft';
  return deed === 'delayed' ? 'soft' : 'none';
}

/**
 * RFC 3463 and its registry: 5.1.0 to 5.1.4, 5.1.6 and 5.1.10 speak of the recipient's address, 5.2.1 of a mailbox that was
 * closed; 5.1.5 says that it is good, 5.1.7 and 5.1.8 speak of the sender, and what stands above 10 is a provider's own.
 */
function isGone(code: string): boolean {
  return /^5\.1\.(?:[0-4]|6|10)$/.test(code) || code === '5.2.1';
}
