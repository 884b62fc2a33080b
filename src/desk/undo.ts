import type { Db } from '../db.ts';
import { deedWords, undoWords } from '../domain/deed-words.ts';
import { canUndo } from '../domain/undo.ts';
import { retractIssue } from '../issues/retract-issue.ts';
import { readDeed, whoWasQuicker } from '../reports/read-deed.ts';
import { takeBack } from '../reports/take-back.ts';
import { act, type DeskRoute } from './route.ts';

/** A step as a page says it, with the button that takes it back: views/desk/partials/report-deed.eta. */
export interface DeedSaid {
  id: string;
  text: string;
  /** How long it can be taken back; empty where it cannot. */
  hint: string;
  undo: boolean;
}

/** What a step did and whether it can be taken back; null where there is none. `gone`: reports that others were quicker with. */
export async function deedSaid(db: Db, id: string, now: Date, gone = 0): Promise<DeedSaid | null> {
  const deed = await readDeed(db, id);
  if (!deed) return null;
  const undo = canUndo(deed, now);
  return {
    id,
    text: deedWords(deed) + (await quickerWords(db, id, deed.reports, gone)),
    hint: undoWords(deed, now),
    undo,
  };
}

export const undoRoutes: DeskRoute[] = [
  act('POST /admin/deeds/:id/undo', (visit) =>
    visit.change(async (trx) => {
      const { id = '' } = visit.params;
      const back = await takeBack(trx, id, visit.at);
      const issue = back.kind === 'acknowledge' ? back.issueId : null;
      const retracted = issue !== null && (await retractIssue(trx, issue, visit.at));
      return {
        to: issue
          ? `/admin/issues/${issue}?deed=${id}&said=${retracted ? 'retracted' : 'stays'}`
          : `/admin/inbox?deed=${id}`,
        about: back.issueId ? `issue:${back.issueId}` : `deed:${id}`,
        detail: {
          step: back.kind,
          deed: id,
          reports: back.restored,
          told: back.told,
          ...(retracted && { retracted }),
        },
      };
    }),
  ),
];

async function quickerWords(db: Db, id: string, taken: number, gone: number): Promise<string> {
  if (gone === 0) return '';
  const who = await whoWasQuicker(db, id);
  const by = who ? `handled by ${who}` : 'handled or withdrawn';
  return gone === 1
    ? ` 1 of ${taken + gone} was ${by} meanwhile and stays as it is.`
    : ` ${gone} of ${taken + gone} were ${by} meanwhile and stay as they are.`;
}
