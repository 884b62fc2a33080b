import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { kindWords } from '../domain/labels.ts';
import { cleanLine, cleanText } from '../domain/text.ts';
import type { Issue } from '../tables.ts';
import { entryHtml, type Told } from './entry-html.ts';

/** One issue as a feed carries it: the same entry from its beginning to its end, revised in place. */
export interface Entry {
  /** Of the issue; it never changes. */
  id: string;
  url: string;
  /** Plain text. */
  title: string;
  /** Safe HTML, newest first. */
  html: string;
  publishedAt: Date;
  updatedAt: Date;
}

const most = { issues: 50, updates: 20, edits: 1_000, parts: 2_000 };

/** The issues that changed last, newest first; with a component, only those that touch it. */
export async function readEntries(db: Db, baseUrl: string, componentId: string | null): Promise<Entry[]> {
  const told = await readTold(db, componentId);
  return told.map((one) => {
    const url = `${baseUrl}/issues/${one.issue.id}`;
    return {
      id: one.issue.id,
      url,
      title: cleanLine(titleOf(one.issue)),
      html: cleanText(entryHtml(one, baseUrl, most.updates)),
      publishedAt: one.issue.created_at,
      updatedAt: one.issue.updated_at,
    };
  });
}

/** When anything in public changed last; before there was anything, when the page was set up. */
export async function lastChange(db: Db): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`
    select coalesce(
      greatest((select max(updated_at) from issue), (select max(updated_at) from component)),
      (select min(applied_at) from migration)) as at`.execute(db);
  return rows[0]!.at;
}

function titleOf({ kind, title, resolution }: Issue): string {
  if (resolution === 'retracted') return `Taken back: ${title}`;
  return kind === 'incident' ? title : `${kindWords[kind]}: ${title}`;
}

async function readTold(db: Db, componentId: string | null): Promise<Told[]> {
  const issues = await db
    .selectFrom('issue')
    .selectAll()
    .$if(componentId !== null, (query) =>
      query.where('id', 'in', (eb) =>
        eb.selectFrom('issue_component').select('issue_id').where('component_id', '=', componentId),
      ),
    )
    .orderBy('updated_at', 'desc')
    .orderBy('id', 'desc')
    .limit(most.issues)
    .execute();
  const ids = issues.map((issue) => issue.id);
  const anyOf = sql<string>`any(${ids}::text[])`;
  const [updates, edits, parts] = await Promise.all([
    readUpdates(db, ids),
    db
      .selectFrom('issue_edit')
      .select(['issue_id', 'update_id', 'field', 'edited_at', sql<boolean>`was is null`.as('wasNothing')])
      .where('issue_id', '=', anyOf)
      .orderBy('seq', 'desc')
      .limit(most.edits)
      .execute(),
    db
      .selectFrom('issue_component as touch')
      .innerJoin('component', 'component.id', 'touch.component_id')
      .select(['touch.issue_id', 'component.name'])
      .where('touch.issue_id', '=', anyOf)
      .orderBy('touch.position')
      .orderBy('component.name')
      .limit(most.parts)
      .execute(),
  ]);
  return issues.map((issue) => ({
    issue,
    updates: updates.filter((one) => one.issue_id === issue.id),
    edits: edits.filter((one) => one.issue_id === issue.id),
    parts: parts.filter((one) => one.issue_id === issue.id).map((one) => one.name),
  }));
}

type Update = Told['updates'][number] & { issue_id: string };

async function readUpdates(db: Db, ids: string[]): Promise<Update[]> {
  const { rows } = await sql<Update>`
    select said.* from unnest(${ids}::text[]) as one (id) cross join lateral (
      select id, issue_id, status, message, created_at, edited_at from issue_update
      where issue_id = one.id order by created_at desc, seq desc limit ${most.updates + 1}) as said
    order by said.created_at desc`.execute(db);
  return rows;
}
