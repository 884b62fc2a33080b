import type { Entry } from '../domain/ledger.ts';
import { entryWords, type Names } from '../domain/ledger-words.ts';
import { type Chain, closeChain, noChain, readLine } from './chain.ts';
import { type Compared, comparePage } from './compare-page.ts';
import { CannotCheck, type Finding } from './finding.ts';
import { sourceOf } from './source.ts';

export interface Asked {
  /** A page's address, the address of its ledger, or a file. */
  what: string;
  /** The hash of an entry that somebody saw once, or its beginning. */
  since: string | null;
  /** The ledger alone, without what the page shows. */
  ledgerOnly?: boolean;
  now: Date;
  /** Told every thousand entries how many were read. */
  onProgress?: (entries: number) => void;
}

/** What a check came to. */
export interface Verdict {
  name: string;
  findings: Finding[];
  remarks: string[];
  entries: number;
  firstAt: string | null;
  lastAt: string | null;
  head: Chain['head'];
  /** The entry that was seen once, and in words what was said since. */
  since: { hash: string; seq: number; said: string[]; more: number } | null;
  /** Null where no page was held against it. */
  compared: Compared | null;
}

/**
 * Checks that nothing in a ledger was rewritten, and that what the page shows now is what the ledger tells. Needs and
 * trusts nothing but what it reads. Throws CannotCheck where there was nothing to check.
 */
export async function verify({ what, since, ledgerOnly = false, now, onProgress }: Asked): Promise<Verdict> {
  if (since !== null && !/^[0-9a-f]{12,64}$/.test(since))
    throw new CannotCheck(
      `--since takes the hash of an entry or its first 12 characters or more (0–9, a–f), not “${since}”.`,
    );
  const source = sourceOf(what);
  const reading = { since, now };
  const chain = noChain();
  for await (const line of source.ledger(0)) {
    readLine(chain, line, reading);
    if (chain.entries % 1_000 === 0) onProgress?.(chain.entries);
  }
  const compared =
    source.page === null || ledgerOnly
      ? null
      : await comparePage(chain, { source, page: source.page, reading });
  if (chain.entries === 0 && source.page === null) throw new CannotCheck(`${source.name} is empty.`);
  closeChain(chain);
  if (since !== null && chain.since === null) chain.findings.unshift(lost(since, chain));
  const { findings, remarks, entries, firstAt, lastAt, head } = chain;
  return {
    name: source.name,
    findings,
    remarks,
    entries,
    firstAt,
    lastAt,
    head,
    since: inWords(chain),
    compared,
  };
}

function inWords({ since, page }: Chain): Verdict['since'] {
  const names: Names = {
    issue: (id) => page.issues.get(id)?.title ?? id,
    component: (id) => page.components.get(id)?.name ?? id,
  };
  const sentence = (entry: Entry) => {
    const about = entry.issue_id === null ? '' : `“${names.issue(entry.issue_id)}”: `;
    return `${entry.seq}  ${entry.at}  ${about}${entryWords(entry, names).does}`;
  };
  return since && { ...since, said: since.said.map(sentence) };
}

function lost(since: string, { head }: Chain): Finding {
  return {
    where: 'since',
    says: `No entry has the hash ${since} any more. What was said up to then was rewritten or cut off; the ledger now ends with entry ${head.seq}. (After a backup was brought back, what came after the backup is gone too.)`,
  };
}
