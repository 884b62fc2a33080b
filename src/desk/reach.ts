import { type Condition, reachesAsFar } from '../domain/affected.ts';
import { whomWords } from '../domain/affected-words.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { Conflict } from '../errors.ts';
import { changeIssue } from '../issues/change-issue.ts';
import { readLines, type TypedLines, typedLines } from './affected-form.ts';
import { typedLine } from './fields.ts';
import { findIssue } from './find-issue.ts';
import { issueDesk } from './issue.ts';
import { act, type DeskRoute } from './route.ts';
import { updateFormOf } from './update-form.ts';

/** Saying that a fix has reached more people, or everybody; those whom it reaches now are mailed. */
export const reachRoutes: DeskRoute[] = [
  act('POST /admin/issues/:id/reach', async (visit, fields) => {
    const issue = await findIssue(visit);
    if (!isClosed(issue.status)) throw new Conflict('It is open; say that it is over first.');
    if (issue.fixed_for === null) throw new Conflict('The fix has reached everybody already.');
    const typed = typedLines(fields, 'fixed_for');
    const read =
      typedLine(fields, 'do') === 'everybody' ? { conditions: null } : further(typed, issue.fixed_for);
    if ('errors' in read) {
      const update = await updateFormOf(visit, issue);
      const html = await issueDesk(visit, issue, { update, reach: { ...(typed && { typed }), ...read } });
      return { page: { html, status: 400 } };
    }
    return visit.change(async (trx) => {
      await changeIssue(trx, issue.id, { fixed_for: read.conditions }, visit.at);
      return {
        to: `/admin/issues/${issue.id}?said=reached`,
        about: `issue:${issue.id}`,
        detail: { reaches: read.conditions ? whomWords(read.conditions) : 'everybody' },
      };
    });
  }),
];

/** What was typed, where it reaches more people than before. */
function further(
  typed: TypedLines | undefined,
  before: readonly Condition[],
): { conditions: Condition[] } | { errors: Record<string, string> } {
  const read = typed ? readLines(typed, 'fixed_for', before) : { conditions: null };
  if ('errors' in read) return read;
  const at = `fixed_for_${before[0]!.trait}`;
  if (read.conditions === null)
    return { errors: { [at]: 'Please say whom it has reached, or press “everybody”.' } };
  if (reachesAsFar(read.conditions, before)) return { conditions: read.conditions };
  return {
    errors: {
      [at]: 'It must reach everybody it had reached before: they were told that it is fixed. If it is not, open the issue again.',
    },
  };
}
