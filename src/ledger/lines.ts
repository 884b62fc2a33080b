import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

type Lines = AsyncIterable<readonly object[]>;

/**
 * Sends lines of JSON to whoever asks, from whatever page, as fast as they are read. Of all such answers two batches are
 * made at a time: however many read everything, and however slowly, pages find the database free.
 */
export function sendLines(reply: FastifyReply, batches: Lines): FastifyReply {
  return asLines(reply).send(Readable.from(textOf(batches), { highWaterMark: 1 }));
}

/** What all answers of lines carry, those that say "you have it already" too. */
export function asLines(reply: FastifyReply): FastifyReply {
  return reply
    .header('access-control-allow-origin', '*')
    .header('access-control-expose-headers', 'etag')
    .header('cross-origin-resource-policy', 'cross-origin')
    .type('application/jsonl; charset=utf-8');
}

async function* textOf(batches: Lines): AsyncGenerator<string> {
  const each = batches[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await inTurn(() => each.next());
    if (done) return;
    if (value.length > 0) yield value.map((one: object) => `${JSON.stringify(one)}\n`).join('');
  }
}

let free = 2;
const waiting: (() => void)[] = [];

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (free > 0) free -= 1;
  else await new Promise<void>((go) => waiting.push(go));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }
}
