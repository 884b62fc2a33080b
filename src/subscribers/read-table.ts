import { instant } from '../api/fields.ts';
import type { Db, Trx } from '../db.ts';
import { excerpt } from '../domain/text.ts';
import { Refused } from '../errors.ts';
import { type Columns, names, readCsv, unknownColumns } from '../read-csv.ts';

/** One line of a table: somebody as the API takes her, or why she cannot be understood. */
export interface TableLine {
  line: number;
  email: string;
  entry: Record<string, unknown> | null;
  reason: string;
}

/** The columns of such a table of which we make nothing. Throws Refused for a table that is none. */
export function unusedColumns(text: string): string[] {
  return unknownColumns(text, columns).map((name) => excerpt(name, 60));
}

export const mostLines = 10_000;

const columns: Columns<
  'email' | 'consented_at' | 'consent_source' | 'components' | 'incidents_only' | 'hears' | 'state'
> = {
  email: 'email',
  'e-mail': 'email',
  'email address': 'email',
  consented_at: 'consented_at',
  consent_source: 'consent_source',
  components: 'components',
  incidents_only: 'incidents_only',
  hears: 'hears',
  state: 'state',
};

/**
 * Reads a table of subscribers: its first line names the columns email, consented_at, consent_source, components (their
 * names, with semicolons between) and incidents_only. Throws Refused for a table that is none, and for more than 10,000.
 */
export async function readTable(db: Db | Trx, text: string): Promise<TableLine[]> {
  if (text.trim() === '') throw new Refused('There is nothing in this list.');
  if (!names(text, columns, 'email')) {
    throw new Refused(
      'The first line must name the columns: email, consented_at, consent_source, components, incidents_only.',
    );
  }
  const lines = readCsv(text, columns, mostLines);
  if (lines.length > mostLines)
    throw new Refused(
      `These are more than ${mostLines.toLocaleString('en')} lines. Please bring them in parts.`,
    );
  const parts = await db.selectFrom('component').select(['id', 'name']).execute();
  const ids = new Map(parts.map(({ id, name }) => [name.toLowerCase(), id]));
  return lines.map(({ line, cells }) => ({ line, email: cells.email ?? '', ...readLine(cells, ids) }));
}

function readLine(
  cells: Partial<Record<(typeof columns)[string], string>>,
  ids: Map<string, string>,
): Pick<TableLine, 'entry' | 'reason'> {
  const { email = '', state = 'active', hears, consented_at, consent_source } = cells;
  if (state !== 'active')
    return not(`the table says “${excerpt(state, 60)}”, and only who hears from you can be brought along`);
  const wanted = (cells.components ?? '')
    .split(';')
    .map((one) => one.trim())
    .filter(Boolean);
  const unknown = wanted.find((one) => !ids.has(one.toLowerCase()));
  if (unknown !== undefined) return not(`there is no component called “${excerpt(unknown, 60)}”`);
  const incidentsOnly = yesOrNo(cells.incidents_only ?? 'no');
  if (incidentsOnly === null) return not('incidents_only: must be yes or no');
  const agreedAt = consented_at === undefined ? undefined : instantOf(consented_at);
  if (agreedAt === null)
    return not(`consented_at says “${excerpt(consented_at!, 60)}”. Write the day like 2025-02-01`);
  const components = wanted.map((one) => ids.get(one.toLowerCase())!);
  const entry = {
    email,
    incidents_only: incidentsOnly,
    ...(components.length > 0 && { components }),
    ...(hears !== undefined && { hears }),
    ...(agreedAt !== undefined && { consented_at: agreedAt }),
    ...(consent_source !== undefined && { consent_source }),
  };
  return { entry, reason: '' };
}

function not(reason: string) {
  return { entry: null, reason };
}

function yesOrNo(cell: string): boolean | null {
  if (/^(yes|y|true|1|x)$/i.test(cell)) return true;
  return /^(no|n|false|0|-)$/i.test(cell) ? false : null;
}

/** A time as tables have it, with the day alone or a space in it, in UTC where no zone is named; null where it is none. */
function instantOf(cell: string): string | null {
  const [, day, time = '00:00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))? ?(Z|[+-]\d\d:\d\d|UTC)?$/.exec(cell) ?? [];
  if (day === undefined) return null;
  const text = `${day}T${time.length === 5 ? `${time}:00` : time}${zone === 'UTC' ? 'Z' : zone}`;
  return instant.safeParse(text).success ? text : null;
}
