import { sql } from 'kysely';
import { readCursor, writeCursor } from '../api/cursor.ts';
import type { Db } from '../db.ts';
import { type Moment, moment, momentOrNull } from '../domain/moment.ts';
import { NotFound, Refused } from '../errors.ts';
import type { IssueDraft } from '../hearing-tables.ts';
import { bringBackDraft, dismissDraft, linkDraft } from '../issues/drafts.ts';
import { view } from '../views.ts';
import { draftFacts } from './draft-lines.ts';
import { typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';

interface DraftsPage extends DeskPage {
  /** What was put away and goes on, instead of what waits. */
  away: boolean;
  drafts: {
    id: string;
    title: string;
    message: string;
    standing: string;
    facts: string;
    firing: boolean;
    since: Moment;
    ended: Moment | null;
    link: string | null;
  }[];
  /** Issues it may belong to. */
  open: { id: string; title: string }[];
  next: string | null;
}

const render = view<DraftsPage>('desk/drafts.eta');
const perPage = 30;
const mostOpen = 200;

/** What monitors say, until somebody has looked at it. */
export const draftsRoutes: DeskRoute[] = [
  look('GET /admin/drafts', (visit) => page(visit, visit.query.state === 'away')),
  act('POST /admin/drafts/:id/link', (visit, fields) => {
    const issueId = typedLine(fields, 'issue_id');
    if (issueId === '') throw new Refused('Please choose which issue it belongs to.');
    return visit.change(async (trx) => {
      await linkDraft(trx, idOf(visit), issueId);
      const detail = { alarm: await titleOf(trx, idOf(visit)) };
      return { to: `/admin/issues/${issueId}?said=linked`, about: `issue:${issueId}`, detail };
    });
  }),
  act('POST /admin/drafts/:id/dismiss', (visit) =>
    visit.change(async (trx) => {
      await dismissDraft(trx, idOf(visit));
      const detail = { alarm: await titleOf(trx, idOf(visit)) };
      return { to: '/admin/drafts?said=away', about: `alarm:${idOf(visit)}`, detail };
    }),
  ),
  act('POST /admin/drafts/:id/back', (visit) =>
    visit.change(async (trx) => {
      await bringBackDraft(trx, idOf(visit));
      const detail = { alarm: await titleOf(trx, idOf(visit)) };
      return { to: '/admin/drafts?said=back', about: `alarm:${idOf(visit)}`, detail };
    }),
  ),
];

function idOf({ params }: Visit): string {
  return params.id ?? '';
}

async function titleOf(db: Db, id: string): Promise<string> {
  const draft = await db.selectFrom('issue_draft').select('title').where('id', '=', id).executeTakeFirst();
  if (!draft) throw new NotFound('There is no alarm at this address.');
  return draft.title;
}

async function page({ db, desk, query, at }: Visit, away: boolean): Promise<string> {
  const after = readCursor(query.cursor);
  const rows = await db
    .selectFrom('issue_draft')
    .selectAll()
    .where('state', '=', away ? 'dismissed' : 'new')
    .$if(away, (rest) => rest.where('firing', '=', true))
    .$if(after !== null, (rest) => rest.where(sql<boolean>`(created_at, id) < (${after!.at}, ${after!.id})`))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(perPage + 1)
    .execute();
  const last = rows[perPage - 1];
  const more = rows.length > perPage && last ? writeCursor({ at: last.created_at, id: last.id }) : null;
  return render({
    desk,
    title: away ? 'Alarms put away' : 'Alarms',
    here: 'today',
    away,
    drafts: rows.slice(0, perPage).map((draft) => toCard(draft, at)),
    open: away || rows.length === 0 ? [] : await readOpen(db),
    next: more && `?${new URLSearchParams({ ...(away && { state: 'away' }), cursor: more })}`,
  });
}

function readOpen(db: Db): Promise<{ id: string; title: string }[]> {
  return db
    .selectFrom('issue')
    .select(['id', 'title'])
    .where('resolved_at', 'is', null)
    .orderBy('created_at', 'desc')
    .limit(mostOpen)
    .execute();
}

function toCard(draft: IssueDraft, now: Date): DraftsPage['drafts'][number] {
  const { id, title, message, firing, link } = draft;
  const since = moment(draft.created_at);
  return {
    id,
    title,
    message,
    firing,
    link,
    since,
    ended: momentOrNull(draft.ended_at),
    ...draftFacts(draft, now),
  };
}
