import { readComponents } from '../components-now.ts';
import type { Db } from '../db.ts';
import { componentMark, componentWords, type Mark } from '../domain/labels.ts';
import { NotFound } from '../errors.ts';
import type { Page, Shell } from '../shell.ts';
import { view } from '../views.ts';
import { type BadDay, type Bars, badDays, barsOf } from './bars.ts';
import { historyOf } from './component-history.ts';
import { type Row, rowColumns, toRows } from './issue-rows.ts';

interface ComponentPage extends Page {
  id: string;
  name: string;
  group: string | null;
  about: string | null;
  mark: Mark;
  words: string;
  bars: Bars;
  bad: BadDay[];
  open: Row[];
  past: Row[];
}

const render = view<ComponentPage>('component.eta');
const mostRows = 25;

/** One part of the service: how it stands, how it stood in the last 90 days, and what was wrong. Throws NotFound. */
export async function componentPage(db: Db, shell: Shell, id: string, now: Date): Promise<string> {
  const one = (await readComponents(db)).find((component) => component.id === id);
  if (!one) throw new NotFound('We know of no part of the service at this address.');
  const [history, issues] = await Promise.all([historyOf(db, [one], now), readIssues(db, id)]);
  const uptime = history.get(id)!;
  const rows = await toRows(db, issues, now);
  return render({
    shell,
    title: one.name,
    description: `How ${one.name} stands, and how it stood in the last 90 days.`,
    canonical: `/components/${id}`,
    feedsAt: `/components/${id}`,
    id,
    name: one.name,
    group: one.group_name,
    about: one.description,
    mark: componentMark(one.status),
    words: componentWords[one.status],
    bars: barsOf(uptime),
    bad: badDays(uptime.days),
    open: rows.filter((row) => row.open),
    past: rows.filter((row) => !row.open),
  });
}

function readIssues(db: Db, componentId: string) {
  return db
    .selectFrom('issue')
    .select(rowColumns)
    .where('id', 'in', (eb) =>
      eb.selectFrom('issue_component').select('issue_id').where('component_id', '=', componentId),
    )
    .orderBy('started_at', 'desc')
    .orderBy('id')
    .limit(mostRows)
    .execute();
}
