import type { Db, Trx } from '../db.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { cleanLine, cleanText } from '../domain/text.ts';
import { becameWords, longestCredit, longestOffer, mostOpenOffers } from '../domain/ways-around.ts';
import { Conflict } from '../errors.ts';
import { newId } from '../ids.ts';
import { lockBoth } from './change-report.ts';

/** How she gets around the problem, and by which name she wishes to be thanked. */
export interface Offer {
  text: string;
  credit: string | null;
}

/** The form as she filled it in, and what would help. */
export interface OfferForm {
  offer: string;
  credit: string;
  error: string;
  /** Which of the two fields it is about. */
  wrong: '' | 'offer' | 'credit';
}

export const blankOffer: OfferForm = { offer: '', credit: '', error: '', wrong: '' };

/** Reads POST /r/{token}/workaround. */
export function readOffer(body: unknown): { offer: Offer } | { refused: OfferForm } {
  const given = (body ?? {}) as Record<string, unknown>;
  const text = typeof given.offer === 'string' ? cleanText(given.offer) : '';
  const credit = typeof given.credit === 'string' ? cleanLine(given.credit) : '';
  const refuse = (wrong: 'offer' | 'credit', error: string) => ({
    refused: { offer: text, credit, error, wrong },
  });
  if (text === '') return refuse('offer', 'Please tell us in a few words what one can do.');
  if (text.length > longestOffer) return refuse('offer', tooLong(text, longestOffer));
  if (credit.length > longestCredit) return refuse('credit', tooLong(credit, longestCredit));
  return { offer: { text, credit: credit || null } };
}

/**
 * Keeps a way around the problem that she offers to others, for staff to read; nothing of it is public before they
 * publish it. The same words twice are one offer. Answers false, and keeps nothing, where enough of hers wait already.
 * Throws NotFound, and Conflict where the report was taken back or is about no known problem.
 */
export async function offerWorkaround(trx: Trx, reportId: string, offer: Offer, now: Date): Promise<boolean> {
  const { report, issue } = await lockBoth(trx, reportId);
  if (report.state === 'withdrawn') throw new Conflict('You took this report back. You can tell us anew.');
  if (!issue) throw new Conflict('We do not know yet which problem this is about. Please try again later.');
  const waiting = await trx
    .selectFrom('workaround')
    .select('offered')
    .where('report_id', '=', reportId)
    .where('state', '=', 'offered')
    .execute();
  if (waiting.some((one) => one.offered === offer.text)) return true;
  if (waiting.length >= mostOpenOffers) return false;
  await trx
    .insertInto('workaround')
    .values({
      id: newId(),
      issue_id: issue.id,
      report_id: reportId,
      state: 'offered',
      offered: offer.text,
      credit: offer.credit,
      body: null,
      created_at: now,
      published_at: null,
      ended_at: null,
    })
    .execute();
  return true;
}

/** What she offered and what became of it, as her own page shows it. */
export interface OfferLine {
  text: string;
  at: Moment;
  became: string;
}

/** Her offers, newest first. */
export async function offersOf(db: Db, reportId: string): Promise<OfferLine[]> {
  const rows = await db
    .selectFrom('workaround')
    .select(['offered', 'credit', 'state', 'created_at'])
    .where('report_id', '=', reportId)
    .where('offered', 'is not', null)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(20)
    .execute();
  return rows.map((row) => ({
    text: row.offered!,
    at: moment(row.created_at),
    became: becameWords(row.state, row.credit),
  }));
}

function tooLong(text: string, most: number): string {
  return `This is ${text.length.toLocaleString('en')} characters long, and we can take ${most.toLocaleString('en')}. Please shorten it a little.`;
}
