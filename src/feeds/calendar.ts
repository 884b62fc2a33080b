import ical, {
  ICalCalendarMethod,
  ICalEventBusyStatus,
  ICalEventStatus,
  ICalEventTransparency,
} from 'ical-generator';
import { sql } from 'kysely';
import type { Db } from '../db.ts';
import { standingWords } from '../domain/labels.ts';
import { cleanLine, cleanText } from '../domain/text.ts';
import type { Issue } from '../tables.ts';

const day = 86_400_000;
const most = 200;

type Work = Issue & { said: string | null; parts: string[] };

/** Planned work ahead, under way, and of the last 30 days as done or cancelled, as iCalendar (RFC 5545), and where the ledger stands. */
export async function maintenanceCalendar(
  db: Db,
  { baseUrl, pageName }: { baseUrl: string; pageName: string },
  ledger: { seq: number; hash: string } | null,
  now: Date,
): Promise<string> {
  const { hostname } = new URL(baseUrl);
  const calendar = ical({
    prodId: { company: 'Candor', product: 'Candor', language: 'EN' },
    name: escaped(`${pageName}: planned work`),
    method: ICalCalendarMethod.PUBLISH,
    url: `${baseUrl}/maintenance.ics`,
    ttl: 3600,
    ...(ledger && { x: { 'X-CANDOR-LEDGER': `${ledger.seq} ${ledger.hash}` } }),
  });
  for (const work of await readWorks(db, now)) {
    const { start, end } = timesOf(work);
    calendar.createEvent({
      id: `${work.id}@${hostname}`,
      sequence: work.revision,
      stamp: work.updated_at,
      created: work.created_at,
      lastModified: work.updated_at,
      start,
      ...(end ? { end } : {}),
      summary: cleanLine(`${pageName}: ${work.title}`),
      description: describe(work, end),
      url: `${baseUrl}/issues/${work.id}`,
      status: isOff(work) ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      transparency: ICalEventTransparency.TRANSPARENT,
      busystatus: ICalEventBusyStatus.FREE,
    });
  }
  return `${calendar.toString()}\r\n`;
}

/** The library escapes the texts of events, but not those of the calendar. */
function escaped(text: string): string {
  return cleanLine(text).replace(/[\\;,]/g, '\\$&');
}

/** Work of which no time is known has no place in a calendar. */
async function readWorks(db: Db, now: Date): Promise<Work[]> {
  return db
    .selectFrom('issue')
    .selectAll()
    .select((eb) => [
      eb
        .selectFrom('issue_update')
        .select('message')
        .whereRef('issue_id', '=', 'issue.id')
        .orderBy('created_at', 'desc')
        .orderBy('seq', 'desc')
        .limit(1)
        .as('said'),
      sql<string[]>`array(select component.name from issue_component as touch
        join component on component.id = touch.component_id
        where touch.issue_id = issue.id order by touch.position, component.name)`.as('parts'),
    ])
    .where('kind', '=', 'maintenance')
    .where((eb) =>
      eb.or([eb('resolved_at', 'is', null), eb('resolved_at', '>', new Date(now.getTime() - 30 * day))]),
    )
    .where((eb) => eb.or([eb('scheduled_for', 'is not', null), eb('status', '<>', 'scheduled')]))
    .orderBy(sql`coalesce(scheduled_for, started_at)`, 'desc')
    .orderBy('id')
    .limit(most)
    .execute();
}

/** As planned until it is over; then until it really ended. */
function timesOf(work: Work): { start: Date; end: Date | null } {
  const start = work.scheduled_for ?? work.started_at;
  const end = isOff(work) ? work.scheduled_until : (work.resolved_at ?? work.scheduled_until);
  return { start, end: end && end > start ? end : null };
}

/** Whether it did not take place, or not under this name. */
function isOff({ resolution, resolved_at, scheduled_for }: Work): boolean {
  if (resolution === 'duplicate' || resolution === 'retracted') return true;
  return resolved_at !== null && scheduled_for !== null && resolved_at < scheduled_for;
}

function describe(work: Work, end: Date | null): string {
  const standing =
    isOff(work) && work.resolution === 'fixed' ? 'It ended before it was to begin' : standingWords(work);
  return cleanText(
    [
      `${standing}.${end ? '' : ' No end is set yet.'}`,
      work.parts.length > 0 && `It touches: ${work.parts.join(', ')}.`,
      work.said,
    ]
      .filter(Boolean)
      .join('\n\n'),
  );
}
