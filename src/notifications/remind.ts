import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { oweNews } from './owe-news.ts';

const hour = 3_600_000;
/** How long before planned work its reminders go out. */
const leads = { day: 24 * hour, hour };

/**
 * Owes subscribers and webhooks the reminders of planned work, a day and an hour before. Work that was announced later
 * than that needs no reminder of it; work that is moved is reminded of anew. Calling twice, or in several processes at
 * once, owes each once. Answers how many reminders were begun.
 */
export async function oweReminders(db: Db, now: Date): Promise<number> {
  let begun = 0;
  for (const [name, lead] of Object.entries(leads)) {
    const until = new Date(now.getTime() + lead);
    const { rows } = await sql<{ id: string; scheduled_for: Date }>`
      select id, scheduled_for from issue
      where kind = 'maintenance' and status = 'scheduled' and remind
        and scheduled_for > ${now} and scheduled_for <= ${until}
        and created_at < scheduled_for - ${lead / 1000} * interval '1 second'
        and not exists (select from delivery where event = ${eventOf(name)})
      order by scheduled_for limit 50`.execute(db);
    for (const { id, scheduled_for } of rows) {
      const occasion = `${name}:${scheduled_for.getTime()}`;
      await db
        .transaction()
        .execute((trx) => oweNews(trx, { template: 'reminder', issueId: id, updateId: null, occasion }, now));
    }
    begun += rows.length;
  }
  return begun;
}

function eventOf(name: string) {
  return sql`concat('reminder:', issue.id, ':', ${name}::text, ':', (extract(epoch from issue.scheduled_for) * 1000)::bigint)`;
}
