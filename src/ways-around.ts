import { sql } from 'kysely';
import type { Db, Trx } from './db.ts';
import { type Moment, moment } from './domain/moment.ts';
import { bestFirst, foundByWords, helpedWords } from './domain/ways-around.ts';
import { renderMarkdown } from './markdown.ts';
import { familyQuery } from './merged.ts';

/** A way around a problem that a customer found and staff published, as pages show it. */
export interface Way {
  id: string;
  /** Safe HTML. */
  html: string;
  by: string;
  helped: string;
  /** Where "this helped me" posts to. */
  action: string;
  /** Said in place of the button to whoever has just pressed it. */
  thanks: string;
  /** When its words were changed, newest first, and what stood there before. */
  before: { at: Moment; html: string }[];
}

/** Whose button was just pressed, as the address says it. */
export interface Pressed {
  helped?: unknown;
  again?: unknown;
}

interface PublishedWay {
  id: string;
  issue_id: string;
  body: string;
  credit: string | null;
  /** Whose it is. */
  report_id: string | null;
  published_at: Date;
  helped: number;
}

const most = 100;

/** The ways around an issue, and around those that turned out to be the same, best first; `at` is the page they stand on, `reportId` whose page it is. */
export async function waysOf(
  db: Db,
  issueId: string,
  at: string,
  pressed: Pressed = {},
  reportId = '',
): Promise<Way[]> {
  const ways = await readPublished(db, sql`issue_id in (${familyQuery(issueId)})`, most);
  if (ways.length === 0) return [];
  const changes = await changesOf(db, [...new Set(ways.map((way) => way.issue_id))]);
  return ways.map((way) => ({
    id: way.id,
    html: renderMarkdown(way.body),
    by: foundByWords(way.credit),
    helped: helpedWords(way.helped),
    action: `${at}/workarounds/${way.id}/helped`,
    thanks: way.report_id === reportId ? 'You found this one. Thank you.' : thanksFor(way.id, pressed),
    before: changes
      .filter((change) => change.id === way.id)
      .map((change) => ({ at: moment(change.at), html: renderMarkdown(change.was) })),
  }));
}

/** What is published about any of these issues, best first. */
export async function publishedWays(db: Db | Trx, issueIds: readonly string[]): Promise<PublishedWay[]> {
  if (issueIds.length === 0) return [];
  return readPublished(db, sql`issue_id = any(${issueIds}::text[])`, most * issueIds.length);
}

async function readPublished(
  db: Db | Trx,
  which: ReturnType<typeof sql>,
  limit: number,
): Promise<PublishedWay[]> {
  const { rows } = await sql<PublishedWay>`
    select id, issue_id, body, credit, report_id, published_at, (
      select count(*) from workaround_help where workaround_id = workaround.id) as helped
    from workaround where ${which} and state = 'published'
    order by helped desc, published_at desc limit ${limit}`.execute(db);
  return rows.sort(bestFirst);
}

function thanksFor(id: string, { helped, again }: Pressed): string {
  if (helped === id) return 'Thank you. You are counted.';
  return again === id ? 'Thank you, we had counted you.' : '';
}

/** The ledger keeps what stood there before. */
async function changesOf(db: Db, issueIds: string[]): Promise<{ id: string; at: Date; was: string }[]> {
  const { rows } = await sql<{ id: string; at: Date; was: string }>`
    select body ->> 'workaround_id' as id, at, body ->> 'was' as was from ledger
    where issue_id = any(${issueIds}::text[]) and type = 'workaround_changed'
    order by ledger.id desc limit ${most}`.execute(db);
  return rows;
}
