import cron from 'node-cron';
import { forgetOldKeys } from './api/idempotency.ts';
import type { Database } from './db.ts';
import { CannotStart } from './errors.ts';
import { forgetOldDrafts } from './issues/drafts.ts';
import { keepTimes } from './issues/planned-work.ts';
import { sealRest } from './ledger/seal.ts';
import { sweepCounts } from './ledger/sweep.ts';
import { forgetOldLimits } from './limits.ts';
import { oweNudges } from './notifications/nudge.ts';
import { oweReminders } from './notifications/remind.ts';
import { forgetOldGroups, gatherReports } from './reports/gather-reports.ts';
import { forgetOldSessions } from './staff/sessions.ts';
import { forgetUnconfirmed } from './subscribers/erase-subscription.ts';

export interface Clockwork {
  database: Database;
  notifierCron: string;
  /** Null in a process that serves pages only. */
  poke: (() => void) | null;
  onError: (error: unknown) => void;
}

/** Throws CannotStart for a NOTIFIER_CRON that is none, before anything else is begun. */
export function checkCron(expression: string): void {
  if (!cron.validate(expression)) {
    throw new CannotStart('NOTIFIER_CRON must be a cron expression of five or six fields: */5 * * * * *');
  }
}

/** Every cron line on one page, in UTC; a tick that is still running is not started again. The answer stops them. */
export function startSchedule({ database, notifierCron, poke, onError }: Clockwork): () => void {
  const tasks = scheduleLines({ database, notifierCron, poke }).map(([when, what]) =>
    cron.schedule(when, async () => Promise.resolve(what()).catch(onError), {
      noOverlap: true,
      timezone: 'UTC',
    }),
  );
  return () => {
    for (const task of tasks) void task.stop();
  };
}

/** When what is done; of nothing new each line that comes every minute or oftener asks little and writes nothing. */
export function scheduleLines({
  database,
  notifierCron,
  poke,
}: Omit<Clockwork, 'onError'>): [when: string, what: () => unknown][] {
  return [
    // Mail that has become due: a retry, a lease that ran out, a wake-up that was missed.
    ...(poke ? [[notifierCron, poke] as [string, () => unknown]] : []),
    // What customers said since: alike reports become one group of the inbox.
    ['*/10 * * * * *', () => gatherReports(database.db, new Date())],
    // What was said since gets its number and its hash.
    ['*/10 * * * * *', () => sealRest(database.db)],
    // Who told us, who was told and who says it works goes into the ledger.
    ['15,35,55 * * * * *', () => sweepCounts(database.db, new Date())],
    // Planned work: its reminders, its beginning and its end.
    ['5 * * * * *', () => oweReminders(database.db, new Date())],
    // Promises that run out soon, or have.
    ['35 * * * * *', () => oweNudges(database.db, new Date())],
    ['* * * * *', () => keepTimes(database.db, new Date())],
    ['*/3 * * * *', () => database.checkpoint()],
    ['17 * * * *', () => forgetOldKeys(database.db, new Date())],
    ['47 * * * *', () => forgetOldGroups(database.db, new Date())],
    ['7 * * * *', () => forgetOldDrafts(database.db, new Date())],
    ['27 * * * *', () => forgetOldLimits(database.db, new Date())],
    ['37 * * * *', () => forgetOldSessions(database.db, new Date())],
    ['7 * * * *', () => forgetUnconfirmed(database.db, new Date())],
  ];
}
