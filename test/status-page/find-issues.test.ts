import { sql } from 'kysely';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { readWords } from '../../src/domain/match.ts';
import { findForEach, findIssues } from '../../src/status-page/find-issues.ts';
import { onBoth } from '../fixtures/db.ts';
import { people, shop } from '../fixtures/shop.ts';

onBoth(t, 'the issue a customer means is among the first five, whatever she types', async (t, { db }) => {
  await fill(db);
  let first = 0;
  for (const [asks, wants] of people) {
    const found = await findIssues(db, asks, { limit: 5 });
    t.ok(
      found.some(({ id }) => id === idOf(wants)),
      `${asks} → ${wants}`,
      { found: found.map(({ title, score }) => `${score} ${title}`) },
    );
    if (found[0]?.id === idOf(wants)) first++;
    t.ok(
      found.every(({ score }, i) => score >= 0 && score <= (found[i - 1]?.score ?? 1)),
      'best first, 0 to 1',
    );
  }
  t.ok(first >= people.length - 3, `nearly always it is the first: ${first} of ${people.length}`);
});

onBoth(t, 'many texts at once find nearly what each finds alone', async (t, { db }) => {
  await fill(db);
  const found = await findForEach(
    db,
    people.map(([asks]) => asks),
    { limit: 3 },
  );
  const right = people.filter(([, wants], n) => found[n]!.some(({ id }) => id === idOf(wants)));
  const missed = people.filter((one) => !right.includes(one)).map(([asks]) => asks);
  t.ok(right.length >= people.length - 2, `found ${right.length} of ${people.length}`, { missed });
  t.same(await findForEach(db, [], {}), []);
  t.same(await findForEach(db, ['', '\0'], {}), [[], []]);
});

onBoth(t, 'what has nothing to do with us finds nothing, or next to nothing', async (t, { db }) => {
  await fill(db);
  for (const asks of [
    'asdfgh qwerty',
    'the of and',
    'pizza margherita with olives',
    'xyzzy',
    'lorem ipsum dolor',
  ]) {
    t.ok((await findIssues(db, asks, { limit: 50 })).length <= 1, asks);
  }
  t.ok(
    (await findIssues(db, 'the file', { limit: 50 })).length < shop.length / 2,
    'a common word is not everything',
  );
});

onBoth(t, 'no text makes it throw or work for long', async (t, { db }) => {
  await fill(db);
  const hostile = [
    '',
    ' ',
    '\0',
    'ex\0port',
    '\ud800',
    'a\udfffb',
    '😀😀',
    "'); drop table issue; --",
    "export' & !('",
    ':* | <-> !!',
    '\\',
    '~',
    '~export',
    '%_%',
  ];
  for (const asks of hostile) await t.resolves(findIssues(db, asks), JSON.stringify(asks));
  const long = [
    'a'.repeat(65_536),
    'export '.repeat(9_362),
    '\ud800'.repeat(65_536),
    'é/'.repeat(32_768),
    '日'.repeat(65_536),
    "'".repeat(65_536),
    randomWords(65_536),
  ];
  for (const asks of long) {
    const start = performance.now();
    await findIssues(db, asks);
    const took = performance.now() - start;
    t.ok(took < 1_000, `${asks.slice(0, 10)}… took ${Math.round(took)} ms`); // bench/match.ts measures; a busy machine must not fail
  }
});

onBoth(
  t,
  'an open issue stands before a resolved one of like rank, not before a much better one',
  async (t, { db }) => {
    await fill(db);
    await add(db, 'export2', 'The export gives an empty file', 'Exports to CSV finish without rows.');
    await resolve(db, 'export');
    const found = await findIssues(db, 'export gives empty file');
    t.equal(found[0]!.id, idOf('export2'));
    t.equal(found[1]!.id, idOf('export'));
    t.ok(found[1]!.resolved_at);
    await resolve(db, 'export2');
    t.match(
      (await findIssues(db, 'export gives empty file'))[0]!.title,
      /^The export/,
      'better than any open one',
    );
    const open = await findIssues(db, 'export gives empty file', { openOnly: true });
    t.ok(open.every(({ resolved_at }) => resolved_at === null));
  },
);

