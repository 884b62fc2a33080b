import type { Db } from '../db.ts';
import { touchedBy } from '../domain/alarm.ts';
import type { Kind } from '../domain/lifecycle.ts';
import { utcLong } from '../domain/times.ts';
import { NotFound } from '../errors.ts';
import type { IssueDraft } from '../hearing-tables.ts';
import { wordingOf } from '../wordings.ts';
import { typedLine } from './fields.ts';
import { blankIssue, type TypedIssue } from './issue-form.ts';
import type { Fields } from './route.ts';

/** The alarm that a form is about, by its address or its field; null for none. Throws NotFound for one that is gone. */
export async function draftFor(db: Db, given: string | undefined | Fields): Promise<IssueDraft | null> {
  const id = typeof given === 'object' ? typedLine(given, 'draft') : (given ?? '');
  if (id === '') return null;
  const draft = await db.selectFrom('issue_draft').selectAll().where('id', '=', id).executeTakeFirst();
  if (!draft) throw new NotFound('There is no alarm at this address.');
  return draft;
}

/**
 * An issue's form to begin with, as far as an alarm can fill it in; what we say is ours to write. Components of an alarm
 * that is over work again.
 */
export function issueFrom({ kind, title, impact, component_ids, firing }: IssueDraft): TypedIssue {
  const state = firing ? touchedBy(impact) : 'operational';
  return blankIssue(kind, { title, impact, components: new Map(component_ids.map((id) => [id, state])) });
}

/** Since when its monitor says that an alarm is over; null while it goes on, or without an alarm. */
export function overSince(draft: IssueDraft | null): Date | null {
  return draft && !draft.firing ? (draft.ended_at ?? draft.seen_at) : null;
}

/** The first words about a new issue: of what is over already they do not say that it goes on. */
export async function firstWords(db: Db, kind: Kind, draft: IssueDraft | null = null): Promise<string> {
  const over = overSince(draft);
  return over && kind !== 'maintenance'
    ? `This did not work for a while, and it was not your fault. It has worked again since ${utcLong(over)}, as far as we can see.\n\nWe are looking at what it was. You do not have to do anything meanwhile.`
    : wordingOf(db, `acknowledge:${kind}`);
}
