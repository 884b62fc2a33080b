import type { Traits } from '../domain/affected.ts';
import { answerHer, type MeAnswer, rollingOut, whomWords } from '../domain/affected-words.ts';
import { isClosed } from '../domain/lifecycle.ts';
import type { Issue } from '../tables.ts';
import { choiceFields, type TraitField } from '../trait-fields.ts';

/** The questions of "is it me?", or of "has the fix reached me?", and our answer once she gave hers. */
export interface Me {
  /** Whom it reaches, in a sentence; empty where the answer says it. */
  whom: string;
  fields: TraitField[];
  button: string;
  answer: MeAnswer | null;
  /** Where to tell us of something else, with her answers. */
  tell: string;
}

/** What an issue's page asks her; null where it reaches everybody, or is over for everybody. */
export function meOf(issue: Issue, answers: Traits | null): Me | null {
  const isFix = rollingOut(issue) !== null;
  const conditions = isFix ? issue.fixed_for : isClosed(issue.status) ? null : issue.affected;
  if (conditions === null || issue.merged_into !== null) return null;
  const about = isFix ? 'fix' : issue.kind === 'maintenance' ? 'work' : 'problem';
  const answer = answers && answerHer(conditions, answers, about);
  return {
    whom: isFix || answer?.reading === 'no' ? '' : `Only ${whomWords(conditions)}.`,
    fields: choiceFields(conditions, issue.affected, answers ?? {}),
    button: isFix ? 'Has the fix reached me?' : 'Is it mine?',
    answer,
    tell: `/report${answers && Object.keys(answers).length > 0 ? `?${new URLSearchParams(answers)}` : ''}`,
  };
}
