import { sql } from 'kysely';
import type { Database, Db } from '../db.ts';
import { endsWithin } from '../ends-within.ts';
import { newId } from '../ids.ts';
import type { Cache } from './cache.ts';

/** Follows what changes in the database, on this replica or another. */
export interface News {
  /** Until everything that was committed before this call is known to the cache. */
  hearAll(): Promise<void>;
  stop(): Promise<void>;
}

const channel = 'page';
const pollMs = 5_000;
const quickPollMs = 1_000; // while nothing is heard, or nothing answers
const patienceMs = 2_500;
const soonMs = 200;
const echoMs = 2_000; // a crowd at the door, or a busy database, may hold it up; whoever hears nothing makes every page anew
const minute = 60_000;

/**
 * Tells the cache what is said on the channel `page`. Behind it looks now and then whether something was said that was
 * not heard (a connection that broke without a word, a pooler that keeps LISTEN from us), and what the clock changes.
 */
export async function followNews(
  database: Database,
  cache: Cache,
  onTrouble: (error: unknown) => void,
): Promise<News> {
  const { db } = database;
  const echoes = new Map<string, () => void>();
  let isDeaf = false;
  let stamp: string | null = null;
  let stopped = false;
  let pollTimer: NodeJS.Timeout | undefined;
  let promiseTimer: NodeJS.Timeout | undefined;
  let soonTimer: NodeJS.Timeout | undefined;

  const deafen = await database.listen(channel, (said) => {
    isDeaf = false;
    const echo = echoes.get(said);
    if (echo) echo();
    else if (!said.startsWith(':')) {
      cache.hear(said);
      soonTimer ??= setTimeout(lookSoon, soonMs).unref();
    }
  });
  const minutes = everyMinute(() => cache.tick());
  await poll();

  /** There may be another promise now. */
  function lookSoon(): void {
    soonTimer = undefined;
    if (!stopped) void poll().catch(onTrouble);
  }

  async function poll(): Promise<void> {
    clearTimeout(pollTimer);
    const now = new Date();
    try {
      const seen = await inTime(look(db, now));
      cache.noteDatabase(true);
      // That something was heard since does not say that all was: what we say now comes back behind it, or nothing does.
      if (stamp !== null && seen.stamp !== stamp && !(await echo())) {
        isDeaf = true;
        cache.hear('');
      }
      stamp = seen.stamp;
      clearTimeout(promiseTimer);
      const untilPromise = (seen.promise?.getTime() ?? Infinity) - now.getTime();
      if (untilPromise < minute) promiseTimer = setTimeout(() => cache.tick(), untilPromise + 1).unref();
      if (isDeaf) void echo();
      again(isDeaf ? quickPollMs : pollMs);
    } catch {
      cache.noteDatabase(false);
      again(quickPollMs);
    }
  }

  function again(ms: number): void {
    if (!stopped) pollTimer = setTimeout(() => void poll().catch(onTrouble), ms).unref();
  }

  /** What we say ourselves comes back behind all that was said before it. */
  async function echo(): Promise<boolean> {
    const said = `:${newId()}`;
    const heard = new Promise<boolean>((resolve) => echoes.set(said, () => resolve(true)));
    try {
      await sql`select pg_notify(${channel}, ${said})`.execute(db);
      return await inTime(heard, echoMs);
    } catch {
      return false;
    } finally {
      echoes.delete(said);
    }
  }

  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  /** One echo serves all who asked before it was begun. */
  function hearAll(): Promise<void> {
    next ??= underWay.then(() => {
      underWay = next!;
      next = null;
      return hearNow();
    });
    return next;
  }

  async function hearNow(): Promise<void> {
    if (!isDeaf && (await echo())) return;
    isDeaf = true;
    cache.hear('');
  }

  return {
    hearAll,
    async stop() {
      stopped = true;
      minutes.stop();
      clearTimeout(pollTimer);
      clearTimeout(promiseTimer);
      clearTimeout(soonTimer);
      await deafen();
    },
  };
}

/** The end of what was said in public, and when the next promise runs out. */
async function look(db: Db, now: Date): Promise<{ stamp: string; promise: Date | null }> {
  const { rows } = await sql<{ stamp: string; promise: Date | null }>`
    select coalesce((select max(id) from ledger), 0)::text as stamp,
      (select min(next_update_at) from issue where resolved_at is null and next_update_at > ${now}) as promise`.execute(
    db,
  );
  return rows[0]!;
}

function everyMinute(tick: () => void): { stop: () => void } {
  let timer: NodeJS.Timeout;
  const wait = () => {
    timer = setTimeout(
      () => {
        tick();
        wait();
      },
      minute - (Date.now() % minute) + 5,
    ).unref();
  };
  wait();
  return { stop: () => clearTimeout(timer) };
}

async function inTime<T>(work: Promise<T>, ms = patienceMs): Promise<T> {
  if (!(await endsWithin(work, ms))) throw new Error(`no answer within ${ms} ms`);
  return work;
}
