import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Db } from '../db.ts';
import { readEntries } from './entries.ts';
import { sealLedger } from './seal.ts';

const batch = 1_000;

/** What was said, for everybody to check. Nothing here says anything. */
export function ledgerRoutes(app: FastifyInstance, { db }: { db: Db }): void {
  app.get('/ledger.jsonl', async (_, reply) => {
    const head = await sealLedger(db);
    return reply
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('cache-control', 'no-cache')
      .type('application/jsonl; charset=utf-8')
      .send(Readable.from(linesOf(db, head.seq)));
  });
}

/** A batch at a time, so that a long ledger takes no memory; what is sealed meanwhile is not in it. */
async function* linesOf(db: Db, until: number): AsyncGenerator<string> {
  for (let after = 0; after < until; ) {
    const entries = await readEntries(db, after, Math.min(batch, until - after));
    if (entries.length === 0) return;
    yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    after += entries.length;
  }
}
