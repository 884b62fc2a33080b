import type { FastifyInstance } from 'fastify';
import type { Db } from '../db.ts';
import { cleanLine } from '../domain/text.ts';
import { waitWords } from '../domain/times.ts';
import { visitorOf } from '../limits.ts';
import type { Links } from '../links.ts';
import { type Page, type Shell, sendPrivate, sendPublic } from '../shell.ts';
import { view } from '../views.ts';
import { findByCode, forgetTry, waitToComeBack } from './come-back.ts';

interface ComeBackPage extends Page {
  code: string;
  error: string;
}

const render = view<ComeBackPage>('come-back.eta');

/** The way back for whoever left no address: her code leads to her own page. */
export function comeBackRoutes(
  app: FastifyInstance,
  { db, shell, links, now }: { db: Db; shell: Shell; links: Links; now: () => Date },
): void {
  app.get('/come-back', async (request, reply) => sendPublic(request, reply, page(shell)));

  app.post('/come-back', async (request, reply) => {
    const typed = codeIn(request.body);
    const visitor = visitorOf(request, links);
    const wait = await waitToComeBack(db, visitor, now());
    if (wait > 0) {
      const error = `Too many codes were tried in the last minutes. Please try yours again in ${waitWords(wait)}.`;
      return sendPrivate(reply.code(429).header('retry-after', wait), page(shell, typed, error));
    }
    const id = await findByCode(db, links, typed);
    if (id === null) return sendPrivate(reply.code(404), page(shell, typed, unknown));
    await forgetTry(db, visitor);
    return reply.header('cache-control', 'no-store').redirect(`/r/${links.token('report', id)}`, 303);
  });
}

const unknown =
  'No report of ours has this code. Please hold it against what you wrote down; capital letters and dashes make no difference.';

function codeIn(body: unknown): string {
  const code = (body as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? cleanLine(code.slice(0, 100)) : '';
}

function page(shell: Shell, code = '', error = ''): string {
  return render({
    shell,
    title: error ? 'Not found yet: come back with your code' : 'Come back with your code',
    description: `Your way back to what you told ${shell.pageName}, with the code from your page.`,
    canonical: '/come-back',
    code,
    error,
  });
}
