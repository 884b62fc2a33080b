import { editWords } from '../domain/edit-words.ts';
import { standingWords } from '../domain/labels.ts';
import { isClosed, type Status } from '../domain/lifecycle.ts';
import { escapeHtml } from '../domain/text.ts';
import { utcShort } from '../domain/times.ts';
import type { EditableField } from '../domain/words.ts';
import { renderMarkdown } from '../markdown.ts';
import type { Issue, IssueUpdate } from '../tables.ts';

/** Everything that is public about one issue. */
export interface Told {
  issue: Issue;
  /** Newest first; if there are more than are told here, the oldest of these is only for comparison. */
  updates: Update[];
  edits: Edit[];
  /** The names of the components it touches. */
  parts: string[];
}

type Update = Pick<IssueUpdate, 'id' | 'status' | 'message' | 'created_at' | 'edited_at'>;

interface Edit {
  update_id: string | null;
  field: EditableField;
  wasNothing: boolean;
  edited_at: Date;
}

/**
 * All that was said about an issue as safe HTML, newest first, each update in the form that readers of Statuspage's
 * feeds know; then what to do meanwhile and what else stands on the page.
 */
export function entryHtml(told: Told, baseUrl: string, most: number): string {
  const page = `${baseUrl}/issues/${told.issue.id}`;
  const said = told.updates.slice(0, most).map((update, n) => ({
    at: update.created_at,
    html: updateHtml(told, update, told.updates[n + 1]?.status, page),
  }));
  const changed = told.edits
    .filter((edit) => edit.update_id === null)
    .map((edit) => ({ at: edit.edited_at, html: changeHtml(edit, page) }));
  const everything = [...said, ...changed].sort((a, b) => b.at.getTime() - a.at.getTime());
  return [...everything.map(({ html }) => html), older(told, most, page), facts(told, baseUrl)].join('');
}

function updateHtml(told: Told, update: Update, before: Status | undefined, page: string): string {
  const label = update.status === before ? 'Update' : capital(update.status.replace('_', ' '));
  const head = `<small>${brief(update.created_at)}</small><br><strong>${label}</strong>${ending(told, update)}`;
  const body = renderMarkdown(update.message);
  const joined = body.startsWith('<p>') ? `<p>${head} - ${body.slice(3)}` : `<p>${head}</p>${body}`;
  return joined + editedHtml(told, update, page);
}

/** How it ended, where "resolved" alone would say too much. */
function ending({ issue, updates }: Told, update: Update): string {
  if (!isClosed(update.status)) return '';
  const last = updates.find((one) => isClosed(one.status));
  if (issue.resolved_at === null || last !== update) return ' (we thought it was over)';
  if (issue.resolution === null || issue.resolution === 'fixed') return '';
  const words = standingWords(issue);
  return ` (${words.charAt(0).toLowerCase()}${words.slice(1)})`;
}

function editedHtml({ edits }: Told, update: Update, page: string): string {
  const kept = edits.filter((edit) => edit.update_id === update.id);
  if (kept.length > 0) {
    return kept
      .map(
        ({ edited_at }) =>
          `<p><small>Edited ${brief(edited_at)}. ${linkTo(`${page}#u-${update.id}`, 'What stood there before')}</small></p>`,
      )
      .join('');
  }
  return update.edited_at ? `<p><small>Edited ${brief(update.edited_at)}</small></p>` : '';
}

function changeHtml(edit: Edit, page: string): string {
  const words = editWords(edit.field, edit.wasNothing);
  const where = edit.wasNothing ? '' : ` ${linkTo(`${page}#said`, 'What stood there before')}`;
  return `<p><small>${brief(edit.edited_at)}</small><br><em>${words}.</em>${where}</p>`;
}

function older({ updates }: Told, most: number, page: string): string {
  return updates.length > most ? `<p>${linkTo(`${page}#said`, 'What we said before that')}</p>` : '';
}

function facts({ issue, parts }: Told, baseUrl: string): string {
  const { workaround, next_update_at: promised, merged_into: into } = issue;
  const lines = [
    into && linkTo(`${baseUrl}/issues/${into}`, 'We follow it here'),
    plan(issue),
    parts.length > 0 && `It touches: ${parts.map(escapeHtml).join(', ')}.`,
    promised && `We promised to say more by ${utcShort(promised)}.`,
  ];
  const meanwhile =
    workaround && !isClosed(issue.status)
      ? `<p><em>What you can do meanwhile:</em></p>${renderMarkdown(workaround)}`
      : '';
  return meanwhile + lines.map((line) => (line ? `<p>${line}</p>` : '')).join('');
}

function plan({ kind, scheduled_for: from, scheduled_until: until }: Issue): string {
  if (kind !== 'maintenance' || !from) return '';
  return `Planned for ${utcShort(from)}${until ? ` to ${utcShort(until)}` : ', with no end set yet'}.`;
}

/** "Jun 18, 18:09 UTC", as Statuspage's feeds have it. */
function brief(at: Date): string {
  const text = at.toUTCString(); // Thu, 18 Jun 2026 18:09:41 GMT
  return `${text.slice(8, 11)} ${at.getUTCDate()}, ${text.slice(17, 22)} UTC`;
}

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
const linkTo = (href: string, text: string) => `<a href="${escapeHtml(href)}">${text}</a>`;
