import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import t from 'tap';
import { onBoth } from './fixtures/db.ts';

onBoth(t, 'src/tables.ts says what the migrated database has', async (t, { db }) => {
  const { rows } = await sql<{ table_name: string; column_name: string; nullable: boolean }>`
    select table_name, column_name, is_nullable = 'YES' as nullable
    from information_schema.columns where table_schema = 'public' order by 1, 2`.execute(db);
  const real: Record<string, Record<string, boolean>> = {};
  for (const { table_name, column_name, nullable } of rows) {
    real[table_name] ??= {};
    real[table_name][column_name] = nullable;
  }
  t.same(written(), real);
});

/** The tables as the type file writes them: name → column → may be null. */
function written(): Record<string, Record<string, boolean>> {
  const text = ['tables.ts', 'desk-tables.ts', 'hearing-tables.ts', 'delivery-tables.ts', 'proof-tables.ts']
    .map((name) => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8'))
    .join('\n');
  const listed = /export interface Tables \{([^}]*)\}/.exec(text)![1]!;
  return Object.fromEntries(
    [...listed.matchAll(/(\w+): (\w+);/g)].map(([, table, type]) => {
      const body = new RegExp(`export interface ${type} \\{([^}]*)\\}`).exec(text)![1]!;
      const columns = [...body.matchAll(/^ {2}(\w+): (.*);$/gm)].map(([, name, kind]) => [
        name!,
        /\| null\b|<string \| null>|ColumnType<unknown/.test(kind!),
      ]);
      return [table!, Object.fromEntries(columns)];
    }),
  );
}
