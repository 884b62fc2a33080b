import type { Db } from '../db.ts';
import { escapeHtml } from '../domain/text.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';

interface ToolsPage extends Page {
  embed: string;
  embedBelow: string;
  badge: string;
  feeds: Address[];
  calendar: Address;
  api: Address[];
  parts: { name: string; addresses: Address[] }[];
}

interface Address {
  name: string;
  href: string;
}

const mostParts = 200;
const render = view<ToolsPage>('tools.eta');

/** What others may put on their own pages and into their own programs, ready to copy. */
export async function toolsPage(db: Db, shell: Shell): Promise<string> {
  const { baseUrl, pageName } = shell;
  const at = (name: string, path: string): Address => ({ name, href: baseUrl + path });
  const feedsIn = (folder: string) => [
    at('Atom', `${folder}/history.atom`),
    at('RSS', `${folder}/history.rss`),
    at('JSON Feed', `${folder}/feed.json`),
  ];
  const parts = await db
    .selectFrom('component')
    .select(['id', 'name'])
    .orderBy('position')
    .orderBy('name')
    .orderBy('id')
    .limit(mostParts)
    .execute();
  return render({
    shell,
    title: 'For your own page',
    description: `A notice, a badge, feeds, a calendar and an API for what is broken at ${pageName}.`,
    canonical: '/tools',
    embed: `<script src="${baseUrl}/embed.js" async></script>`,
    embedBelow: `<script src="${baseUrl}/embed.js" data-position="bottom" async></script>`,
    badge: `<a href="${baseUrl}/"><img src="${baseUrl}/badge.svg" alt="${escapeHtml(pageName)}: how it is right now" height="26"></a>`,
    feeds: feedsIn(''),
    calendar: at('Planned work', '/maintenance.ics'),
    api: [at('summary.json', '/api/v2/summary.json'), at('incidents.json', '/api/v2/incidents.json')],
    parts: parts.map(({ id, name }) => ({
      name,
      addresses: [at('Badge', `/badge.svg?component=${id}`), ...feedsIn(`/components/${id}`)],
    })),
  });
}
