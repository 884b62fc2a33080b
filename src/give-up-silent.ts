import type { Socket } from 'node:net';
import { sql } from 'kysely';
import type { Trx } from './db.ts';
import { endsWithin } from './ends-within.ts';

const inItsTime = 'set local statement_timeout = 0';

/** In this transaction the database may take as long as it needs. */
export async function takeTime(trx: Trx): Promise<void> {
  await sql.raw(inItsTime).execute(trx);
}

/** As much of pg's client as is needed; its types do not tell of the connection. */
interface Client {
  query(...asked: unknown[]): unknown;
  connection: { stream: Socket };
}

/**
 * Gives a connection up on which a question has waited for an answer for so many milliseconds: PostgreSQL ends by itself
 * what takes longer than `statement_timeout`, so nobody is there any more who would answer, and without a word from the
 * network (a frozen machine, a cable) nothing else ends it for a quarter of an hour. Not in a transaction that may
 * take its time.
 */
export function giveUpWhenSilent(pgClient: object, ms: number): void {
  const client = pgClient as Client;
  const ask = client.query.bind(client);
  let isPatient = false;
  client.query = (...asked) => {
    const answer = ask(...asked);
    if (asked[0] === inItsTime) isPatient = true;
    if (answer instanceof Promise && !isPatient) void inTime(answer);
    if (asked[0] === 'commit' || asked[0] === 'rollback') isPatient = false;
    return answer;
  };

  async function inTime(answer: Promise<unknown>): Promise<void> {
    if (await endsWithin(answer, ms).catch(() => true)) return;
    client.connection.stream.destroy(silent(ms));
  }
}

function silent(ms: number): Error {
  const message = `the database did not answer within ${ms / 1_000} s; the connection to it is given up`;
  return Object.assign(new Error(message), { code: '08006' });
}
