import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Impact } from '../domain/impact.ts';
import type { Kind, Status } from '../domain/lifecycle.ts';
import {
  type Asked,
  idf,
  type Lexicon,
  type Match,
  mend,
  probes,
  rank,
  readWords,
  type Term,
} from '../domain/match.ts';
import { pathsFrom } from '../merged.ts';

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
  /** What the one was called that matched, where it was merged into this one; null where this one did. */
  also: string | null;
}

const mostTerms = 16;
/** How much is looked at for one text, and for each of many on one page. */
const alone = { mended: 6, questions: 12, answers: 150, candidates: 160 };
const amongMany = { mended: 2, questions: 3, answers: 20, candidates: 12 };
type Effort = typeof alone;
const likeRank = 0.75; // a resolved issue must be this much better to stand before an open one
const least = 0.12; // below it is chance

interface Options {
  limit?: number;
  openOnly?: boolean;
  /** Also those that were opened by mistake: for staff who look for one. */
  mistakes?: boolean;
}

/** Known issues that match a person's own words, best first; open ones before resolved ones of like rank. Bounded work whatever the text. */
export async function findIssues(db: Db, words: string, options: Options = {}): Promise<Found[]> {
  const [found] = await findForEach(db, [words], options);
  return found!;
}

/** The same for each of many texts, in three questions to the database; of each text fewer candidates are looked at. */
export async function findForEach(db: Db, texts: string[], options: Options = {}): Promise<Found[][]> {
  const asked = texts.map(readWords);
  if (asked.every((one) => one.words.length === 0)) return texts.map(() => []);
  const effort = texts.length === 1 ? alone : amongMany;
  const { terms, lexicon } = await readTerms(db, asked, effort);
  const questions = terms.map((some) => questionsOf(some, lexicon.total, effort));
  const candidates = await fetchCandidates(db, questions, effort, options);
  return texts.map((text, n) => {
    const matches = rank(text, terms[n]!, candidates[n]!, lexicon);
    return best(candidates[n]!, matches, options.limit ?? 10);
  });
}

function best(candidates: Fetched[], matches: Match[], limit: number): Found[] {
  const found = candidates.map(({ stems: _, ...issue }, i) => ({
    ...issue,
    why: matches[i]!.why,
    score: matches[i]!.score * (issue.resolved_at === null ? 1 : likeRank),
  }));
  found.sort((a, b) => b.score - a.score || b.started_at.getTime() - a.started_at.getTime());
  const seen = new Set<string>();
  const bar = Math.max(least, (found[0]?.score ?? 0) / 5);
  return found
    .filter(({ id, score }) => score >= bar && !seen.has(id) && seen.add(id))
    .slice(0, limit)
    .map((one) => ({ ...one, score: Math.min(1, Math.round(one.score * 1_000) / 1_000) }));
}

/** An answer of the search as machines read it. */
export function foundAsJson({ id, title, status, kind, score }: Found, baseUrl: string) {
  return { id, title, status, kind, url: `${baseUrl}/issues/${id}`, score };
}

