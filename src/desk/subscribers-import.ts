import type { Db, Trx } from '../db.ts';
import { excerpt } from '../domain/text.ts';
import { Refused, Trouble } from '../errors.ts';
import { addSubscribers, type Outcome } from '../subscribers/add-subscribers.ts';
import { subscribersAt } from '../subscribers/read-subscribers.ts';
import { readTable, type TableLine, unusedColumns } from '../subscribers/read-table.ts';
import { view } from '../views.ts';
import { typedLine } from './fields.ts';
import type { DeskPage } from './frame.ts';
import { listIn } from './list-in.ts';
import { act, type DeskRoute, type Fields, look, type Visit } from './route.ts';

interface ImportPage extends DeskPage {
  section: 'subscribers';
  list: string;
  error: string;
  /** Columns of the table that say nothing to us, as words; empty where there are none. */
  unused: string;
  /** What bringing in the table would do; null before it was tried. */
  trial: (Counts & { lines: { line: number; email: string; what: string }[]; more: number }) | null;
}

interface Counts {
  added: number;
  asked: number;
  there: number;
  left: number;
  rejected: number;
  suppressed: number;
}

/** A line of the table with what became of it. */
type Done = TableLine & Pick<Outcome, 'did' | 'reason'> & { suppressed: boolean };

const render = view<ImportPage>('desk/subscribers-import.eta');
const mostShown = 300;

/** Subscribers that another system knew, with the proof that they agreed. */
export const subscribersImportRoutes: DeskRoute[] = [
  look('GET /admin/subscribers/import', (visit) => page(visit, {})),
  act('POST /admin/subscribers/import', bringIn, 4 * 1024 * 1024),
];

async function bringIn(visit: Visit, fields: Fields) {
  let list = '';
  try {
    list = listIn(fields);
    const lines = await readTable(visit.db, list);
    if (lines.length === 0) throw new Refused('There is nobody in it.');
    if (typedLine(fields, 'do') !== 'add') {
      return { page: page(visit, { list, unused: unusedColumns(list), done: await tryOut(visit, lines) }) };
    }
    return await visit.change(async (trx) => {
      const { suppressed: _, ...detail } = count(await addLines(trx, visit, lines));
      const { added, asked } = detail;
      return {
        to: `/admin/subscribers?${new URLSearchParams({ added: `${added}`, asked: `${asked}` })}`,
        detail,
      };
    });
  } catch (error) {
    if (!(error instanceof Trouble) || error.status !== 400) throw error;
    return { page: { html: page(visit, { list, error: error.message }), status: 400 } };
  }
}

async function addLines(trx: Trx, { links, at }: Visit, lines: TableLine[]): Promise<Done[]> {
  const readable = lines.filter((one) => one.entry !== null);
  const entries = readable.map((one) => one.entry);
  const outcomes = await addSubscribers(trx, entries, { bucket: links.bucket, source: 'list' }, at);
  const of = new Map(outcomes.map(({ index, did, reason }) => [readable[index]!, { did, reason }]));
  const mute = await mutedAmong(trx, readable);
  return lines.map((one) => ({
    ...one,
    ...(of.get(one) ?? { did: 'rejected' as const, reason: one.reason }),
    suppressed: mute.has(one.email.trim().toLowerCase()),
  }));
}

async function mutedAmong(db: Db | Trx, lines: TableLine[]): Promise<Set<string>> {
  const found = await subscribersAt(
    db,
    lines.map((one) => one.email.trim()),
  );
  return new Set(found.filter((one) => one.suppressed !== null).map((one) => one.email_key));
}

class OnlyTried extends Error {}

/** What bringing them in would do, found out by doing it and taking it back. */
async function tryOut(visit: Visit, lines: TableLine[]): Promise<Done[]> {
  let done: Done[] | undefined;
  await visit.db
    .transaction()
    .execute(async (trx) => {
      done = await addLines(trx, visit, lines);
      throw new OnlyTried();
    })
    .catch((error) => {
      if (!(error instanceof OnlyTried)) throw error;
    });
  return done!;
}

function count(done: Done[]): Counts {
  const of = (did: Outcome['did']) => done.filter((one) => one.did === did).length;
  return {
    added: of('added'),
    asked: of('asked'),
    there: of('there'),
    left: of('left'),
    rejected: of('rejected'),
    suppressed: done.filter((one) => one.suppressed && ['added', 'asked'].includes(one.did)).length,
  };
}

function page(
  { desk }: Visit,
  given: { list?: string; error?: string; unused?: string[]; done?: Done[] },
): string {
  const { list = '', error = '', unused = [], done } = given;
  return render({
    desk,
    title: 'Bring in subscribers',
    here: 'settings',
    section: 'subscribers',
    list,
    error,
    unused: unused.map((name) => `“${name}”`).join(', '),
    trial: done ? { ...count(done), ...linesOf(done) } : null,
  });
}

/** What is out of the ordinary comes first. */
function linesOf(done: Done[]) {
  const ranked = [...done].sort((a, b) => ranks.indexOf(a.did) - ranks.indexOf(b.did) || a.line - b.line);
  const lines = ranked.slice(0, mostShown).map((one) => ({
    line: one.line,
    email: excerpt(one.email, 254),
    what: `${whatOf(one)}${one.suppressed ? ' All the same no mail goes to this address.' : ''}`,
  }));
  return { lines, more: done.length - lines.length };
}

const ranks: Outcome['did'][] = ['rejected', 'left', 'there', 'asked', 'added'];

function whatOf({ did, reason, entry }: Done): string {
  switch (did) {
    case 'added':
      return `Hears from us at once, by the consent of ${String(entry?.consented_at).slice(0, 10)}.`;
    case 'asked':
      return 'Is asked by mail first: the table names no consent.';
    case 'there':
      return reason
        ? 'Stands in the table further up, and that line counts.'
        : 'Is there already, and stays as it is.';
    case 'left':
      return 'Left before, and stays away.';
    default:
      return `Cannot be taken: ${reason.replace(/^email: /, '').replace(/\.$/, '')}.`;
  }
}
