import { listAnswer, readCursor } from '../api/cursor.ts';
import { cleanLine } from '../domain/text.ts';
import { NotFound } from '../errors.ts';
import { readWaiting } from '../reports/choose-reports.ts';
import { linkReports } from '../reports/link-report.ts';
import { markSpam } from '../reports/mark-spam.ts';
import { readGroup } from '../reports/read-groups.ts';
import { readReport } from '../reports/read-handled.ts';
import { view } from '../views.ts';
import { typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { afterStep, chosenIn, reportQuery, tickedIn } from './group-chosen.ts';
import { type GroupShown, matchText, showOne } from './inbox-groups.ts';
import { handledLine, lineOf, type ReportLine } from './report-lines.ts';
import { type MatchShown, matchesFor } from './report-matches.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';

interface GroupPage extends DeskPage {
  id: string;
  /** Null for one report that was handled already. */
  group: GroupShown | null;
  /** The group that a single report belongs to, with more in it. */
  partOf: string | null;
  lines: ReportLine[];
  matches: MatchShown[];
  q: string;
  error: string;
  seen: string;
  next: string | null;
}

const render = view<GroupPage>('desk/group.eta');
const perPage = 50;

/** One group of alike reports, or one report: every word of it, and what can be done with all or with some. */
export const groupRoutes: DeskRoute[] = [
  look('GET /admin/inbox/:group', (visit) => groupPage(visit)),
  act('POST /admin/inbox/:group/link', async (visit, fields) => {
    const { group = '' } = visit.params;
    if (typedLine(fields, 'do') === 'acknowledge') {
      return { page: { redirect: `/admin/inbox/${group}/acknowledge${reportQuery(tickedIn(fields))}` } };
    }
    const issueId = typedLine(fields, 'issue_id');
    if (!/^[0-9a-z]{12}$/.test(issueId)) {
      const error = 'Please choose the issue that it is.';
      return { page: { html: await groupPage(visit, error), status: 400 } };
    }
    return visit.change(async (trx) => {
      const step = await linkReports(trx, await chosenIn(trx, visit, fields), issueId, visit.staff, visit.at);
      const detail = { reports: step.taken.length, deed: step.deedId };
      return { to: afterStep(step), about: `issue:${issueId}`, detail };
    });
  }),
  act('POST /admin/inbox/:group/spam', (visit, fields) =>
    visit.change(async (trx) => {
      const step = await markSpam(trx, await chosenIn(trx, visit, fields), visit.staff, visit.at);
      const detail = { reports: step.taken.length, deed: step.deedId };
      return { to: afterStep(step), about: `report:${step.taken[0]}`, detail };
    }),
  ),
];

async function groupPage(visit: Visit, error = ''): Promise<string> {
  const { db, desk, at, query, params } = visit;
  const id = params.group ?? '';
  const q = cleanLine(query.q?.slice(0, 300) ?? '');
  const group = await readGroup(db, id);
  const rows = await readWaiting(db, id, { limit: perPage + 1, after: readCursor(query.cursor) });
  const shown = group && (await showOne(db, group, at));
  const own = group ? null : await readReport(db, id);
  if (!group && !own) throw new NotFound('There is no report at this address.');
  const waits = rows.length > 0;
  const lines = waits ? rows.slice(0, perPage).map(lineOf) : own ? [handledLine(own, at)] : [];
  const text = q || (group ? matchText(group) : (own?.message ?? '').slice(0, 300));
  const [matches] = waits ? await matchesFor(db, [text], q ? 10 : 3) : [[]];
  const { next_cursor } = listAnswer(rows, perPage, lines);
  return render({
    desk,
    title: shown?.headline ?? 'One report',
    here: 'inbox',
    id,
    group: shown,
    partOf: !group && waits ? (own?.group_id ?? null) : null,
    lines,
    matches: matches ?? [],
    q,
    error,
    seen: at.toISOString(),
    next:
      next_cursor && `/admin/inbox/${id}?${new URLSearchParams({ cursor: next_cursor, ...(q && { q }) })}`,
  });
}
