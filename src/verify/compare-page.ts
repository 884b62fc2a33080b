import type { NowLine } from '../ledger/now.ts';
import { type Chain, readLine } from './chain.ts';
import { CannotCheck, type Finding } from './finding.ts';
import type { Page, Source } from './source.ts';
import { compare, isGone, keyOf, type Thing, thingOf, thingsOf } from './things.ts';

const mostTries = 5;

export interface Reading {
  since: string | null;
  now: Date;
}

/** How much of the page was held against the ledger. */
export interface Compared {
  issues: number;
  components: number;
}

/**
 * Holds what the page shows now against the ledger that was read. Things may be said meanwhile: what the ledger's tail
 * then tells of is asked for once more by itself, between two looks at the tail, until nothing was said of it in between.
 */
export async function comparePage(
  chain: Chain,
  { source, page, reading }: { source: Source; page: Page; reading: Reading },
): Promise<Compared> {
  const found = new Map<string, Finding[]>();
  const seen = new Set<string>();
  for await (const line of whole(page)) {
    const thing = thingOf(line);
    if (!thing) continue;
    seen.add(keyOf(thing));
    const findings = compare(chain, line, page.base);
    if (findings.length > 0) found.set(keyOf(thing), [...(found.get(keyOf(thing)) ?? []), ...findings]);
  }
  for (const thing of everything(chain))
    if (!seen.has(keyOf(thing))) found.set(keyOf(thing), [isGone(chain, thing, page.base)]);
  const moved = await readTail(chain, source, reading);
  for (const key of moved.keys()) found.delete(key);
  for (const findings of found.values()) chain.findings.push(...findings);
  for (const thing of moved.values()) await compareOne(chain, thing, { source, page, reading });
  return { issues: chain.page.issues.size, components: chain.page.components.size };
}

async function compareOne(
  chain: Chain,
  thing: Thing,
  { source, page, reading }: { source: Source; page: Page; reading: Reading },
): Promise<void> {
  for (let tries = 0; tries < mostTries; tries++) {
    const lines = await all(whole(page, { [thing.kind]: thing.id }));
    const own = lines.filter((line) => thingOf(line)?.id === thing.id);
    const findings =
      own.length === 0
        ? [isGone(chain, thing, page.base)]
        : own.flatMap((line) => compare(chain, line, page.base));
    if (!(await readTail(chain, source, reading)).has(keyOf(thing)))
      return void chain.findings.push(...findings);
  }
  chain.remarks.push(
    `The ${thing.kind} ${thing.id} changes so quickly that it could not be compared; try again later.`,
  );
}

function everything({ page }: Chain): Thing[] {
  return [
    ...[...page.issues.keys()].map((id): Thing => ({ kind: 'issue', id })),
    ...[...page.components.keys()].map((id): Thing => ({ kind: 'component', id })),
  ];
}

/** What was said since, by the things that it is about. */
async function readTail(chain: Chain, source: Source, reading: Reading): Promise<Map<string, Thing>> {
  const about = new Map<string, Thing>();
  for await (const line of source.ledger(chain.head.seq)) {
    const entry = readLine(chain, line, reading);
    for (const thing of entry ? thingsOf(entry) : []) about.set(keyOf(thing), thing);
  }
  return about;
}

/** All lines that the page answers with, if they are all. */
async function* whole(
  page: Page,
  only: { issue?: string; component?: string } = {},
): AsyncGenerator<NowLine> {
  let ended = false;
  for await (const text of page.now(only)) {
    const line = parsed(text);
    if (!line)
      throw new CannotCheck(
        `${page.base}ledger/now.jsonl answers with something else than what the page shows.`,
      );
    ended = line.type === 'end';
    yield line;
  }
  if (!ended) throw new CannotCheck(`${page.base}ledger/now.jsonl broke off before its end; try again.`);
}

function parsed(text: string): NowLine | null {
  try {
    const line = JSON.parse(text);
    return typeof line === 'object' && typeof line?.type === 'string' ? line : null;
  } catch {
    return null;
  }
}

async function all<One>(many: AsyncIterable<One>): Promise<One[]> {
  const list: One[] = [];
  for await (const one of many) list.push(one);
  return list;
}
