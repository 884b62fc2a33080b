import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Draft } from '../domain/words.ts';
import { NotFound } from '../errors.ts';
import type { Links } from '../links.ts';
import { asClosed } from './as-closed.ts';
import { ownLinks, type Page, writeToReporter } from './email.ts';
import { countListeners } from './listeners.ts';

/** A mail as it will look. */
export interface LetterPreview {
  subject: string;
  text: string;
  /** A whole page of its own. */
  html: string;
}

/**
 * The mail that every reporter would get were the issue closed with this draft now; the links of the sample look like
 * hers and open nothing. Throws NotFound.
 */
export async function previewResolved(
  db: Db,
  page: Page,
  links: Links,
  issueId: string,
  draft: Draft,
  now: Date,
): Promise<LetterPreview> {
  const matter = await asClosed(db, issueId, draft, now);
  if (!matter) throw new NotFound(`There is no issue ${issueId}.`);
  return writeToReporter(page, ownLinks(page, links, matter.reportId), 'resolved', matter, now);
}

/** Who hears of it when an issue is closed. */
export interface Told {
  /** Addresses; each gets one mail. */
  total: number;
  /** Of these, how many no mail goes to any more. */
  suppressed: number;
  /** Reports whose reporters left none. */
  withoutAddress: number;
  /** Subscribers who did not tell us and hear of it too. */
  listeners: number;
  /** Those who told us last. */
  first: { address: string; name: string | null }[];
}

/** Whom a resolve of this issue would mail: the same people that oweReporters finds. */
export async function whoIsTold(db: Db, issueId: string, { limit }: { limit: number }): Promise<Told> {
  const { rows } = await sql<Omit<Told, 'first' | 'listeners'>>`
    select count(distinct email_key) as total,
      count(distinct email_key) filter (where exists (
        select from suppression where suppression.address_key = report.email_key)) as suppressed,
      count(*) filter (where email_key is null) as "withoutAddress"
    from report where issue_id = ${issueId} and stands`.execute(db);
  const { rows: first } = await sql<Told['first'][number]>`
    select address, name from (
      select distinct on (email_key) email as address, name, created_at, id
      from report where issue_id = ${issueId} and stands and email is not null
      order by email_key, created_at desc, id) as one_each
    order by created_at desc, id limit ${limit}`.execute(db);
  return { ...rows[0]!, first, listeners: await countListeners(db, issueId) };
}
