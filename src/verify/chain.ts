import { type Entry, noHash } from '../domain/ledger.ts';
import { leftOver, nothingSaid, type Retold, retell } from '../domain/replay.ts';
import { hashOf } from '../ledger/chain.ts';
import { type Frame, lackOf, readFrame } from './entry-shape.ts';
import { CannotCheck, type Finding } from './finding.ts';

/** What was read of a ledger so far. */
export interface Chain {
  entries: number;
  firstAt: string | null;
  lastAt: string | null;
  /** The time that the last entry bears. */
  at: string | null;
  head: { seq: number; hash: string };
  /** What the page must say by now. */
  page: Retold;
  /** The last entry about a thing: an issue, a field of it, an update, a component, by its id. */
  lastAbout: Map<string, number>;
  findings: Finding[];
  /** Odd, and no proof of anything. */
  remarks: string[];
  since: { hash: string; seq: number; said: Entry[]; more: number } | null;
}

const mostSaid = 200;
const clockMs = 60 * 60_000;

export function noChain(): Chain {
  return {
    entries: 0,
    firstAt: null,
    lastAt: null,
    at: null,
    head: { seq: 0, hash: noHash },
    page: nothingSaid(),
    lastAbout: new Map(),
    findings: [],
    remarks: [],
    since: null,
  };
}

/** Takes the next line into account, and answers the entry; null where it is none. Throws CannotCheck where the first is none. */
export function readLine(
  chain: Chain,
  line: string,
  { since, now }: { since: string | null; now: Date },
): Entry | null {
  const entry = readFrame(parsed(line));
  if (!entry) {
    if (chain.entries === 0) throw new CannotCheck('this is no ledger: its first line is no entry of one.');
    const says = `What stands behind entry ${chain.head.seq} is no entry: ${line.slice(0, 80)}`;
    chain.findings.push({ where: 'chain', seq: chain.head.seq, says });
    return null;
  }
  if (since !== null && chain.since === null && noHash.startsWith(since))
    chain.since = { hash: noHash, seq: 0, said: [], more: 0 };
  chain.findings.push(...linkFaults(chain, entry));
  watchClock(chain, entry, now);
  chain.entries += 1;
  chain.firstAt = chain.firstAt !== null && chain.firstAt < entry.at ? chain.firstAt : entry.at;
  chain.lastAt = chain.lastAt !== null && chain.lastAt > entry.at ? chain.lastAt : entry.at;
  chain.at = entry.at;
  chain.head = { seq: entry.seq, hash: entry.hash };
  return take(chain, entry, since);
}

/** What only shows once all was read. */
export function closeChain(chain: Chain): void {
  for (const what of leftOver(chain.page))
    chain.findings.push({ where: 'entry', says: `The ledger holds ${what}.` });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function linkFaults({ head }: Chain, entry: Frame): Finding[] {
  const { seq } = entry;
  const found: string[] = [];
  const follows = entry.prev === head.hash;
  if (seq > head.seq + 1) found.push(`${missing(head.seq + 1, seq - 1)} in the ledger.`);
  else if (seq <= head.seq) found.push(`Entry ${seq} stands behind entry ${head.seq}.`);
  else if (!follows)
    found.push(
      `Entry ${seq} does not follow from the one before it: one of the two was changed, or put there later.`,
    );
  if (hashOf(entry) !== entry.hash)
    found.push(`Entry ${seq} was changed after it was written: its hash is not that of what it says.`);
  return found.map((says) => ({ where: 'chain', seq, says }));
}

function missing(from: number, to: number): string {
  return from === to ? `Entry ${from} is missing` : `Entries ${from} to ${to} are missing`;
}

function watchClock(chain: Chain, { seq, at }: Frame, now: Date): void {
  const time = Date.parse(at);
  if (chain.at !== null && time < Date.parse(chain.at) - clockMs)
    chain.remarks.push(
      `Entry ${seq} bears an earlier time than the one before it: a clock was wrong, or it tells of earlier.`,
    );
  if (time > now.getTime() + clockMs)
    chain.remarks.push(`Entry ${seq} bears a time that is still to come: ${at}.`);
}

function take(chain: Chain, frame: Frame, since: string | null): Entry | null {
  const { seq } = frame;
  const lack = lackOf(frame);
  if (lack === 'unknown')
    chain.remarks.push(`Entry ${seq} is of a kind that this version does not know: ${frame.type}.`);
  else if (lack !== null)
    chain.findings.push({
      where: 'entry',
      seq,
      says: `Entry ${seq} (${frame.type}) has not what it must have: ${lack}.`,
    });
  const entry = lack === null ? (frame as unknown as Entry) : null;
  if (entry) {
    for (const what of retell(chain.page, entry)) {
      const id = entry.issue_id ?? undefined;
      chain.findings.push({
        where: 'entry',
        seq,
        ...(id && { id }),
        says: `Entry ${seq} (${entry.type}): ${what}.`,
      });
    }
    for (const name of namesOf(entry)) chain.lastAbout.set(name, seq);
    if (chain.since) keepSaid(chain.since, entry);
  }
  if (since !== null && chain.since === null && frame.hash.startsWith(since))
    chain.since = { hash: frame.hash, seq, said: [], more: 0 };
  return entry;
}

function keepSaid(since: NonNullable<Chain['since']>, entry: Entry): void {
  if (since.said.length < mostSaid) since.said.push(entry);
  else since.more += 1;
}

/** Under which names a finding looks for the last entry about a thing. */
function namesOf(entry: Entry): string[] {
  const id = entry.issue_id;
  return [
    ...(id === null ? [] : [id]),
    ...('update_id' in entry ? [entry.update_id] : []),
    ...('updates' in entry ? entry.updates.map((one) => one.id) : []),
    ...('workaround_id' in entry ? [entry.workaround_id] : []),
    ...('component_id' in entry ? [entry.component_id] : []),
    ...(entry.type === 'issue_changed' ? Object.keys(entry.changes).map((field) => `${id}.${field}`) : []),
    ...(entry.type === 'component_states' && id === null ? entry.changes.map((one) => one.component_id) : []),
  ];
}
