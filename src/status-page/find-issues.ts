import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Impact } from '../domain/impact.ts';
import type { Kind, Status } from '../domain/lifecycle.ts';
import { type Asked, idf, type Lexicon, mend, probes, rank, readWords, type Term } from '../domain/match.ts';

export interface Found {
  id: string;
  title: string;
  kind: Kind;
  status: Status;
  impact: Impact;
  workaround: string | null;
  resolved_at: Date | null;
  started_at: Date;
  /** 0 to 1; 1 is surely this one. */
  score: number;
  /** The words that matched, for staff. */
  why?: string[];
}

const mostTerms = 16;
const mostMended = 6;
const mostCandidates = 160;
const likeRank = 0.75; // a resolved issue must be this much better to stand before an open one
const least = 0.12; // below it is chance

/** Known issues that match a person's own words, best first; open ones before resolved ones of like rank. Bounded work whatever the text. */
export async function findIssues(
  db: Db,
  words: string,
  options: { limit?: number; openOnly?: boolean } = {},
): Promise<Found[]> {
  const asked = readWords(words);
  if (asked.words.length === 0) return [];
  const { terms, lexicon } = await readTerms(db, asked);
  const questions = probes(terms, lexicon.total);
  if (questions.length === 0) return [];
  const weights = questions.map((all) => all.reduce((sum, one) => sum + idf(one, lexicon.total), 0));
  const candidates = await fetchCandidates(db, questions.map(tsquery), weights, options.openOnly === true);
  const matches = rank(words, terms, candidates, lexicon);
  const found = candidates.map(({ stems: _, ...issue }, i) => ({
    ...issue,
    why: matches[i]!.why,
    score: matches[i]!.score * (issue.resolved_at === null ? 1 : likeRank),
  }));
  found.sort((a, b) => b.score - a.score || b.started_at.getTime() - a.started_at.getTime());
  const bar = Math.max(least, (found[0]?.score ?? 0) / 5);
  return found
    .filter((one) => one.score >= bar)
    .slice(0, options.limit ?? 10)
    .map((one) => ({ ...one, score: Math.min(1, Math.round(one.score * 1_000) / 1_000) }));
}

/** An answer of the search as machines read it. */
export function foundAsJson({ id, title, status, kind, score }: Found, baseUrl: string) {
  return { id, title, status, kind, url: `${baseUrl}/issues/${id}`, score };
}

/** What was asked, as stems of the lexicon: the most telling ones, misspelt ones mended. */
async function readTerms(db: Db, asked: Asked): Promise<{ terms: Term[]; lexicon: Lexicon }> {
  const joined = [...asked.names, ...asked.pairs.map(([pair]) => pair)];
  const { rows } = await sql<{ word: string; plain: boolean; stem: string; documents: number }>`
    select asked.word, asked.plain, stem.stem, coalesce(known.documents, 0) as documents
    from (select word, true as plain from unnest(${asked.words}::text[]) as word
      union select word, false from unnest(${[...joined, '', '~', ' ']}::text[]) as word) as asked
    cross join lateral (select case when plain
      then (tsvector_to_array(to_tsvector('pg_catalog.english', word)))[1] else word end as stem) as stem
    left join search_word as known on known.word = stem.stem collate "C"
    where stem.stem is not null`.execute(db);
  const whole = new Map(rows.filter((row) => !row.plain).map((row) => [row.word, row.documents]));
  const total = whole.get('') ?? 0;
  const titles = whole.get('~') ?? 0;
  const lexicon = {
    total,
    title: 1 + titles / (total + 1),
    body: 1 + ((whole.get(' ') ?? 0) - titles) / (total + 1),
  };
  const terms = new Map<string, Term>();
  for (const { word, stem, documents } of rows.filter((row) => row.plain)) {
    if (!terms.has(stem)) terms.set(stem, { word, readings: [{ stem, weight: 1, documents }] });
  }
  for (const stem of asked.names) {
    const documents = whole.get(stem) ?? 0;
    if (documents > 0 && !terms.has(stem))
      terms.set(stem, { word: stem, readings: [{ stem, weight: 1, documents }] });
  }
  for (const [stem, first] of asked.pairs) {
    const documents = whole.get(stem) ?? 0;
    const term = [...terms.values()].find((one) => one.word === first);
    if (documents > 0 && term) term.readings.push({ stem, weight: 1, documents });
  }
  const telling = [...terms.values()].sort((a, b) => idf(b, total) - idf(a, total)).slice(0, mostTerms);
  await mendTerms(db, telling, total);
  return { terms: telling, lexicon };
}

/** Adds to each word that nobody wrote, or hardly anybody, the ones it may have been meant to be. */
async function mendTerms(db: Db, terms: Term[], total: number): Promise<void> {
  const doubtful = terms
    .filter(({ readings }) => readings.every((one) => one.documents * 1_000 <= total))
    .filter(({ readings }) => /^[^0-9]{3,24}$/.test(readings[0]!.stem))
    .slice(0, mostMended);
  if (doubtful.length === 0) return;
  const { rows } = await sql<{ asked: string; word: string; documents: number }>`
    select asked.word as asked, near.word, near.documents
    from unnest(${doubtful.map((term) => term.readings[0]!.stem)}::text[]) as asked (word)
    cross join lateral (
      (select word, documents from search_word
        where word ~ '^[^0-9]{4,24}$' and search_slips(word) && search_slips(asked.word)
        order by documents desc limit 50)
      union
      (select word, documents from search_word
        where word >= asked.word collate "C" and word < asked.word || U&'\\FFFF' collate "C"
        order by documents desc limit 10)) as near`.execute(db);
  for (const term of doubtful) {
    const [itself] = term.readings;
    const near = rows.filter((row) => row.asked === itself!.stem && row.word !== itself!.stem);
    term.readings.push(...mend(itself!.stem, near));
  }
}

async function fetchCandidates(db: Db, queries: string[], weights: number[], openOnly: boolean) {
  const { rows } = await sql<Omit<Found, 'score' | 'why'> & { words: string }>`
    select issue.*, words
    from search_candidates(${queries}, ${weights}::real[], ${mostCandidates}, ${openOnly}) as candidate
    cross join lateral (select id, title, kind, status, impact, workaround, resolved_at, started_at
      from issue where id = candidate.issue_id limit 1) as issue`.execute(db);
  return rows.map(({ words, ...issue }) => ({ ...issue, stems: new Set(words.slice(1, -1).split("' '")) }));
}

function tsquery(terms: Term[]): string {
  return terms
    .map(
      ({ readings }) => `(${readings.map(({ stem }) => `'${stem.replace(/['\\]/g, '$&$&')}'`).join(' | ')})`,
    )
    .join(' & ');
}
