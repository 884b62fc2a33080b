/** What a delivery report says of one recipient (RFC 3464). */
export interface Returned {
  /** failed, delayed, delivered, relayed or expanded */
  action: string;
  /** "5.1.1" */
  status: string;
  /** "smtp; 550 5.1.1 no such user" */
  diagnostic?: string;
}

/**
 * - `hard`: there is no such mailbox: no mail goes there any more
 * - `soft`: this mail did not arrive, or not yet; the address may well be good
 * - `none`: nothing went wrong
 */
export type Weight = 'hard' | 'soft' | 'none';

/** How much a delivery report weighs. A full mailbox, a policy and any trouble that may pass are no reason to fall silent. */
export function weightOf(returned: Returned): Weight {
  const deed = returned.action.trim().toLowerCase();
  if (deed === 'failed') return isGone(codeOf(returned)) ? 'hard' : 'soft';
  return deed === 'delayed' ? 'soft' : 'none';
}

/** The status; where that is the one for "something failed", as Exim always writes it, what the other server answered. */
export function codeOf({ status, diagnostic = '' }: Pick<Returned, 'status' | 'diagnostic'>): string {
  const [, code = ''] = /^\s*([245]\.\d{1,3}\.\d{1,3})\b/.exec(status) ?? [];
  if (code !== '5.0.0') return code;
  return /^\s*smtp\s*;\s*5\d\d[ -](5\.\d{1,3}\.\d{1,3})\b/i.exec(diagnostic)?.[1] ?? code;
}

/**
 * RFC 3463 and its registry: 5.1.0 to 5.1.4, 5.1.6 and 5.1.10 speak of the recipient's address, 5.2.1 of a mailbox that was
 * closed; 5.1.5 says that it is good, 5.1.7 and 5.1.8 speak of the sender, and what stands above 10 is a provider's own.
 */
function isGone(code: string): boolean {
  return /^5\.1\.(?:[0-4]|6|10)$/.test(code) || code === '5.2.1';
}
