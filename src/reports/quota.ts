import ipaddr from 'ipaddr.js';
import { sql } from 'kysely';
import { addressKey } from '../address.ts';
import type { Db, Trx } from '../db.ts';
import type { Links } from '../links.ts';

/** Who is asking, as far as limits go. Without a network (a peer on this machine) no network limit holds. */
export interface Visitor {
  bucket: Links['bucket'];
  network: string | null;
}

/** Who sends a form, as far as limits go. */
export function visitorOf({ ip }: { ip: string }, { bucket }: Links): Visitor {
  return { bucket, network: networkOf(ip) };
}

interface Rule {
  most: number;
  perMs: number;
}

const minute = 60_000;
export const rules = {
  reportsPerNetwork: { most: 300, perMs: 10 * minute },
  receiptsPerAddress: { most: 1, perMs: 24 * 60 * minute },
  receiptsPerNetwork: { most: 20, perMs: 60 * minute },
  receiptsInAll: { most: 3_000, perMs: 60 * minute },
} satisfies Record<string, Rule>;

/** Counts one more report from her network; answers the seconds to wait where that is too many, else 0. */
export async function waitToReport(db: Db, visitor: Visitor, now: Date): Promise<number> {
  if (visitor.network === null) return 0;
  return take(db, visitor.bucket('reports', visitor.network), rules.reportsPerNetwork, now);
}

/**
 * Whether a mail that a visitor's form sets off may go to this address, and counts it if so. What one limit
 * refuses is not counted against the others, so that nobody uses up another's share.
 */
export async function mayWrite(trx: Trx, visitor: Visitor, address: string, now: Date): Promise<boolean> {
  const { bucket, network } = visitor;
  const limits: [string, Rule][] = [
    ...(network === null ? [] : [[bucket('receipts', network), rules.receiptsPerNetwork] as [string, Rule]]),
    [bucket('receipt', addressKey(address)), rules.receiptsPerAddress],
    [bucket('receipts', 'all'), rules.receiptsInAll], // last: this row is shared by all, and locked until the end
  ];
  const taken: string[] = [];
  for (const [name, rule] of limits) {
    if ((await take(trx, name, rule, now)) > 0) {
      for (const one of taken) await giveBack(trx, one);
      return false;
    }
    taken.push(name);
  }
  return true;
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

/** Forgets what no window reaches back to any more. */
export async function forgetOldLimits(db: Db, now: Date): Promise<void> {
  const longest = Math.max(...Object.values(rules).map((rule) => rule.perMs));
  await db
    .deleteFrom('quota')
    .where('started_at', '<', new Date(now.getTime() - longest))
    .execute();
}

async function giveBack(trx: Trx, bucket: string): Promise<void> {
  await trx
    .updateTable('quota')
    .set({ count: sql`count - 1` })
    .where('bucket', '=', bucket)
    .where('count', '>', 0)
    .execute();
}
