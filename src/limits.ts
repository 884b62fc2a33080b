import ipaddr from 'ipaddr.js';
import { sql } from 'kysely';
import type { Db } from './db.ts';
import type { Links } from './links.ts';

/** So many in so long. */
export interface Rule {
  most: number;
  /** At most a day: what is older is forgotten. */
  perMs: number;
}

/** Who is asking, as far as limits go. Without a network (a peer on this machine) no network limit holds. */
export interface Visitor {
  bucket: Links['bucket'];
  network: string | null;
}

/** Who sends a form, as far as limits go. */
export function visitorOf({ ip }: { ip: string }, { bucket }: Links): Visitor {
  return { bucket, network: networkOf(ip) };
}

export type Limit = readonly [bucket: string, rule: Rule];

const dayMs = 24 * 3_600_000;

/**
 * Takes one from a bucket in one statement, so that replicas cannot both have the last; a window that has
 * passed begins anew. Answers 0, or the seconds until the window ends where nothing is left.
 */
export async function take(db: Db, bucket: string, rule: Rule, now: Date): Promise<number> {
  const passed = sql<boolean>`quota.started_at <= ${new Date(now.getTime() - rule.perMs)}`;
  const { count, started_at } = await db
    .insertInto('quota')
    .values({ bucket, started_at: now, count: 1 })
    .onConflict((oc) =>
      oc.column('bucket').doUpdateSet({
        started_at: sql`case when ${passed} then excluded.started_at else quota.started_at end`,
        count: sql`case when ${passed} then 1 else least(quota.count, ${rule.most}) + 1 end`,
      }),
    )
    .returning(['count', 'started_at'])
    .executeTakeFirstOrThrow();
  if (count <= rule.most) return 0;
  return Math.max(1, Math.ceil((started_at.getTime() + rule.perMs - now.getTime()) / 1000));
}

/**
 * Takes one from every bucket, or from none: what one limit refuses is not counted against the others, so that
 * nobody uses up another's share. Answers 0, or the seconds to wait. A bucket that many share stands last.
 */
export async function takeAll(db: Db, limits: readonly Limit[], now: Date): Promise<number> {
  for (const [n, [bucket, rule]] of limits.entries()) {
    const wait = await take(db, bucket, rule, now);
    if (wait === 0) continue;
    await giveBack(db, limits.slice(0, n));
    return wait;
  }
  return 0;
}

/**
 * Takes one from each of many buckets, in one statement and in an order that lets replicas wait for each other; answers
 * the buckets that had one left.
 */
export async function takeEach(
  db: Db,
  buckets: readonly string[],
  rule: Rule,
  now: Date,
): Promise<Set<string>> {
  const passed = sql`quota.started_at <= ${new Date(now.getTime() - rule.perMs)}`;
  const { rows } = await sql<{ bucket: string; count: number }>`
    insert into quota (bucket, started_at, count)
    select bucket, ${now}::timestamptz, 1 from (select distinct unnest(${buckets}::text[]) as bucket) as asked order by bucket
    on conflict (bucket) do update set
      started_at = case when ${passed} then excluded.started_at else quota.started_at end,
      count = case when ${passed} then 1 else least(quota.count, ${rule.most}) + 1 end
    returning bucket, count`.execute(db);
  return new Set(rows.filter((row) => row.count <= rule.most).map((row) => row.bucket));
}

/** Takes back what was counted. */
export async function giveBack(db: Db, limits: readonly Limit[]): Promise<void> {
  for (const [bucket] of limits) {
    await db
      .updateTable('quota')
      .set({ count: sql`count - 1` })
      .where('bucket', '=', bucket)
      .where('count', '>', 0)
      .execute();
  }
}

/** The network an address belongs to: itself, for IPv6 its /64; null for this very machine. */
export function networkOf(ip: string): string | null {
  if (!ipaddr.isValid(ip)) return null;
  const address = ipaddr.process(ip);
  if (address.range() === 'loopback') return null;
  if (address.kind() === 'ipv4') return address.toString();
  const parts = (address as ipaddr.IPv6).parts.slice(0, 4);
  return `${parts.map((part) => part.toString(16)).join(':')}/64`;
}

/** Forgets what no window reaches back to any more. */
export async function forgetOldLimits(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('quota')
    .where('started_at', '<', new Date(now.getTime() - dayMs))
    .execute();
}