onBoth(t, 'the index follows whatever is written', async (t, { db }) => {
  const ids = async (asks: string) => (await findIssues(db, asks)).map(({ id }) => id);
  const now = new Date();
  await fill(db);
  await db
    .updateTable('issue')
    .set({ title: 'Gazelles jump the fence' })
    .where('id', '=', idOf('export'))
    .execute();
  t.same(await ids('gazelle'), [idOf('export')], 'a new title');
  await db
    .updateTable('issue')
    .set({ workaround: 'Use the flumboxer' })
    .where('id', '=', idOf('tax'))
    .execute();
  t.same(await ids('flumboxer'), [idOf('tax')], 'a new workaround');
  const update = { id: idOf('more'), issue_id: idOf('card'), status: 'identified' as const, created_at: now };
  await db
    .insertInto('issue_update')
    .values({ ...update, message: 'It is the zirconium gateway.' })
    .execute();
  t.same(await ids('zirconium'), [idOf('card')], 'a new update');
  await db
    .updateTable('issue_update')
    .set({ message: 'It is the palladium gateway.' })
    .where('id', '=', idOf('more'))
    .execute();
  t.same(await ids('zirconium'), [], 'an edited update: gone');
  t.same(await ids('paladium'), [idOf('card')], 'an edited update: there, and known to the lexicon');
  await db.deleteFrom('issue_update').where('id', '=', idOf('more')).execute();
  t.same(await ids('palladium'), []);
  await db.deleteFrom('issue').where('id', '=', idOf('export')).execute();
  t.same(await ids('gazelle'), []);

  const { rows } = await miscounted(db);
  t.same(rows, [], 'every count in the lexicon is the true one');
});

onBoth(t, 'many who write at once lose no word and miscount none', async (t, { db }) => {
  await fill(db);
  const posts = Array.from({ length: 40 }, (_, i) => ({
    id: idOf(`post${i}`),
    issue_id: idOf(shop[i % 4]![0]),
    status: 'investigating' as const,
    message: `zebra okapi unicorn${'abcdefghij'[i % 10]}${'klmn'[i % 4]} ${i % 2 ? 'yak gnu' : 'gnu yak'}`,
    created_at: new Date(),
  }));
  await Promise.all(posts.map((post) => db.insertInto('issue_update').values(post).execute()));
  t.same((await findIssues(db, 'zebra okapi', { limit: 50 })).length, 4);
  await add(db, 'last', 'One more', 'which takes in what was left to count');
  const { rows } = await miscounted(db);
  t.same(rows, []);
});

onBoth(t, 'a report is never searched', async (t, { db }) => {
  await fill(db);
  await db
    .insertInto('report')
    .values({
      id: idOf('mine'),
      issue_id: idOf('card'),
      state: 'linked',
      source: 'form',
      message: 'my secret is xylophone',
      created_at: new Date(),
      linked_at: new Date(),
    })
    .execute();
  t.same(await findIssues(db, 'xylophone'), []);
});

onBoth(t, 'the database and the ground floor split words alike', async (t, { db }) => {
  for (const text of [
    'getUser.name of FooBar2Baz',
    'log-in 1.2.3 v10',
    'don’t e-mail C++ a_b',
    'Größe ПриветМир',
    'x日本y テスト.jp',
    '/var/log/app.log',
    'ABCDef "quoted" (x)',
    'é́ a\u00a0b …',
  ]) {
    const { words, names } = readWords(text);
    const { rows } = await sql<{ ours: string; theirs: string }>`
      select search_stems(${text})::text as theirs, (select array_to_tsvector(coalesce(array_agg(distinct stem), '{}'))::text from (
        select unnest(tsvector_to_array(to_tsvector('pg_catalog.english', word))) as stem from unnest(${words}::text[]) as word
        union select unnest(${names}::text[])) as each) as ours`.execute(db);
    t.equal(rows[0]!.ours, rows[0]!.theirs, text);
  }
});

/** Entries of the lexicon that do not say what is true. */
function miscounted(db: Db) {
  return sql`
    with true_count as (select search_entry(stem) as word, count(*)::integer as documents
      from issue_search, unnest(tsvector_to_array(words) || ''::text) as each (stem) group by 1),
    counted as (select word::text, documents from search_word where word <> ' ')
    (select * from counted except select * from true_count)
    union all (select * from true_count except select * from counted)`.execute(db);
}

async function fill(db: Db): Promise<void> {
  for (const [id, title, message, workaround] of shop) await add(db, id, title, message, workaround);
}

async function add(db: Db, id: string, title: string, message: string, workaround?: string): Promise<void> {
  const now = new Date();
  await db
    .insertInto('issue')
    .values({
      id: idOf(id),
      kind: 'bug',
      title,
      status: 'investigating',
      impact: 'minor',
      workaround: workaround ?? null,
      started_at: now,
      created_at: now,
      updated_at: now,
    })
    .execute();
  await db
    .insertInto('issue_update')
    .values({ id: idOf(id), issue_id: idOf(id), status: 'investigating', message, created_at: now })
    .execute();
}

async function resolve(db: Db, id: string): Promise<void> {
  await db
    .updateTable('issue')
    .set({ status: 'resolved', resolved_at: new Date() })
    .where('id', '=', idOf(id))
    .execute();
}

function idOf(name: string): string {
  return name.padStart(12, '0');
}

function randomWords(length: number): string {
  let text = '';
  for (let i = 0; text.length < length; i++)
    text += `${((i * 7_919) % 999_983).toString(36).replace(/\d/g, 'q')} `;
  return text;
}
