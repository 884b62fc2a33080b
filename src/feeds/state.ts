import { sql } from 'kysely';
import { type ComponentNow, readComponents } from '../components-now.ts';
import type { Db } from '../db.ts';
import { brokenWords, inShort, isFault } from '../domain/headline.ts';
import { componentMark, componentWords, type Mark } from '../domain/labels.ts';
import { cleanLine } from '../domain/text.ts';
import { NotFound } from '../errors.ts';

const most = 10;

/** How everything stands, or one component, in a few words for a badge. Throws NotFound for one that is not there. */
export async function inShortNow(
  db: Db,
  componentId: string | null,
): Promise<{ name: string | null; mark: Mark; words: string }> {
  const components = await readComponents(db);
  if (componentId !== null) {
    const one = components.find((component) => component.id === componentId);
    if (!one) throw new NotFound(noComponent);
    return { name: one.name, mark: componentMark(one.status), words: componentWords[one.status] };
  }
  const { incidents, works, bugs } = await readOpen(db);
  const now = { incidents: incidents.length, works: works.length, bugs: bugs.length };
  return { name: null, ...inShort({ ...now, components: components.map((one) => one.status) }) };
}

export const noComponent = 'We know of no part of our service at this address.';

/** What somebody else's page shows of ours. */
export interface Notice {
  state: 'fine' | 'planned_work' | 'broken';
  /** Whose service it is. */
  page: string;
  /** Plain text, one line. */
  headline: string;
  /** Where to read more. */
  url: string;
}

/** What is wrong right now, in one line with a link. A known bug alone is no reason for a notice. */
export async function noticeNow(
  db: Db,
  { baseUrl, pageName }: { baseUrl: string; pageName: string },
): Promise<Notice> {
  const [open, components] = await Promise.all([readOpen(db), readComponents(db)]);
  const { state, headline, issueId } = whatIsWrong(open, components);
  return {
    state,
    page: cleanLine(pageName),
    headline: cleanLine(headline),
    url: issueId ? `${baseUrl}/issues/${issueId}` : `${baseUrl}/`,
  };
}

type Wrong = Pick<Notice, 'state' | 'headline'> & { issueId?: string };

function whatIsWrong({ incidents, works }: OpenIssues, components: ComponentNow[]): Wrong {
  const [incident] = incidents;
  if (incidents.length > 1)
    return { state: 'broken', headline: `${brokenWords(incidents.length)} right now` };
  if (incident) return { state: 'broken', headline: incident.title, issueId: incident.id };
  const faulty = components.filter((one) => isFault(one.status));
  if (faulty.length > 0) {
    return {
      state: 'broken',
      headline: partsWords(faulty, (one) => `${one.name}: ${componentWords[one.status]}`),
    };
  }
  const [work] = works;
  if (work) return { state: 'planned_work', headline: `Planned work: ${work.title}`, issueId: work.id };
  const touched = components.filter((one) => one.status !== 'operational');
  if (touched.length > 0) {
    return { state: 'planned_work', headline: partsWords(touched, (one) => `Planned work: ${one.name}`) };
  }
  return { state: 'fine', headline: 'We know of nothing that is down' };
}

function partsWords(parts: ComponentNow[], words: (one: ComponentNow) => string): string {
  const [first, ...others] = parts;
  return others.length === 0 ? words(first!) : `${words(first!)}, and ${others.length} more`;
}

type OpenIssues = Record<'incidents' | 'works' | 'bugs', Open[]>;

interface Open {
  id: string;
  title: string;
}

async function readOpen(db: Db): Promise<OpenIssues> {
  const open = db
    .selectFrom('issue')
    .select(['id', 'title'])
    .where('resolved_at', 'is', null)
    .where('status', '<>', 'scheduled')
    .orderBy(sql`array_position(array['critical', 'major', 'minor', 'none'], impact)`)
    .orderBy('started_at', 'desc')
    .orderBy('id')
    .limit(most);
  const [incidents, works, bugs] = await Promise.all([
    open.where('kind', '=', 'incident').execute(),
    open.where('kind', '=', 'maintenance').execute(),
    open.where('kind', '=', 'bug').limit(1).execute(),
  ]);
  return { incidents, works, bugs };
}
