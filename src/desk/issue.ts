import { isItMe } from '../domain/answers.ts';
import { impactWords, kindWords, type Mark, markOf, peopleWords, standingWords } from '../domain/labels.ts';
import { isClosed, type Kind } from '../domain/lifecycle.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { whyNotReturn } from '../domain/returning.ts';
import { durationWords } from '../domain/times.ts';
import { readNotes } from '../issues/notes.ts';
import { renderMarkdown } from '../markdown.ts';
import { countListeners } from '../notifications/listeners.ts';
import { type Progress, progressOf } from '../notifications/progress.ts';
import { countReach } from '../people.ts';
import { type Returns, returnsOf } from '../returns.ts';
import { type Part, partsOf } from '../status-page/parts.ts';
import { type Entry, timelineOf } from '../status-page/timeline.ts';
import type { Issue } from '../tables.ts';
import { view } from '../views.ts';
import { countAlike } from './after-all.ts';
import { type DoubtsShown, doubtsOf, reopeningForm } from './doubts.ts';
import { type AlarmLine, alarmsOf } from './draft-lines.ts';
import { findIssue } from './find-issue.ts';
import type { DeskPage } from './frame.ts';
import { type IssueLine, promiseOf } from './issue-lines.ts';
import { type MoveForm, moveFormOf } from './move-form.ts';
import { type Reach, reachOf } from './reach-form.ts';
import { type DeskRoute, look, type Visit } from './route.ts';
import { type DeedSaid, deedSaid } from './undo.ts';
import { type UpdateForm, updateFormOf } from './update-form.ts';
import { type WayLine, waysOfIssue } from './way-lines.ts';

export interface IssueDesk extends DeskPage {
  id: string;
  heading: string;
  kind: string;
  mark: Mark;
  standing: string;
  short: string;
  closed: boolean;
  people: string;
  /** People an update can be mailed to. */
  reachable: number;
  /** Subscribers who hear of it anyhow. */
  listeners: number;
  impact: string;
  since: Moment;
  lasted: string;
  promise: IssueLine['promise'];
  move: MoveForm;
  /** Safe HTML. */
  workaround: string;
  ways: WayLine[];
  /** One of them is published. */
  wayKnown: boolean;
  parts: Part[];
  timeline: (Entry & { edit: string | null })[];
  notes: { id: string; who: string; at: Moment; html: string }[];
  noteError: string;
  mergedInto: { id: string; title: string } | null;
  returns: Returns;
  /** As what a return of it would be opened; null where it cannot come back. */
  returnsAs: Kind | null;
  /** Whom it, or its fix, reaches. */
  reach: Reach;
  /** What monitors say about it; a hint for us, nothing follows from it. */
  alarms: AlarmLine[];
  progress: Progress | null;
  doubts: DoubtsShown | null;
  /** Reports that we had answered and that sound like it. */
  alike: number;
  deed: DeedSaid | null;
  update: UpdateForm;
  /** Whether it is drawn; a doubted fix is opened again by its own prepared one. */
  updateShown: boolean;
}

const render = view<IssueDesk>('desk/issue.eta');

/** The desk of one issue: what we said, to whom, and the form to say more. */
export const issueRoutes: DeskRoute[] = [
  look('GET /admin/issues/:id', async (visit) => {
    const issue = await findIssue(visit);
    return issueDesk(visit, issue, {
      update: await updateFormOf(visit, issue, await reopeningForm(visit, issue)),
    });
  }),
];

/** The page, with a form as it was typed. */
export async function issueDesk(
  visit: Visit,
  issue: Issue,
  {
    update,
    noteError = '',
    move = moveFormOf(),
    reach = {},
  }: {
    update: UpdateForm;
    noteError?: string;
    move?: MoveForm;
    reach?: Parameters<typeof reachOf>[2];
  },
): Promise<string> {
  const { db, desk, at } = visit;
  const { id } = issue;
  const [{ people, reachable }, parts, timeline, notes, progress, listeners, mergedInto, deed] =
    await Promise.all([
      countReach(db, id),
      partsOf(db, id, issue.status),
      timelineOf(db, issue),
      readNotes(db, id),
      progressOf(db, id),
      countListeners(db, id),
      db
        .selectFrom('issue')
        .select(['id', 'title'])
        .where('id', '=', issue.merged_into ?? '')
        .executeTakeFirst(),
      visit.query.deed ? deedSaid(db, visit.query.deed, at) : null,
    ]);
  const [ways, doubts] = await Promise.all([waysOfIssue(db, id, at), doubtsOf(visit, issue)]);
  return render({
    desk,
    title: issue.title,
    here: 'issues',
    id,
    heading: issue.title,
    kind: kindWords[issue.kind],
    mark: markOf(issue),
    standing: standingWords(issue),
    short: isItMe(issue).short,
    closed: isClosed(issue.status),
    people: peopleWords(people),
    reachable,
    listeners,
    impact: impactWords[issue.impact],
    since: moment(issue.started_at),
    lasted: durationWords((issue.resolved_at ?? at).getTime() - issue.started_at.getTime()),
    promise: promiseOf(issue.next_update_at, at),
    move,
    workaround: issue.workaround ? renderMarkdown(issue.workaround) : '',
    ways,
    wayKnown: ways.some((way) => !way.waits),
    parts,
    timeline: timeline.map((entry) => ({
      ...entry,
      edit: entry.id.startsWith('u-') ? `/admin/issues/${id}/updates/${entry.id.slice(2)}` : null,
    })),
    notes: notes.map((note) => ({
      id: note.id,
      who: note.who,
      at: moment(note.created_at),
      html: renderMarkdown(note.body),
    })),
    noteError,
    mergedInto: mergedInto ?? null,
    returns: await returnsOf(db, issue),
    returnsAs: whyNotReturn(issue, issue.kind) ? null : issue.kind,
    alarms: await alarmsOf(db, id),
    reach: await reachOf(db, issue, reach),
    doubts,
    alike: issue.merged_into === null ? await countAlike(visit, id) : 0,
    progress: progress.total > 0 ? progress : null,
    deed,
    update,
    updateShown: doubts === null || update.begun,
  });
}
