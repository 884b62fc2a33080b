import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { sendWithValidators } from '../conditional.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db.ts';
import { NotFound } from '../errors.ts';
import { saidHead } from '../ledger/said-head.ts';
import { ownFiles } from '../own-files.ts';
import { sendPublic, shellOf } from '../shell.ts';
import { badge } from './badge.ts';
import { maintenanceCalendar } from './calendar.ts';
import { lastChange, readEntries } from './entries.ts';
import { inShortNow, noComponent, noticeNow } from './state.ts';
import { asAtom, asJsonFeed, asRss, type Channel } from './syndicate.ts';
import { toolsPage } from './tools-page.ts';

const formats = [
  { file: 'history.atom', type: 'application/atom+xml; charset=utf-8', write: asAtom },
  { file: 'history.rss', type: 'application/rss+xml; charset=utf-8', write: asRss },
  { file: 'feed.json', type: 'application/feed+json; charset=utf-8', write: asJsonFeed },
];
const embed = readFileSync(new URL('public/embed.js', ownFiles), 'utf8');

interface Parts {
  db: Db;
  config: Config;
  now: () => Date;
}

/** The page for machines and for other people's pages. Everybody may read all of it from anywhere; nothing here says anything. */
export function feedRoutes(app: FastifyInstance, { db, config, now }: Parts): void {
  const { baseUrl, pageName } = config;

  for (const { file, type, write } of formats) {
    app.get(`/${file}`, async (request, reply) => {
      const [entries, stands] = await Promise.all([readEntries(db, baseUrl, null), standsNow(db)]);
      const body = write(channelOf(config, null, stands), entries);
      const { updatedAt } = stands;
      return sendWithValidators(request, openToAll(reply), { body, type, updatedAt });
    });

    app.get<{ Params: { id: string } }>(`/components/:id/${file}`, async (request, reply) => {
      const component = await findComponent(db, request.params.id);
      const [entries, stands] = await Promise.all([readEntries(db, baseUrl, component.id), standsNow(db)]);
      const body = write(channelOf(config, component, stands), entries);
      const { updatedAt } = stands;
      return sendWithValidators(request, openToAll(reply), { body, type, updatedAt });
    });
  }

  app.get('/maintenance.ics', async (request, reply) => {
    const { ledger, updatedAt } = await standsNow(db);
    const body = await maintenanceCalendar(db, config, ledger, now());
    const type = 'text/calendar; charset=utf-8';
    return sendWithValidators(request, openToAll(reply), { body, type, updatedAt });
  });

  app.get<{ Querystring: { component?: unknown } }>('/badge.svg', async (request, reply) => {
    const { component = null } = request.query;
    if (component !== null && typeof component !== 'string') throw new NotFound(noComponent);
    const { name, mark, words } = await inShortNow(db, component);
    reply.header('content-security-policy', "default-src 'none'").removeHeader('x-frame-options');
    const body = badge(name ?? pageName, mark, words);
    return sendWithValidators(request, openToAll(reply), { body, type: 'image/svg+xml', updatedAt: null });
  });

  app.get('/embed.json', async (request, reply) => {
    const body = JSON.stringify(await noticeNow(db, config));
    const type = 'application/json; charset=utf-8';
    return sendWithValidators(request, openToAll(reply), { body, type, updatedAt: null });
  });

  app.get('/embed.js', async (request, reply) => {
    const type = 'text/javascript; charset=utf-8';
    const cache = 'public, max-age=3600';
    return sendWithValidators(request, openToAll(reply), { body: embed, type, updatedAt: null, cache });
  });

  app.get('/tools', async (request, reply) =>
    sendPublic(request, reply, await toolsPage(db, shellOf(config))),
  );
}

function openToAll(reply: FastifyReply): FastifyReply {
  return reply
    .header('access-control-allow-origin', '*')
    .header('cross-origin-resource-policy', 'cross-origin');
}

type StandsNow = { updatedAt: Date; ledger: Channel['ledger'] };

/** When anything in public changed last, and where the ledger stood after it. */
async function standsNow(db: Db): Promise<StandsNow> {
  const [changed, head] = await Promise.all([lastChange(db), saidHead(db)]);
  if (!head) return { updatedAt: changed, ledger: null };
  const { at, ...ledger } = head;
  return { updatedAt: at > changed ? at : changed, ledger };
}

interface NamedPart {
  id: string;
  name: string;
}

async function findComponent(db: Db, id: string): Promise<NamedPart> {
  if (!/^[0-9a-z]{12}$/.test(id)) throw new NotFound(noComponent);
  const one = await db.selectFrom('component').select(['id', 'name']).where('id', '=', id).executeTakeFirst();
  if (!one) throw new NotFound(noComponent);
  return one;
}

function channelOf({ baseUrl, pageName }: Config, component: NamedPart | null, stands: StandsNow): Channel {
  const folder = component ? `/components/${component.id}` : '';
  const about = component ? `${pageName}, ${component.name}` : pageName;
  return {
    host: new URL(baseUrl).hostname,
    name: `${folder}/history`,
    title: `${about}: what is broken, what is planned, what was fixed`,
    description: `Everything we say about incidents, bugs we know of and planned work at ${about}.`,
    author: pageName,
    page: `${baseUrl}/`,
    atom: `${baseUrl}${folder}/history.atom`,
    rss: `${baseUrl}${folder}/history.rss`,
    json: `${baseUrl}${folder}/feed.json`,
    ledger: stands.ledger,
    since: stands.updatedAt,
  };
}
