import type { Suppression } from '../notifications/suppressions.ts';

/** Why no mail goes to an address, as a person says it, and the mail server's own words behind it. */
export function suppressionWords({ source, reason }: Pick<Suppression, 'source' | 'reason'>): string {
  if (source === 'staff' || source === 'import') return reason;
  const [, code = ''] = /\b(5\.\d{1,3}\.\d{1,3})\b/.exec(reason) ?? [];
  return `${plain(code)} The mail server said: ${reason.replace(/^the mail server refused the address: /, '')}`;
}

function plain(code: string): string {
  if (code === '5.2.1') return 'The mailbox was closed.';
  if (code === '5.1.2' || code === '5.1.10') return 'What stands behind the @ takes no mail.';
  if (code === '5.1.6') return 'The mailbox has moved away.';
  return 'There is no such mailbox.';
}