/** What was asked in each text, as stems of the lexicon: the most telling ones, misspelt ones mended. */
async function readTerms(
  db: Db,
  asked: Asked[],
  effort: Effort,
): Promise<{ terms: Term[][]; lexicon: Lexicon }> {
  const plain = new Set(asked.flatMap((one) => one.words));
  const joined = new Set(asked.flatMap((one) => [...one.names, ...one.pairs.map(([pair]) => pair)]));
  const { rows } = await sql<Read>`
    select asked.word, asked.plain, stem.stem, coalesce(known.documents, 0) as documents
    from (select word, true as plain from unnest(${[...plain]}::text[]) as word
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
  const stems = new Map(rows.filter((row) => row.plain).map((row) => [row.word, row]));
  const terms = asked.map((one) => termsOf(one, stems, whole, total));
  await mendTerms(db, terms, total, effort);
  return { terms, lexicon };
}

interface Read {
  word: string;
  plain: boolean;
  stem: string;
  documents: number;
}

function termsOf(asked: Asked, stems: Map<string, Read>, whole: Map<string, number>, total: number): Term[] {
  const terms = new Map<string, Term>();
  for (const { word, stem, documents } of asked.words.flatMap((word) => stems.get(word) ?? [])) {
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
  return [...terms.values()].sort((a, b) => idf(b, total) - idf(a, total)).slice(0, mostTerms);
}

/** Adds to each word that nobody wrote, or hardly anybody, the ones it may have been meant to be. */
async function mendTerms(db: Db, texts: Term[][], total: number, effort: Effort): Promise<void> {
  const doubtful = texts.flatMap((terms) =>
    terms
      .filter(({ readings }) => readings.every((one) => one.documents * 1_000 <= total))
      .filter(({ readings }) => /^[^0-9]{3,24}$/.test(readings[0]!.stem))
      .slice(0, effort.mended),
  );
  if (doubtful.length === 0) return;
  const stems = [...new Set(doubtful.map((term) => term.readings[0]!.stem))];
  const { rows } = await sql<{ asked: string; word: string; documents: number }>`
    select asked.word as asked, near.word, near.documents
    from unnest(${stems}::text[]) as asked (word)
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

interface Questions {
  queries: string[];
  weights: number[];
}

type Issue = Omit<Found, 'score' | 'why' | 'also'>;
type Fetched = Omit<Found, 'score' | 'why'> & { stems: string[] };

function questionsOf(terms: Term[], total: number, effort: Effort): Questions {
  const questions = probes(terms, total, effort.answers, effort.questions);
  return {
    queries: questions.map(tsquery),
    weights: questions.map((all) => all.reduce((sum, one) => sum + idf(one, total), 0)),
  };
}

async function fetchCandidates(
  db: Db,
  texts: Questions[],
  effort: Effort,
  { openOnly = false, mistakes = false }: Options,
): Promise<Fetched[][]> {
  const found = texts.map((): Fetched[] => []);
  const asked = texts.map((one, n) => ({ n, ...one })).filter((one) => one.queries.length > 0);
  if (asked.length === 0) return found;
  const { rows } = await sql<Issue & { n: number; words: string; merged_into: string | null }>`
    select asked.n, issue.*, words
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as asked (n integer, queries text[], weights real[])
    cross join lateral search_candidates(asked.queries, asked.weights, ${effort.candidates}, ${openOnly}) as candidate
    cross join lateral (select id, title, kind, status, impact, workaround, resolved_at, started_at, merged_into
      from issue where id = candidate.issue_id
        and (${mistakes} or resolution is distinct from 'retracted') limit 1) as issue`.execute(db);
  const merged = mistakes ? [] : rows.filter((row) => row.merged_into !== null).map((row) => row.id);
  const followed = await readFollowed(db, merged);
  for (const { n, words, merged_into: _, ...issue } of rows) {
    const into = followed.get(issue.id);
    found[n]!.push({
      ...(into ?? issue),
      also: into ? issue.title : null,
      stems: words.slice(1, -1).split("' '"),
    });
  }
  return found;
}

/** Where each of the issues that were merged is followed. */
async function readFollowed(db: Db, ids: string[]): Promise<Map<string, Issue>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<Issue & { begun: string }>`${pathsFrom(ids)}
    select begun, issue.id, title, kind, status, impact, workaround, resolved_at, started_at
    from path join issue on issue.id = path.id where path.merged_into is null`.execute(db);
  return new Map(rows.map(({ begun, ...issue }) => [begun, issue]));
}

function tsquery(terms: Term[]): string {
  return terms
    .map(
      ({ readings }) => `(${readings.map(({ stem }) => `'${stem.replace(/['\\]/g, '$&$&')}'`).join(' | ')})`,
    )
    .join(' & ');
}
