import type { Webhook } from '../../hearing-tables.ts';
import type { Links } from '../../links.ts';

/** Where the owner of a webhook looks after it. */
export function manageUrl(
  { baseUrl }: { baseUrl: string },
  links: Links,
  { id, subscriber_id }: Pick<Webhook, 'id' | 'subscriber_id'>,
): string {
  if (subscriber_id === null) return `${baseUrl}/admin/webhooks/${id}`;
  return `${baseUrl}/s/${links.token('subscriber', subscriber_id)}/webhooks`;
}

/** What of a webhook's address may be shown: where it leads, and nothing that may be a key. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
