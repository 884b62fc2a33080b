import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { type Found, findForEach } from '../status-page/find-issues.ts';

const mostTexts = 500; // fifty pages of the inbox
const mostAgeMs = 60_000; // what changed without a word in public shows after this
const perText = 3;

interface Kept {
  /** The end of what was said in public before any of them was looked for. */
  end: string;
  since: number;
  found: Map<string, Found[]>;
}

const keptOf = new WeakMap<Db, Kept>();

/**
 * The known issues that match each text best, as findForEach does it, for texts that are asked about all day: each is
 * looked for once until something is said in public, or a minute is over.
 */
export async function findOnce(db: Db, texts: string[]): Promise<Found[][]> {
  const { found } = await keptFor(db);
  const answers = new Map(texts.map((text) => [text, found.get(text)]));
  const unknown = [...answers.keys()].filter((text) => !answers.get(text));
  const fresh = await findForEach(db, unknown, { limit: perText });
  for (const [n, text] of unknown.entries()) {
    answers.set(text, fresh[n]);
    if (found.size >= mostTexts) found.clear();
    found.set(text, fresh[n]!);
  }
  return texts.map((text) => answers.get(text)!);
}

async function keptFor(db: Db): Promise<Kept> {
  const { rows } = await sql<{ end: string }>`
    select id::text || body::text as end from ledger order by id desc limit 1`.execute(db);
  const end = rows[0]?.end ?? '';
  const kept = keptOf.get(db);
  if (kept?.end === end && Date.now() - kept.since < mostAgeMs) return kept;
  const fresh = { end, since: Date.now(), found: new Map() };
  keptOf.set(db, fresh);
  return fresh;
}
