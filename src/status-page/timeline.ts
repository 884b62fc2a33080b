import type { Db } from '../db.ts';
import { editWords } from '../domain/edit-words.ts';
import { standingWords, statusWords } from '../domain/labels.ts';
import { isClosed } from '../domain/lifecycle.ts';
import { type Moment, moment } from '../domain/moment.ts';
import { renderMarkdown } from '../markdown.ts';
import type { Issue, IssueUpdate } from '../tables.ts';
import { type Before, beforesOf, type Edit } from './edits.ts';
import { foldMoves } from './fold-moves.ts';
import { lateUpdates, lateWord, movedWord, type PromiseWord } from './late-updates.ts';

/** One thing we said, or one thing we changed about what we had said. */
export interface Entry {
  id: string;
  at: Moment;
  heading: string;
  /** Safe HTML; empty for a change. */
  html: string;
  /** When it was edited, newest first, and what stood there before. */
  before: Before[];
  /** Edited where it was imported from, which does not tell what stood there before. */
  editedElsewhere: Moment | null;
  /** A promise that this update kept late, or that was moved. */
  promise: PromiseWord | null;
  /** The moves of a promise that this one stands for, newest first; empty where it stands for itself. */
  steps: Entry[];
}

const most = 200;

/** Everything we said about an issue, newest first, with every edit in plain sight. */
export async function timelineOf(db: Db, issue: Issue): Promise<Entry[]> {
  const [late, updates, edits] = await Promise.all([
    lateUpdates(db, issue.id),
    db
      .selectFrom('issue_update')
      .selectAll()
      .where('issue_id', '=', issue.id)
      .orderBy('created_at', 'desc')
      .orderBy('seq', 'desc')
      .limit(most)
      .execute(),
    db
      .selectFrom('issue_edit')
      .selectAll()
      .where('issue_id', '=', issue.id)
      .orderBy('seq', 'desc')
      .limit(most)
      .execute(),
  ]);
  const befores = await beforesOf(db, issue, updates, edits);
  const newestClosing = issue.resolved_at && updates.find((update) => isClosed(update.status))?.id;
  const said = updates.map((update) => ({
    edit: null,
    time: update.created_at,
    entry: updateEntry(
      update,
      edits,
      befores,
      update.id === newestClosing ? issue : null,
      late.get(update.id),
    ),
  }));
  const changed = edits
    .filter((edit) => edit.update_id === null)
    .map((edit) => ({ edit, time: edit.edited_at, entry: editEntry(edit, befores) }));
  return foldMoves([...said, ...changed].sort((a, b) => b.time.getTime() - a.time.getTime()));
}

function updateEntry(
  update: IssueUpdate,
  edits: Edit[],
  befores: Map<number, Before>,
  ended: Pick<Issue, 'kind' | 'resolution'> | null,
  late: Date | undefined,
): Entry {
  const { id, status } = update;
  const before = edits.filter((edit) => edit.update_id === id).flatMap(({ seq }) => befores.get(seq) ?? []);
  return {
    id: `u-${id}`,
    at: moment(update.created_at),
    heading: headingOf(status, ended),
    html: renderMarkdown(update.message),
    before,
    editedElsewhere: update.edited_at && before.length === 0 ? moment(update.edited_at) : null,
    promise: lateWord(late, update.created_at),
    steps: [],
  };
}

/** How an issue ended is known of its last end; before a reopening we only thought it was over. */
function headingOf(status: IssueUpdate['status'], ended: Pick<Issue, 'kind' | 'resolution'> | null): string {
  if (!isClosed(status)) return statusWords(status);
  return ended ? standingWords({ ...ended, status }) : 'We thought it was over';
}

function editEntry(edit: Edit, befores: Map<number, Before>): Entry {
  const before = befores.get(edit.seq);
  return {
    id: `e-${edit.seq}`,
    at: moment(edit.edited_at),
    heading: editWords(edit.field, edit.was === null),
    html: '',
    editedElsewhere: null,
    promise: movedWord(edit),
    steps: [],
    before: before ? [before] : [],
  };
}
