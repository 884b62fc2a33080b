import type { Db } from '../db.ts';
import { touchedBy } from '../domain/alarm.ts';
import { NotFound } from '../errors.ts';
import type { IssueDraft } from '../hearing-tables.ts';
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

/** An issue's form to begin with, as far as an alarm can fill it in; what we say is ours to write. */
export function issueFrom({ kind, title, impact, component_ids }: IssueDraft): TypedIssue {
  const components = new Map(component_ids.map((id) => [id, touchedBy(impact)]));
  return blankIssue(kind, { title, impact, components });
}
