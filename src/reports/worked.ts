import * as z from 'zod';
import type { Trx } from '../db.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { cleanText } from '../domain/text.ts';
import { Conflict } from '../errors.ts';
import { stateCounts } from '../ledger/count.ts';
import type { Report } from '../tables.ts';
import { lockBoth, newAgain } from './change-report.ts';

/** Her word on a fix, or the form as she filled it in and what would help. */
export type ReadWord = { word: Word } | { refused: WordForm };
export interface Word {
  worked: boolean;
  comment: string | null;
}
export interface WordForm {
  comment: string;
  error: string;
}

const longest = 5_000;
const input = z.object({ worked: z.enum(['yes', 'no']), comment: z.string().nullish() });

/** Reads POST /r/{token}/worked. */
export function readWord(body: unknown): ReadWord {
  const read = input.safeParse(body ?? {});
  const typed = (body as { comment?: unknown } | null)?.comment;
  const comment = typeof typed === 'string' ? cleanText(typed) : '';
  const refuse = (error: string): ReadWord => ({ refused: { comment, error } });
  if (!read.success) return refuse('Please choose one of the two: it works, or it does not.');
  if (comment.length > longest) {
    return refuse(`We can take ${longest.toLocaleString('en')} characters. Please shorten it a little.`);
  }
  return { word: { worked: read.data.worked === 'yes', comment: comment || null } };
}

/**
 * Keeps her word on whether the fix works for her; a "no" puts her report before staff again. She may change
 * her mind. Throws NotFound, and Conflict while the issue is open or when she took the report back.
 */
export async function sayWhetherItWorked(trx: Trx, id: string, word: Word, now: Date): Promise<void> {
  const { report, issue } = await lockBoth(trx, id);
  if (report.state === 'withdrawn') throw new Conflict('You took this report back.');
  if (!issue || !isClosed(issue.status)) {
    throw new Conflict('This is not over yet. We ask you again once it is.');
  }
  const changesHerMind = await hasSaid(trx, report);
  await trx
    .updateTable('report')
    .set({
      worked: word.worked,
      worked_comment: word.comment,
      worked_at: now,
      ...(word.worked ? followsAgain(report, now) : newAgain(report)),
    })
    .where('id', '=', id)
    .execute();
  if (changesHerMind) await stateCounts(trx, [issue.id], now);
}

/** She said so before, here or with another report of hers. */
async function hasSaid(trx: Trx, { id, issue_id, email_key }: Report): Promise<boolean> {
  const said = await trx
    .selectFrom('report')
    .select('id')
    .where('issue_id', '=', issue_id)
    .where('worked', 'is not', null)
    .where((eb) => eb.or([eb('id', '=', id), eb('email_key', '=', email_key)]))
    .limit(1)
    .executeTakeFirst();
  return said !== undefined;
}

function followsAgain({ state, linked_at }: Report, now: Date): { state?: 'linked'; linked_at?: Date } {
  return state === 'spam' ? {} : { state: 'linked', linked_at: linked_at ?? now };
}
