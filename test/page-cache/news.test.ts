import { sql } from 'kysely';
import t from 'tap';
import { newId } from '../../src/ids.ts';
import { onBoth } from '../fixtures/db.ts';
import { addresses, anIssue, reportsOf, until } from '../fixtures/outbox.ts';

onBoth(t, 'what the desk sorts reports by is no news, and what becomes of them is', async (t, base) => {
  const { db } = base;
  const issues = [await anIssue(db), await anIssue(db)] as const;
  const [one, ...others] = await reportsOf(db, issues[0], addresses(20));
  const heard: string[] = [];
  t.teardown(await base.listen('page', (said) => heard.push(said)));
  const saidBy = async (change: Promise<unknown>): Promise<string[]> => {
    heard.length = 0;
    await change;
    const end = `:${newId()}`;
    await sql`select pg_notify('page', ${end})`.execute(db);
    await until(() => heard.includes(end));
    return heard.slice(0, -1).sort();
  };
  const table: [what: string, change: () => Promise<unknown>, news: string[]][] = [
    ['all are put into one group', () => sql`update report set group_id = 'a'`.execute(db), []],
    ['and out of it', () => sql`update report set group_id = null`.execute(db), []],
    [
      'one works, and is in a group since',
      () =>
        sql`update report set group_id = 'b', worked = true, worked_at = now() where id = ${one}`.execute(db),
      [issues[0]],
    ],
    [
      'one is withdrawn',
      () =>
        sql`update report set state = 'withdrawn', withdrawn_at = now() where id = ${others[0]}`.execute(db),
      [issues[0]],
    ],
    [
      'one moves, and leaves its group',
      () =>
        sql`update report set issue_id = ${issues[1]}, group_id = 'c' where id = ${others[1]}`.execute(db),
      [...issues].sort(),
    ],
  ];
  for (const [what, change, news] of table) t.same(await saidBy(change()), news, what);
});
