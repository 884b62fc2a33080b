import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Entry } from '../domain/ledger.ts';
import { entryWords, type Names } from '../domain/ledger-words.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { excerpt } from '../domain/text.ts';
import { NotFound } from '../errors.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';
import { readNewest } from './entries.ts';
import { type Head, sealLedger } from './seal.ts';

interface LedgerPage extends Page {
  head: Head;
  entries: Shown[];
  /** The one issue whose entries these are; null: the newest of all. */
  about: { href: string; title: string } | null;
  /** Over the entries. */
  heading: string;
  /** Where the entries before these stand, and the newest; null where these are the last, or the newest. */
  older: string | null;
  newest: string | null;
  command: string;
}

interface Shown {
  seq: number;
  at: Moment;
  about: { href: string; title: string } | null;
  does: string;
  words: string;
  hash: string;
}

const mostAtFirst = 20;
const mostOfOthers = 100;
const render = view<LedgerPage>('ledger.eta');

/** Which entries are asked for: of one issue alone, and before one of them. */
export interface Asked {
  issue: string | undefined;
  before: number | undefined;
}

/** What the ledger is, where it ends and how to check it, then its entries page by page. Throws NotFound. */
export async function ledgerPage(db: Db, shell: Shell, { issue, before }: Asked): Promise<string> {
  const head = await sealLedger(db);
  const isFirst = before === undefined;
  const limit = issue === undefined && isFirst ? mostAtFirst : mostOfOthers;
  const found = await readNewest(db, { issue, before, limit: limit + 1 });
  if (issue !== undefined && isFirst && found.length === 0)
    throw new NotFound('We never said anything of such an issue.');
  const entries = found.slice(0, limit);
  const names = await namesIn(db, [issue ?? '', ...entries.flatMap(idsIn)]);
  const about = issue === undefined ? null : { href: `/issues/${issue}`, title: names.issue(issue) };
  if (about && found.length === 0 && about.title === issue)
    throw new NotFound('We never said anything of such an issue.');
  const address = (then?: number) => addressOf({ issue, before: then });
  const more = found.length > limit;
  return render({
    shell,
    title: `${about ? `What we said of “${about.title}”` : 'What was said stays said'}${isFirst ? '' : `, before entry ${before}`}`,
    description: 'Everything we ever said here in public, in a list that nobody can rewrite unnoticed.',
    ...(about || !isFirst ? {} : { canonical: '/ledger' }),
    head,
    about,
    entries: entries.map((entry) => shown(entry, names, about === null)),
    heading: isFirst ? (about && !more ? 'All of it' : 'The last entries') : `Before entry ${before}`,
    older: more ? address(entries.at(-1)!.seq) : null,
    newest: isFirst ? null : address(),
    command: `node dist/cli.js verify ${shell.baseUrl}/`,
  });
}

function addressOf({ issue, before }: Asked): string {
  const query = new URLSearchParams({
    ...(issue === undefined ? {} : { issue }),
    ...(before === undefined ? {} : { before: `${before}` }),
  }).toString();
  return `/ledger${query && `?${query}`}`;
}

function shown(entry: Entry, names: Names, linked: boolean): Shown {
  const { seq, at, hash, issue_id: id } = entry;
  const { does, words } = entryWords(entry, names);
  return {
    seq,
    at: moment(new Date(at)),
    about: linked && id !== null ? { href: `/issues/${id}`, title: names.issue(id) } : null,
    does,
    words: words === null ? '' : excerpt(words, 200),
    hash: hash.slice(0, 12),
  };
}

async function namesIn(db: Db, wanted: readonly string[]): Promise<Names> {
  const ids = sql<string>`any(${[...new Set(wanted)]}::text[])`;
  const [issues, components] = await Promise.all([
    db.selectFrom('issue').select(['id', 'title as name']).where('id', '=', ids).execute(),
    db.selectFrom('component').select(['id', 'name']).where('id', '=', ids).execute(),
  ]);
  const names = new Map([...issues, ...components].map(({ id, name }) => [id, name]));
  const nameOf = (id: string) => names.get(id) ?? id;
  return { issue: nameOf, component: nameOf };
}

function idsIn(entry: Entry): string[] {
  return [
    entry.issue_id ?? '',
    ...('component_id' in entry ? [entry.component_id] : []),
    ...('changes' in entry && Array.isArray(entry.changes)
      ? entry.changes.map((one) => ('component_id' in one ? one.component_id : ''))
      : []),
    ...(entry.type === 'issue_merged' ? [entry.into] : []),
    ...(entry.type === 'issue_split' ? [entry.from] : []),
  ];
}
