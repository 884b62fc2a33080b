import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { gatheredWords } from '../domain/gathered.ts';
import { durationWords } from '../domain/times.ts';
import { gatherReports } from '../reports/gather-reports.ts';
import { readLongestWaiting } from '../reports/read-groups.ts';
import { view } from '../views.ts';
import { type DoubtedLine, doubtedToday } from './doubts.ts';
import { countWaitingDrafts } from './draft-lines.ts';
import type { DeskPage } from './frame.ts';
import { type IssueLine, lineColumns, toLines } from './issue-lines.ts';
import { type DeskRoute, look } from './route.ts';
import { countWaitingWays } from './way-lines.ts';

interface TodayPage extends DeskPage {
  /** What monitors say and nobody has looked at. */
  alarms: number;
  /** Offers of customers that nobody has read. */
  ways: number;
  overdue: IssueLine[];
  due: IssueLine[];
  doubted: DoubtedLine[];
  oldest: IssueLine[];
  groups: { id: string; headline: string; since: string }[];
  /** How many more wait than are shown. */
  more: number;
  noMailServer: boolean;
  /** Issues some of whose mails failed in the last week. */
  failing: { id: string; title: string; failed: number; waiting: number }[];
}

const render = view<TodayPage>('desk/today.eta');
const few = 5;
const week = 7 * 86_400_000;

/** What is to be done: promises first, then who waits, then what lies about for longest. */
export const todayRoutes: DeskRoute[] = [
  look('GET /admin', async (visit) => {
    const { db, desk, at } = visit;
    const promised = await readPromised(db, at);
    return render({
      desk,
      title: 'Today',
      here: 'today',
      alarms: await countWaitingDrafts(db),
      ways: await countWaitingWays(db),
      overdue: promised.filter((line) => line.promise?.overdue),
      due: promised.filter((line) => !line.promise?.overdue).slice(0, few),
      doubted: await doubtedToday(visit),
      oldest: await readOldest(db, at),
      ...(await readWaiting(db, at)),
      noMailServer: desk.shell.mailsToFiles,
      failing: await readFailing(db, at),
    });
  }),
];

async function readPromised(db: Db, now: Date): Promise<IssueLine[]> {
  const rows = await db
    .selectFrom('issue')
    .select(lineColumns)
    .where('resolved_at', 'is', null)
    .where('next_update_at', 'is not', null)
    .orderBy('next_update_at')
    .limit(50)
    .execute();
  return toLines(db, rows, now);
}

async function readWaiting(db: Db, now: Date): Promise<Pick<TodayPage, 'groups' | 'more'>> {
  await gatherReports(db, now, { most: 100 }); // what came in the last seconds; the schedule gathers the rest
  const { groups, more } = await readLongestWaiting(db, few);
  const lines = groups.map((group) => ({
    id: group.id,
    headline: gatheredWords(group, group.issueId !== null),
    since: durationWords(now.getTime() - group.first.getTime()),
  }));
  return { groups: lines, more };
}

async function readOldest(db: Db, now: Date): Promise<IssueLine[]> {
  const rows = await db
    .selectFrom('issue')
    .select(lineColumns)
    .where('resolved_at', 'is', null)
    .where('status', '<>', 'scheduled')
    .orderBy('started_at')
    .limit(few)
    .execute();
  return toLines(db, rows, now);
}

async function readFailing(db: Db, now: Date): Promise<TodayPage['failing']> {
  const { rows } = await sql<TodayPage['failing'][number]>`
    select issue.id, issue.title, failed, waiting from (
      select issue_id, count(*) filter (where state = 'failed') as failed,
        count(*) filter (where state = 'queued') as waiting
      from (
        select issue_id, state from delivery
        where state = 'failed' and webhook_id is null and template <> 'nudge' and ended_at > ${new Date(now.getTime() - week)}
        union all
        (select issue_id, state from delivery where state = 'queued' and webhook_id is null and template <> 'nudge'
          and not waits_for_fix order by created_at limit 20000)) as open
      where issue_id is not null group by issue_id) as mails
    join issue on issue.id = mails.issue_id
    order by failed desc, waiting desc limit ${few}`.execute(db);
  return rows;
}
