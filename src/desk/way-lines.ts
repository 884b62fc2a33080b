import type { Db } from '../db.ts';
import { excerpt } from '../domain/text.ts';
import { durationWords } from '../domain/times.ts';
import { helpedWords } from '../domain/ways-around.ts';
import type { WorkaroundState } from '../domain/words.ts';
import { familyOf } from '../merged.ts';

/** A way around that a customer offered, as the desk's lists show it. */
export interface WayLine {
  id: string;
  /** The first words of it. */
  words: string;
  standing: string;
  waits: boolean;
  issue: { id: string; title: string };
}

const most = 100;

/** How many offers wait for staff; those that came with spam do not. */
export async function countWaitingWays(db: Db): Promise<number> {
  const { count } = await waitingWays(db)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The offers that wait, the longest waiting first. */
export async function readWaitingWays(db: Db, now: Date): Promise<WayLine[]> {
  const rows = await waitingWays(db)
    .innerJoin('issue', 'issue.id', 'workaround.issue_id')
    .select(['workaround.id', 'offered', 'body', 'workaround.state', 'issue.id as issue_id', 'issue.title'])
    .select('workaround.created_at')
    .orderBy('workaround.created_at')
    .limit(most)
    .execute();
  return rows.map((row) => toLine({ ...row, helped: 0 }, now));
}

/** What customers offered for an issue, and for those that are the same: what waits first, then what is published. */
export async function waysOfIssue(db: Db, issueId: string, now: Date): Promise<WayLine[]> {
  const rows = await db
    .selectFrom('workaround')
    .innerJoin('issue', 'issue.id', 'workaround.issue_id')
    .leftJoin('report', 'report.id', 'workaround.report_id')
    .select(['workaround.id', 'offered', 'body', 'workaround.state', 'issue.id as issue_id', 'issue.title'])
    .select('workaround.created_at')
    .select((eb) =>
      eb
        .selectFrom('workaround_help')
        .select(eb.fn.countAll<number>().as('helped'))
        .whereRef('workaround_id', '=', 'workaround.id')
        .as('helped'),
    )
    .where('issue.id', 'in', await familyOf(db, issueId))
    .where((eb) =>
      eb.or([
        eb('workaround.state', '=', 'published'),
        eb.and([
          eb('workaround.state', '=', 'offered'),
          eb.or([eb('report.state', 'is', null), eb('report.state', '<>', 'spam')]),
        ]),
      ]),
    )
    .orderBy('workaround.state')
    .orderBy('workaround.created_at')
    .limit(most)
    .execute();
  return rows.map((row) => toLine({ ...row, helped: Number(row.helped ?? 0) }, now));
}

function waitingWays(db: Db) {
  return db
    .selectFrom('workaround')
    .leftJoin('report', 'report.id', 'workaround.report_id')
    .where('workaround.state', '=', 'offered')
    .where((eb) => eb.or([eb('report.state', 'is', null), eb('report.state', '<>', 'spam')]));
}

interface Row {
  id: string;
  offered: string | null;
  body: string | null;
  state: WorkaroundState;
  issue_id: string;
  title: string;
  created_at: Date;
  helped: number;
}

function toLine(row: Row, now: Date): WayLine {
  const waits = row.state === 'offered';
  return {
    id: row.id,
    words: excerpt((waits ? row.offered : row.body) ?? '', 120),
    standing: waits
      ? `waiting for ${durationWords(now.getTime() - row.created_at.getTime())}`
      : `on the page. ${helpedWords(row.helped)}`.trim(),
    waits,
    issue: { id: row.issue_id, title: row.title },
  };
}
