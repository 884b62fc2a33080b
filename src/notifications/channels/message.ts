import type { Db } from '../../db.ts';
import type { Webhook } from '../../hearing-tables.ts';
import type { Links } from '../../links.ts';
import { candorEvent } from './candor.ts';
import { chatNews } from './chat-news.ts';
import { discordMessage } from './discord.ts';
import { manageUrl } from './manage-url.ts';
import type { HookMatter } from './matter.ts';
import type { Message } from './post.ts';
import { signed } from './sign.ts';
import { slackMessage } from './slack.ts';
import { statuspageEvent } from './statuspage.ts';
import { teamsMessage } from './teams.ts';

/** Writes the message about a matter in the words of the webhook's kind; what goes to programs is signed. */
export async function writeMessage(
  db: Db,
  hook: Webhook,
  delivery: { id: string },
  matter: HookMatter,
  { links, now }: { links: Links; now: Date },
): Promise<Message> {
  const body = JSON.stringify(await bodyOf(db, hook, matter, { links, now }));
  const headers = { 'content-type': 'application/json', 'user-agent': 'Candor-Webhooks/1' };
  if (hook.kind !== 'candor' && hook.kind !== 'statuspage') return { body, headers };
  return { body, headers: { ...headers, ...signed(hook.secret, delivery.id, body, now) } };
}

async function bodyOf(
  db: Db,
  hook: Webhook,
  matter: HookMatter,
  { links, now }: { links: Links; now: Date },
): Promise<object> {
  switch (hook.kind) {
    case 'candor':
      return candorEvent(matter);
    case 'statuspage':
      return statuspageEvent(db, matter, { manage: manageUrl(matter.page, links, hook), now });
    case 'slack':
      return slackMessage(chatNews(matter));
    case 'teams':
      return teamsMessage(chatNews(matter));
    case 'discord':
      return discordMessage(chatNews(matter));
  }
}
