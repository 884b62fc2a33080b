import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Kind, Status } from '../domain/lifecycle.ts';
import { nudges, promiseState } from '../domain/promise.ts';
import { nearWords, utcLong } from '../domain/times.ts';
import { countPeople } from '../people.ts';
import type { Delivery } from '../tables.ts';
import { view } from '../views.ts';
import type { Page } from './email-model.ts';
import { type Foot, footOf } from './foot.ts';
import { type Written, writeLetter } from './letter.ts';
import { countListeners } from './listeners.ts';
import type { NudgeMatter, Unwanted } from './matter.ts';

/**
 * Of the reminder of a promise: what it is about, or why it must not go: the promise was kept, moved or dropped
 * meanwhile, or has run out, of which another one tells.
 */
export async function wantedNudge(
  db: Db,
  { event, issue_id, staff_id }: Pick<Delivery, 'event' | 'issue_id' | 'staff_id'>,
  now: Date,
): Promise<NudgeMatter | Unwanted> {
  const [, , time, which] = event.split(':');
  const nudge = nudges.find((one) => one === which);
  const row = await read(db, issue_id, staff_id);
  if (!row || !nudge) return cancelled('the issue is gone');
  if (row.promised_at?.getTime() !== Number(time)) return cancelled('the promise was kept, moved or dropped');
  if (nudge === 'soon' && promiseState(row.promised_at, now) === 'overdue')
    return cancelled('it has run out since, and another reminder says so');
  if (staff_id !== null && !row.nudged) return cancelled('the account is closed or wants no reminders');
  const { id, kind, title, status, message, said_at } = row;
  return {
    for: 'nudge',
    nudge,
    promisedAt: row.promised_at!,
    issue: { id, kind, title, status },
    people: (await countPeople(db, [id])).get(id) ?? 0,
    listeners: await countListeners(db, id),
    last: message === null ? null : { message, at: said_at! },
  };
}

interface Row {
  id: string;
  kind: Kind;
  title: string;
  status: Status;
  promised_at: Date | null;
  message: string | null;
  said_at: Date | null;
  nudged: boolean;
}

async function read(db: Db, issueId: string | null, staffId: string | null): Promise<Row | undefined> {
  const { rows } = await sql<Row>`
    select issue.id, kind, title, issue.status, next_update_at as promised_at,
      said.message, said.created_at as said_at,
      exists (select from staff where staff.id = ${staffId} and nudges and disabled_at is null
        and role in ('support', 'owner')) as nudged
    from issue left join lateral (
      select message, created_at from issue_update
      where issue_id = issue.id order by created_at desc, seq desc limit 1) said on true
    where issue.id = ${issueId}`.execute(db);
  return rows[0];
}

interface NudgeModel extends Foot {
  page: string;
  lapsed: boolean;
  title: string;
  by: string;
  /** The time alone, for the subject. */
  clock: string;
  near: string;
  /** Who waits for it, in a sentence; empty: nobody whom we know. */
  whom: string;
  last: { message: string; at: string } | null;
  links: { desk: string; me: string };
}

const render = view<NudgeModel>('emails/nudge');

/** Writes it. `owedAt` is when the reminder was due: however often it is tried, it says the same. */
export function writeNudge(page: Page, matter: NudgeMatter, owedAt: Date): Written {
  const { nudge, issue, promisedAt, people, listeners, last } = matter;
  const by = utcLong(promisedAt);
  return writeLetter((words) =>
    render({
      ...footOf(page, words),
      page: words.line(page.pageName),
      lapsed: nudge === 'lapsed',
      title: words.line(issue.title),
      by,
      clock: by.replace(/^.*, /, ''),
      near: nearWords(promisedAt.getTime() - owedAt.getTime()),
      whom: whomWords(people, listeners),
      last: last && { message: words.block(last.message), at: utcLong(last.at) },
      links: { desk: `${page.baseUrl}/admin/issues/${issue.id}`, me: `${page.baseUrl}/admin/me` },
    }),
  );
}

function whomWords(people: number, listeners: number): string {
  const told = people === 1 ? 'One person told us about it' : `${people} people told us about it`;
  const follow = listeners === 1 ? 'follows it by mail' : 'follow it by mail';
  if (listeners === 0) return people === 0 ? '' : `${told}.`;
  const who = listeners === 1 ? 'one' : String(listeners);
  return people === 0
    ? `${listeners === 1 ? 'One' : listeners} ${follow}.`
    : `${told}, and ${who} more ${follow}.`;
}

function cancelled(reason: string): Unwanted {
  return { state: 'cancelled', reason };
}
