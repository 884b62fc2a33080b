import type { Db } from '../db.ts';
import { impactWords } from '../domain/labels.ts';
import { type Moment, momentOrNull } from '../domain/moment.ts';
import { durationWords } from '../domain/times.ts';
import type { IssueDraft } from '../hearing-tables.ts';

/** How an alarm stands, in words. */
export function draftFacts(draft: IssueDraft, now: Date): { standing: string; facts: string } {
  const until = draft.ended_at ?? now;
  const lasted = durationWords(until.getTime() - draft.created_at.getTime());
  const times = draft.times === 1 ? 'came once' : `came ${draft.times.toLocaleString('en')} times`;
  const impact = draft.impact === 'none' ? impactWords.none : `${impactWords[draft.impact]} impact`;
  return {
    standing: draft.firing ? `Going on for ${lasted}` : `Over after ${lasted}`,
    facts: [`from ${draft.source}`, times, impact].join(' · '),
  };
}

/** An alarm that an issue was opened from, as the issue's desk shows it. */
export interface AlarmLine {
  id: string;
  title: string;
  source: string;
  firing: boolean;
  ended: Moment | null;
  link: string | null;
}

/** The alarms that belong to an issue, those that go on first. */
export async function alarmsOf(db: Db, issueId: string): Promise<AlarmLine[]> {
  const rows = await db
    .selectFrom('issue_draft')
    .select(['id', 'title', 'source', 'firing', 'ended_at', 'link'])
    .where('issue_id', '=', issueId)
    .where('state', '=', 'opened')
    .orderBy('firing', 'desc')
    .orderBy('created_at', 'desc')
    .limit(20)
    .execute();
  return rows.map(({ ended_at, ...row }) => ({ ...row, ended: momentOrNull(ended_at) }));
}

/** How many alarms wait for a look; at most 99 are counted. */
export async function countWaitingDrafts(db: Db): Promise<number> {
  const { waiting } = await db
    .selectFrom(db.selectFrom('issue_draft').select('id').where('state', '=', 'new').limit(99).as('newest'))
    .select((eb) => eb.fn.countAll<number>().as('waiting'))
    .executeTakeFirstOrThrow();
  return Number(waiting);
}
