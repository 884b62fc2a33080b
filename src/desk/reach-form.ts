import type { Db } from '../db.ts';
import { rollingOut, whomWords } from '../domain/affected-words.ts';
import { countWaitingForFix } from '../notifications/mailing.ts';
import type { Issue } from '../tables.ts';
import { type AffectedForm, affectedForm, linesOf, type TypedLines } from './affected-form.ts';

/** Whom an issue, or its fix, reaches: views/desk/partials/reach.eta. */
export interface Reach {
  /** Whom it reaches; empty: everybody. */
  whom: string;
  /** How its fix goes out; null unless it is on its way. */
  fix: { whom: string; waiting: number; form: AffectedForm } | null;
}

/** The same with the form as it stands, or as it was typed. */
export async function reachOf(
  db: Db,
  issue: Issue,
  { typed = linesOf(issue.fixed_for), errors = {} }: { typed?: TypedLines; errors?: Record<string, string> },
): Promise<Reach> {
  const whom = issue.affected ? `only ${whomWords(issue.affected)}` : '';
  if (!rollingOut(issue)) return { whom, fix: null };
  const form = { ...affectedForm(typed, 'fixed_for', errors), legend: 'It has reached more people …', hint };
  return {
    whom,
    fix: { whom: whomWords(issue.fixed_for!), waiting: await countWaitingForFix(db, issue.id), form },
  };
}

const hint = 'Whoever fits every line has it. Those whom it reaches now are mailed, each once.';
