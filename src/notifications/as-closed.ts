import type { Db } from '../db.ts';
import type { Draft } from '../domain/words.ts';
import type { IssueMatter, ReporterMatter } from './matter.ts';

/** What the mail that an issue is over would be about, were it closed with this draft at this time; null for no issue. */
export async function asClosed(
  db: Db,
  issueId: string,
  { message, resolution, fixed_for: fixedFor = null }: Draft,
  at: Date,
): Promise<(ReporterMatter & { issue: IssueMatter }) | null> {
  const issue = await db.selectFrom('issue').selectAll().where('id', '=', issueId).executeTakeFirst();
  if (!issue) return null;
  const { id, kind, title, workaround } = issue;
  const status = kind === 'maintenance' ? 'completed' : 'resolved';
  return {
    for: 'reporter',
    reportId: nobodysReport,
    reportedAt: at,
    verdict: null,
    answer: null,
    answeredAt: null,
    issue: { id, kind, title, status, workaround, resolution, resolvedAt: at, nextUpdateAt: null, fixedFor },
    cameFrom: null,
    other: null,
    update: { status, message },
    subscriberId: null,
    uses: [],
    wentOn: false,
    toldSome: false,
    toldBefore: null,
  };
}

/** An id as reports have it, of none. */
const nobodysReport = '000000000000';
