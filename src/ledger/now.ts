import { sql } from 'kysely';
import type { Db } from '../db.ts';
import type { Counts } from '../domain/counts.ts';
import type { WholeComponent, WholeIssue } from '../domain/ledger.ts';
import { readCountsNow } from './count.ts';
import type { Head } from './seal.ts';

/** One line of `/ledger/now.jsonl`: what the page says now of one thing, for everybody to hold against the ledger. */
export type NowLine =
  | ({ type: 'head' } & Head)
  | ({ type: 'component'; component_id: string } & WholeComponent)
  | ({ type: 'issue'; issue_id: string } & WholeIssue)
  | ({ type: 'counts'; issue_id: string } & Counts)
  /** The last; without it the rest is missing. */
  | { type: 'end'; components: number; issues: number };

/** One thing alone, by its id. */
export interface Wanted {
  issue?: string | undefined;
  component?: string | undefined;
}

const atOnce = 100;

/**
 * What the page says now, some at a time, so that a long history takes no memory and blocks nobody. It is no snapshot:
 * whoever finds something said meanwhile asks again for that one thing.
 */
export async function* readNow(db: Db, head: Head, { issue, component }: Wanted = {}) {
  yield [{ type: 'head', ...head }] satisfies NowLine[];
  const said = { components: 0, issues: 0 };
  if (issue === undefined)
    for await (const ids of pagesOf(db, 'component', component)) {
      const lines = await readComponents(db, ids);
      said.components += lines.length;
      yield lines;
    }
  if (component === undefined)
    for await (const ids of pagesOf(db, 'issue', issue)) {
      const lines = await readIssues(db, ids);
      said.issues += lines.length / 2;
      yield lines;
    }
  yield [{ type: 'end', ...said }] satisfies NowLine[];
}

async function* pagesOf(db: Db, table: 'component' | 'issue', only?: string): AsyncGenerator<string[]> {
  if (only !== undefined) return yield [only];
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom(table)
      .select('id')
      .where('id', '>', after)
      .orderBy('id')
      .limit(atOnce)
      .execute();
    if (rows.length === 0) return;
    yield rows.map(({ id }) => id);
    after = rows.at(-1)!.id;
  }
}

async function readComponents(db: Db, ids: string[]): Promise<NowLine[]> {
  const { rows } = await sql<{ id: string; whole: WholeComponent }>`
    select id, ledger_component(id) as whole from component where id = any(${ids}::text[]) order by id`.execute(
    db,
  );
  return rows.map(({ id, whole }) => ({ type: 'component', component_id: id, ...whole }));
}

/** Two lines for each: what is said of it, and what is counted. */
async function readIssues(db: Db, ids: string[]): Promise<NowLine[]> {
  const { rows } = await sql<{ id: string; whole: WholeIssue }>`
    select id, ledger_issue(id) as whole from issue where id = any(${ids}::text[]) order by id`.execute(db);
  const counts = await readCountsNow(db, ids);
  return rows.flatMap(({ id, whole }): NowLine[] => {
    const { underWay: _, ...counted } = counts.get(id)!;
    return [
      { type: 'issue', issue_id: id, ...whole },
      { type: 'counts', issue_id: id, ...counted },
    ];
  });
}
