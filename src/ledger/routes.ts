import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';
import type { Db } from '../db.ts';
import { refuse } from '../errors.ts';
import { sendPublic, shellOf } from '../shell.ts';
import { readEntries } from './entries.ts';
import { asLines, sendLines } from './lines.ts';
import { readNow } from './now.ts';
import { ledgerPage } from './page.ts';
import { sealLedger } from './seal.ts';

const batch = 500;

type Asked = { Querystring: Record<string, unknown> };

/** What was said, for everybody to check. Nothing here says anything. */
export function ledgerRoutes(app: FastifyInstance, { db, config }: { db: Db; config: Config }): void {
  const shell = shellOf(config);

  app.get<Asked>('/ledger.jsonl', async (request, reply) => {
    const after = readSeq('after', request.query.after, 'and you get those behind it; 0 gives all') ?? 0;
    const head = await sealLedger(db);
    const etag = `W/"${head.hash.slice(0, 32)}-${after}"`;
    reply.header('cache-control', 'no-cache').header('etag', etag);
    if (request.headers['if-none-match'] === etag) return asLines(reply).code(304).send();
    return sendLines(reply, entriesOf(db, after, head.seq));
  });

  app.get<Asked>('/ledger/now.jsonl', async (request, reply) => {
    const wanted = {
      issue: readId('issue', request.query.issue),
      component: readId('component', request.query.component),
    };
    const head = await sealLedger(db);
    reply.header('cache-control', 'no-store');
    return sendLines(reply, readNow(db, head, wanted));
  });

  app.get<Asked>('/ledger', async (request, reply) => {
    const wanted = {
      issue: readId('issue', request.query.issue),
      before: readSeq('before', request.query.before, 'and you get those before it'),
    };
    return sendPublic(request, reply, await ledgerPage(db, shell, wanted));
  });
}

/** A batch at a time, so that a long ledger takes no memory; what is sealed meanwhile is not in it. */
async function* entriesOf(db: Db, from: number, until: number): AsyncGenerator<object[]> {
  for (let after = from; after < until; ) {
    const entries = await readEntries(db, after, Math.min(batch, until - after));
    if (entries.length === 0) return;
    yield entries;
    after = Number(entries.at(-1)!.seq);
  }
}

function readSeq(name: string, given: unknown, gives: string): number | undefined {
  if (given === undefined) return undefined;
  return typeof given === 'string' && /^\d{1,15}$/.test(given)
    ? Number(given)
    : refuse(name, `the number of an entry, ${gives}`);
}

function readId(name: string, given: unknown): string | undefined {
  if (given === undefined) return undefined;
  return typeof given === 'string' && /^[0-9a-z]{12}$/.test(given)
    ? given
    : refuse(name, 'an id is twelve letters and digits, as in the addresses of this page');
}
