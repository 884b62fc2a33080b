import { sql } from 'kysely';
import { listAnswer, readCursor } from '../api/cursor.ts';
import { cleanLine } from '../domain/text.ts';
import { findIssues } from '../status-page/find-issues.ts';
import { view } from '../views.ts';
import type { DeskPage } from './frame.ts';
import { type IssueLine, lineColumns, toLines } from './issue-lines.ts';
import { type DeskRoute, look, type Visit } from './route.ts';

interface IssuesPage extends DeskPage {
  q: string;
  open: boolean;
  lines: IssueLine[];
  next: string | null;
}

const render = view<IssuesPage>('desk/issues.eta');
const perPage = 50;

/** Every issue, open ones first asked for, or found by words. */
export const issuesRoutes: DeskRoute[] = [
  look('GET /admin/issues', async (visit) => {
    const q = cleanLine(visit.query.q?.slice(0, 1_000) ?? '');
    const open = visit.query.state !== 'closed';
    const { lines, next } = q === '' ? await list(visit, open) : { lines: await find(visit, q), next: null };
    return render({ desk: visit.desk, title: 'Issues', here: 'issues', q, open, lines, next });
  }),
];

async function list({ db, at, query }: Visit, open: boolean) {
  const after = readCursor(query.cursor);
  const rows = await db
    .selectFrom('issue')
    .select(lineColumns)
    .where('resolved_at', open ? 'is' : 'is not', null)
    .$if(after !== null, (q) => q.where(sql<boolean>`(created_at, id) < (${after!.at}, ${after!.id})`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(perPage + 1)
    .execute();
  const lines = await toLines(db, rows.slice(0, perPage), at);
  const { next_cursor } = listAnswer(rows, perPage, lines);
  const state: Record<string, string> = open ? {} : { state: 'closed' };
  return { lines, next: next_cursor && `?${new URLSearchParams({ ...state, cursor: next_cursor })}` };
}

async function find({ db, at }: Visit, q: string): Promise<IssueLine[]> {
  const ids = (await findIssues(db, q, { limit: 20, mistakes: true })).map((one) => one.id);
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('issue').select(lineColumns).where('id', 'in', ids).execute();
  return toLines(
    db,
    rows.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)),
    at,
  );
}
