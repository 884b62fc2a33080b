import type { Db } from '../db.ts';
import type { Condition, Traits } from '../domain/affected.ts';
import { reachedAt } from '../domain/affected-rules.ts';
import { answerHer, fixSaid, whomWords } from '../domain/affected-words.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { type Moment, momentOrNull } from '../domain/moment.ts';
import type { Issue, Report } from '../tables.ts';
import { type TraitField, writtenFields } from '../trait-fields.ts';

/** Whether the problem, or its fix, reaches her, and what she uses: views/partials/own-reach.eta. */
export interface OwnReach {
  heading: string;
  /** Our answer, a sentence each. */
  says: string[];
  /** Since when she has the fix. */
  since: Moment | null;
  /** The fix has not reached her, by what she told us. */
  waits: boolean;
  fields: TraitField[];
}

/** What her own page says of it; null where it is the same for everybody, or she took her report back. */
export async function ownReach(db: Db, report: Report, issue: Issue | null): Promise<OwnReach | null> {
  if (!issue || report.state === 'withdrawn') return null;
  const traits = report.traits ?? {};
  if (!isClosed(issue.status)) return issue.affected && ofProblem(issue, issue.affected, traits);
  const steps = await stepsOf(db, issue);
  return steps[0]!.fixedFor && ofFix(issue, steps, report);
}

function ofProblem(issue: Issue, affected: Condition[], traits: Traits): OwnReach {
  const isTold = Object.keys(traits).length > 0;
  const { say, why } = answerHer(affected, traits, issue.kind === 'maintenance' ? 'work' : 'problem');
  return {
    heading: 'Is it mine?',
    says: [
      `We know it only ${whomWords(affected)}.`,
      ...(isTold ? [say, ...why] : ['Tell us what you use, and we can say whether it is yours.']),
    ],
    since: null,
    waits: false,
    fields: writtenFields(affected, null, traits),
  };
}

function ofFix(issue: Issue, steps: Step[], { traits, email }: Report): OwnReach {
  const { for: stands, whom } = fixSaid(issue.fixed_for, traits ? [traits] : [], false);
  const at = stands === 'perhaps' || stands === 'waits' ? null : reachedAt(steps, traits ?? {});
  const soFar = `So far it has reached those ${whom}.`;
  const says = {
    everybody: ['The fix has reached everybody.'],
    reached: ['The fix has reached you.'],
    later: ['The fix has reached you.'],
    perhaps: [soFar, 'Tell us what you use, and we can say whether it has reached you.'],
    waits: [
      'The fix has not reached you yet.',
      soFar,
      email ? 'We write to you when it reaches you.' : 'We say here when it reaches you.',
    ],
  };
  return {
    heading: 'Has the fix reached me?',
    says: says[stands],
    since: momentOrNull(at),
    waits: stands === 'waits',
    fields: issue.fixed_for ? writtenFields(issue.fixed_for, issue.affected, traits ?? {}) : [],
  };
}

interface Step {
  at: Date;
  fixedFor: Condition[] | null;
}

/** Whom the fix had reached, from its beginning; each change keeps what stood there before. */
async function stepsOf(db: Db, issue: Issue): Promise<Step[]> {
  const edits = await db
    .selectFrom('issue_edit')
    .select(['was', 'edited_at'])
    .where('issue_id', '=', issue.id)
    .where('field', '=', 'fixed_for')
    .where('edited_at', '>=', issue.resolved_at)
    .orderBy('seq')
    .execute();
  const times = [issue.resolved_at!, ...edits.map((edit) => edit.edited_at)];
  const stood: Step['fixedFor'][] = [...edits.map(({ was }) => was && JSON.parse(was)), issue.fixed_for];
  return times.map((at, step) => ({ at, fixedFor: stood[step]! }));
}
