import { cleanLine } from '../domain/text.ts';
import { Conflict, NotFound, Refused } from '../errors.ts';
import { linkAnswered } from '../reports/link-report.ts';
import { readReport, readReports } from '../reports/read-handled.ts';
import { soundsLike } from '../reports/read-right.ts';
import { view } from '../views.ts';
import { typedLine } from './fields.ts';
import { findIssue } from './find-issue.ts';
import type { DeskPage } from './frame.ts';
import { afterStep, tickedIn } from './group-chosen.ts';
import { handledLine, type ReportLine } from './report-lines.ts';
import { type MatchShown, matchesFor } from './report-matches.ts';
import { act, type DeskRoute, look, type Visit } from './route.ts';

interface AfterAllPage extends DeskPage {
  id: string;
  line: ReportLine;
  matches: MatchShown[];
  q: string;
  error: string;
}

interface SoundsLikePage extends DeskPage {
  id: string;
  heading: string;
  lines: ReportLine[];
  error: string;
}

const renderOne = view<AfterAllPage>('desk/after-all.eta');
const renderMany = view<SoundsLikePage>('desk/sounds-like.eta');
const most = 50;
const id = /^[0-9a-z]{12}$/;

/** Reports that we had answered turn out to be about an issue: from the report, or from the issue. */
export const afterAllRoutes: DeskRoute[] = [
  look('GET /admin/inbox/:group/after-all', (visit) => afterAllPage(visit)),
  act('POST /admin/inbox/:group/after-all', async (visit, fields) => {
    const issueId = typedLine(fields, 'issue_id');
    if (!id.test(issueId)) {
      return {
        page: { html: await afterAllPage(visit, 'Please choose the issue that it is.'), status: 400 },
      };
    }
    return link(visit, [visit.params.group ?? ''], issueId);
  }),
  look('GET /admin/issues/:id/answered', (visit) => soundsLikePage(visit)),
  act('POST /admin/issues/:id/answered', async (visit, fields) => {
    const issue = await findIssue(visit);
    const ticked = tickedIn(fields);
    if (ticked.length > most) throw new Refused('These are more reports than the page had.');
    if (ticked.length === 0) {
      return { page: { html: await soundsLikePage(visit, 'Please tick those that it is.'), status: 400 } };
    }
    return link(visit, ticked, issue.id);
  }),
];

/** How many reports that we had answered sound like an issue: 0 to 50. */
export async function countAlike({ db, at }: Pick<Visit, 'db' | 'at'>, issueId: string): Promise<number> {
  return (await soundsLike(db, issueId, at, most)).length;
}

function link(visit: Visit, ids: string[], issueId: string) {
  return visit.change(async (trx) => {
    const step = await linkAnswered(trx, ids, issueId, visit.staff, visit.at);
    return {
      to: afterStep(step),
      about: `issue:${issueId}`,
      detail: { reports: step.taken.length, deed: step.deedId },
    };
  });
}

/** Throws NotFound, and Conflict for a report that does not stand as answered. */
async function afterAllPage(visit: Visit, error = ''): Promise<string> {
  const { db, desk, at, query, params } = visit;
  const report = await readReport(db, params.group ?? '');
  if (!report) throw new NotFound('There is no report at this address.');
  if (report.state !== 'answered')
    throw new Conflict('This report does not stand as answered any more: see what became of it.');
  const q = cleanLine(query.q?.slice(0, 300) ?? '');
  const [matches = []] = await matchesFor(db, [q || (report.message ?? '').slice(0, 300)], q ? 10 : 5);
  return renderOne({
    desk,
    title: 'About a known issue after all',
    here: 'inbox',
    id: report.id,
    line: handledLine(report, at),
    matches,
    q,
    error,
  });
}

async function soundsLikePage(visit: Visit, error = ''): Promise<string> {
  const { db, desk, at } = visit;
  const issue = await findIssue(visit);
  const ids = await soundsLike(db, issue.id, at, most);
  const reports = await readReports(db, ids);
  return renderMany({
    desk,
    title: 'Answered before, and alike',
    here: 'issues',
    id: issue.id,
    heading: issue.title,
    lines: reports
      .sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
      .map((report) => handledLine(report, at)),
    error,
  });
}
