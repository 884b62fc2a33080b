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
  /** More of it than stands here. */
  more: boolean;
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

const newest = 20;
const mostOfIssue = 200;
const render = view<LedgerPage>('ledger.eta');

/** What the ledger is, where it ends and how to check it; of one issue, all that it says. Throws NotFound. */
export async function ledgerPage(db: Db, shell: Shell, issue: string | undefined): Promise<string> {
  const head = await sealLedger(db);
  const limit = issue === undefined ? newest : mostOfIssue;
  const found = await readNewest(db, { issue, limit: limit + 1 });
  if (issue !== undefined && found.length === 0)
    throw new NotFound('We never said anything of such an issue.');
  const entries = found.slice(0, limit);
  const names = await namesIn(db, [issue ?? '', ...entries.flatMap(idsIn)]);
  const about = issue === undefined ? null : { href: `/issues/${issue}`, title: names.issue(issue) };
  if (about && found.length === 0 && about.title === issue)
    throw new NotFound('We never said anything of such an issue.');
  return render({
    shell,
    title: about ? `What we said of “${about.title}”` : 'What was said stays said',
    description: 'Everything we ever said here in public, in a list that nobody can rewrite unnoticed.',
    ...(about ? {} : { canonical: '/ledger' }),
    head,
    about,
    entries: entries.map((entry) => shown(entry, names, about === null)),
    more: found.length > limit,
    command: `npx candor verify ${shell.baseUrl}/`,
  });
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
