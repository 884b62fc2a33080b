import { listAnswer, readCursor } from '../api/cursor.ts';
import { cleanLine } from '../domain/text.ts';
import { gatherReports } from '../reports/gather-reports.ts';
import { readHandled, searchReports } from '../reports/read-handled.ts';
import { asset } from '../shell.ts';
import { view } from '../views.ts';
import type { DeskPage } from './frame.ts';
import { type GroupShown, listGroups } from './inbox-groups.ts';
import { handledLine, type ReportLine } from './report-lines.ts';
import { howOften } from './right.ts';
import { type DeskRoute, look, type Visit } from './route.ts';
import { type DeedSaid, deedSaid } from './undo.ts';

const shows = { new: 'New', linked: 'Linked', answered: 'Answered', spam: 'Spam' } as const;
type Show = keyof typeof shows;

interface InboxPage extends DeskPage {
  show: Show | 'found';
  tabs: { href: string; label: string; current: boolean }[];
  q: string;
  deed: DeedSaid | null;
  /** How often what we answered was wrong; empty but on the list of what we answered. */
  right: string;
  groups: GroupShown[];
  lines: ReportLine[];
  next: string | null;
  /** When the page was made: what came later is not part of a step taken on it. */
  seen: string;
  script: string;
}

const render = view<InboxPage>('desk/inbox.eta');
const script = asset('inbox.js');
const perPage = 50;
const gatherMost = 100; // what a visitor waits for; the schedule gathers the rest

/** What customers said and nobody has handled yet, alike ones together; and what was handled. */
export const inboxRoutes: DeskRoute[] = [
  look('GET /admin/inbox', async (visit) => {
    const { db, desk, at, query } = visit;
    const q = cleanLine(query.q?.slice(0, 300) ?? '');
    const show = q ? 'found' : showOf(query.show);
    const list = show === 'new' ? await waiting(visit) : await handled(visit, show, q);
    return render({
      desk,
      title: 'Inbox',
      here: 'inbox',
      show,
      tabs: (Object.keys(shows) as Show[]).map((one) => ({
        href: one === 'new' ? '/admin/inbox' : `/admin/inbox?show=${one}`,
        label: shows[one],
        current: one === show,
      })),
      q,
      deed: query.deed ? await deedSaid(db, query.deed, at, goneOf(query.gone)) : null,
      right: show === 'answered' ? await howOften(visit) : '',
      ...list,
      seen: at.toISOString(),
      script,
    });
  }),
];

async function waiting({ db, at, query }: Visit) {
  await gatherReports(db, at, { most: gatherMost });
  const { groups, next } = await listGroups(db, at, { cursor: query.cursor, matched: true });
  return { groups, lines: [], next: next && `/admin/inbox?cursor=${next}` };
}

async function handled({ db, at, query }: Visit, show: Exclude<Show, 'new'> | 'found', q: string) {
  const rows =
    show === 'found'
      ? await searchReports(db, q, perPage)
      : await readHandled(db, { state: show, limit: perPage, after: readCursor(query.cursor) });
  const lines = rows.slice(0, perPage).map((row) => handledLine(row, at));
  const { next_cursor } = listAnswer(rows, perPage, lines);
  return { groups: [], lines, next: next_cursor && `/admin/inbox?show=${show}&cursor=${next_cursor}` };
}

function showOf(given: string | undefined): Show {
  return (Object.keys(shows) as Show[]).find((one) => one === given) ?? 'new';
}

function goneOf(given: string | undefined): number {
  return /^\d{1,5}$/.test(given ?? '') ? Number(given) : 0;
}
