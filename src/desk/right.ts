import { type Moment, moment } from '../domain/moment.ts';
import { howOftenWords } from '../domain/right.ts';
import { countRight, readRight } from '../reports/read-right.ts';
import { view } from '../views.ts';
import type { DeskPage } from './frame.ts';
import { handledLine, type ReportLine } from './report-lines.ts';
import { type DeskRoute, look, type Visit } from './route.ts';

interface RightPage extends DeskPage {
  text: string;
  lines: (ReportLine & { found: Moment })[];
}

const render = view<RightPage>('desk/right.eta');
const most = 50;

/** How often somebody whom we had told that there is no fault was right. */
export const rightRoutes: DeskRoute[] = [
  look('GET /admin/right', async (visit) => {
    const reports = await readRight(visit.db, most);
    return render({
      desk: visit.desk,
      title: 'They were right',
      here: 'inbox',
      text: await howOften(visit),
      lines: reports.map((report) => ({
        ...handledLine(report, visit.at),
        found: moment(report.was_right_at!),
      })),
    });
  }),
];

/** The same in one sentence. */
export async function howOften({ db, at }: Pick<Visit, 'db' | 'at'>): Promise<string> {
  return howOftenWords(await countRight(db, at));
}
