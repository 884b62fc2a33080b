import { type RawBuilder, sql } from 'kysely';
import t, { type Test } from 'tap';
import type { Database, Db } from '../../src/db.ts';
import type { Tables } from '../../src/tables.ts';
import type { Finding } from '../../src/verify/finding.ts';
import { verify } from '../../src/verify/verify.ts';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';
import { at, behindOurBack, keepTable, type Said, sayALittleOfEverything } from '../fixtures/said.ts';

// Each table of the database, changed by somebody who has it in his hands: what is public is found and named.

/** Why nothing public stands in them. */
const isPrivate: Partial<Record<keyof Tables, string>> = {
  figures_kept: 'what was counted of the ledger so far; whoever doubts /promise counts /ledger.jsonl anew',
  api_token: 'who may call us',
  audit: 'what staff did, for staff',
  consent: 'what a subscriber agreed to',
  deed: 'what staff can take back, for a while',
  deed_report: 'the same, report by report',
  idempotency: 'answers of the last hours to programs of ours',
  issue_draft: 'what a monitor said, before anybody says it in public',
  issue_search: 'words by which the search finds a page; it says nothing that the page does not',
  search_word: 'the same, counted',
  search_change: 'the same, not yet counted',
  migration: 'what was done to the tables',
  note: 'what staff tell each other',
  quota: 'limits of the last hours',
  report_group: 'reports that look alike, for staff',
  sending: 'whether mail goes out',
  setting: 'keys and marks of our own',
  staff: 'who works here',
  staff_link: 'links to come in',
  staff_session: 'who is signed in',
  subscriber: 'who wants to hear',
  subscriber_component: 'of which parts',
  subscriber_issue: 'of which issues',
  suppression: 'where no mail goes',
  webhook: 'where programs hear',
  wording: 'words that staff begin with; what they say with them is stated',
  workaround_help: 'how many pressed “this helped me”: a count that promises nothing, and is not stated',
};

/** A column that somebody sets otherwise, and the thing and the field that must be named. */
interface Change {
  to: RawBuilder<unknown>;
  where: (said: Said) => RawBuilder<unknown>;
  of: keyof Said;
  field: string;
}

const change = (to: RawBuilder<unknown>, where: Change['where'], of: keyof Said, field: string): Change => ({
  to,
  where,
  of,
  field,
});
const issue =
  (of: keyof Said, column = 'id') =>
  (said: Said) =>
    sql`${sql.ref(column)} = ${said[of]}`;
const other = sql`'zzzzzzzzzzzz'`;
const later = (column: string) => sql`${sql.ref(column)} + interval '1 hour'`;
const earlier = (column: string) => sql`${sql.ref(column)} - interval '1 hour'`;
const reworded = (said: Said) => sql`issue_id = ${said.publish} and edited_at is not null`;
const words = sql`'It was never said so.'`;
const conditions = sql`'[{"trait":"plan","any_of":["gold"]}]'::jsonb`;
const edits = (said: Said) => sql`issue_id = ${said.publish} and field = 'title'`;
const changeIn = (said: Said) => sql`issue_id = ${said.publish} and component_id = ${said.shop}`;
const ann = (said: Said) => sql`issue_id = ${said.cards} and email = 'ann@customers.example'`;
const mailTo = (name: string) => (said: Said) =>
  sql`issue_id = ${said.cards} and template = 'resolved' and address = ${`${name}@customers.example`}`;

/** Every column of every table with something public: set otherwise, or why it says nothing in public. */
const columns: Partial<Record<keyof Tables, Record<string, Change | string>>> = {
  issue: {
    id: change(other, issue('move'), 'move', ''),
    kind: change(sql`'incident'`, issue('publish'), 'publish', 'kind'),
    title: change(words, issue('publish'), 'publish', 'title'),
    status: change(sql`'investigating'`, issue('publish'), 'publish', 'status'),
    impact: change(sql`'none'`, issue('cards'), 'cards', 'impact'),
    workaround: change(words, issue('publish'), 'publish', 'workaround'),
    resolution: change(sql`'wont_fix'`, issue('cards'), 'cards', 'resolution'),
    next_update_at: change(later('next_update_at'), issue('publish'), 'publish', 'next_update_at'),
    started_at: change(later('started_at'), issue('publish'), 'publish', 'started_at'),
    scheduled_for: change(earlier('scheduled_for'), issue('move'), 'move', 'scheduled_for'),
    scheduled_until: change(later('scheduled_until'), issue('move'), 'move', 'scheduled_until'),
    resolved_at: change(earlier('resolved_at'), issue('cards'), 'cards', 'resolved_at'),
    created_at: change(later('created_at'), issue('publish'), 'publish', 'created_at'),
    merged_into: change(sql`null`, issue('same'), 'same', 'merged_into'),
    affected: change(conditions, issue('publish'), 'publish', 'affected'),
    fixed_for: change(sql`null`, issue('cards'), 'cards', 'fixed_for'),
    return_of: change(sql`null`, issue('again'), 'again', 'return_of'),
    monitoring_at: 'repeats when an update was posted, for programs that read Statuspage',
    updated_at: 'when anything changed; nothing is said by it',
    source: 'where it was imported from',
    revision: 'counts changes, for staff who write at the same time',
    auto_start: 'what the clock shall do for us; what it says then is stated',
    auto_complete: 'the same',
    remind: 'the same',
    doubts_seen: 'what staff have seen',
  },
  issue_update: {
    id: change(other, reworded, 'publish', 'updates'),
    issue_id: change(other, reworded, 'publish', 'updates'),
    status: change(sql`'monitoring'`, reworded, 'publish', 'updates'),
    message: change(words, reworded, 'publish', 'updates'),
    created_at: change(earlier('created_at'), reworded, 'publish', 'updates'),
    edited_at: change(sql`null`, reworded, 'publish', 'updates'),
    seq: 'orders what was said in one and the same millisecond',
    source: 'where it was imported from',
    notify: 'who is told of it',
  },
  issue_edit: {
    issue_id: change(other, edits, 'publish', 'edits'),
    update_id: change(other, edits, 'publish', 'edits'),
    field: change(sql`'impact'`, edits, 'publish', 'edits'),
    was: change(words, edits, 'publish', 'edits'),
    edited_at: change(later('edited_at'), edits, 'publish', 'edits'),
    seq: 'orders them',
  },
  issue_component: {
    issue_id: change(other, changeIn, 'publish', 'components'),
    component_id: change(other, changeIn, 'publish', 'components'),
    status: change(sql`'operational'`, changeIn, 'publish', 'components'),
    position: change(sql`-1`, changeIn, 'publish', 'components.order'),
    said_at: change(earlier('said_at'), changeIn, 'publish', 'components'),
  },
  component: {
    id: change(other, issue('shop'), 'shop', ''),
    name: change(words, issue('editor'), 'editor', 'name'),
    description: change(words, issue('editor'), 'editor', 'description'),
    group_name: change(words, issue('editor'), 'editor', 'group'),
    status: change(sql`'operational'`, issue('editor'), 'editor', 'status'),
    status_set_at: change(later('status_set_at'), issue('editor'), 'editor', 'set_at'),
    position: 'where it stands on the page',
    source: 'where it was imported from',
    created_at: 'for programs that read Statuspage; nothing is said by it',
    updated_at: 'the same',
  },
  component_change: {
    id: change(other, changeIn, 'publish', 'component_changes'),
    component_id: change(other, changeIn, 'publish', 'component_changes'),
    issue_id: change(sql`null`, changeIn, 'publish', 'component_changes'),
    old_status: change(sql`'major_outage'`, changeIn, 'publish', 'component_changes'),
    new_status: change(sql`'operational'`, changeIn, 'publish', 'component_changes'),
    at: change(later('at'), changeIn, 'publish', 'component_changes'),
    update_id: 'beside which update programs show it; that it happened, and when, is held',
    seq: 'orders them',
  },
  workaround: {
    id: change(other, issue('publish', 'issue_id'), 'publish', 'workarounds'),
    issue_id: change(other, issue('publish', 'issue_id'), 'publish', 'workarounds'),
    state: change(sql`'offered'`, issue('publish', 'issue_id'), 'publish', 'workarounds'),
    body: change(words, issue('publish', 'issue_id'), 'publish', 'workarounds'),
    report_id: 'who found it',
    offered: 'her words, for staff',
    credit: 'her name, which goes when she wishes; no person stands in the ledger',
    created_at: 'when she offered it',
    published_at: 'orders them; when it was published is in the ledger',
    ended_at: 'when staff declined it or took it off',
  },
  report: {
    issue_id: change(sql`(select id from issue where title = 'We move')`, ann, 'cards', 'people'),
    state: change(sql`'spam'`, ann, 'cards', 'people'),
    email: change(sql`'bob@customers.example'`, ann, 'cards', 'people'),
    created_at: change(later('created_at'), issue('cards', 'issue_id'), 'cards', 'first_report_at'),
    worked: change(sql`false`, ann, 'cards', 'works'),
    worked_at: change(earlier('worked_at'), ann, 'cards', 'works'),
    was_right_at:
      'a sum on /promise; each time is stated, but not held against the reports, as the README says',
    ...Object.fromEntries(
      'id source name message page_url verdict answer linked_at answered_at withdrawn_at worked_comment group_id merged_from traits code_hash email_key stands'
        .split(' ')
        .map((column) => [
          column,
          'hers and ours alone, or made from the others; what is public of it is counted',
        ]),
    ),
  },
  delivery: {
    state: change(sql`'cancelled'`, mailTo('ann'), 'cards', 'sent'),
    template: change(sql`'update'`, mailTo('bob'), 'cards', 'owed'),
    update_id: change(sql`null`, mailTo('cleo'), 'cards', 'owed'),
    report_id: change(sql`null`, mailTo('ann'), 'cards', 'owed'),
    ended_at: change(earlier('ended_at'), mailTo('dora'), 'cards', 'last_sent_at'),
    created_at: change(later('created_at'), mailTo('dora'), 'cards', 'last_sent_at'),
    ...Object.fromEntries(
      'id event issue_id address address_key domain message_id reason attempts maybe_delivered last_error due_at lease_token lease_until subscriber_id webhook_id component_change_id staff_id ledger_seq waits_for_fix reached_at for_some other_issue_id staff_link_id draft again_at bounced_at'
        .split(' ')
        .map((column) => [column, 'one person’s mail; what is public of it is counted']),
    ),
  },
  ledger: {
    at: change(later('at'), () => sql`seq = 5`, 'publish', '5'),
    type: change(sql`'issue_merged'`, () => sql`seq = 5`, 'publish', '5'),
    issue_id: change(other, () => sql`seq = 5`, 'publish', '5'),
    body: change(sql`body || '{"message":"Other words."}'`, () => sql`seq = 5`, 'publish', '5'),
    seq: change(sql`9999`, () => sql`seq = 5`, 'publish', '5'),
    prev: change(sql`repeat('a', 64)`, () => sql`seq = 5`, 'publish', '5'),
    hash: change(sql`repeat('a', 64)`, () => sql`seq = 5`, 'publish', '5'),
    id: 'the order in which it was written, before it is sealed',
  },
};

onBoth(t, 'whatever is changed in the database behind our back is found and named', async (t, base) => {
  const { db } = base;
  const said = await sayALittleOfEverything(db);
  const look = await looking(t, base);
  t.same(await look(), [], 'nothing is found where nothing was done');
  await everyColumnIsClassified(t, db);
  for (const [table, all] of Object.entries(columns)) {
    for (const [column, one] of Object.entries(all)) {
      if (typeof one === 'string') continue;
      const putBack = await keepTable(db, table);
      await behindOurBack(
        t,
        db,
        sql`update ${sql.table(table)} set ${sql.ref(column)} = ${one.to} where ${one.where(said)}`,
      );
      named(t, await look(), `${table}.${column}`, one, said);
      await putBack();
    }
    const any = Object.values(all).find((one) => typeof one !== 'string')!;
    const putBack = await keepTable(db, table);
    await behindOurBack(t, db, sql`delete from ${sql.table(table)} where ${any.where(said)}`);
    named(t, await look(), `a row of ${table} taken out`, { ...any, field: '' }, said);
    await putBack();
  }
  for (const [what, { table, row, of }] of Object.entries(added(said))) {
    const putBack = await keepTable(db, table);
    await behindOurBack(t, db, row);
    named(t, await look(), what, { of, field: '' }, said);
    await putBack();
  }
  t.same(await look(), [], 'and all was put back as it was');
});

/** Rows that somebody adds. */
function added({
  publish,
  shop,
}: Said): Record<string, { table: string; row: RawBuilder<unknown>; of: keyof Said }> {
  const now = at(100);
  return {
    'an issue that was never opened': {
      table: 'issue',
      of: 'forged' as keyof Said,
      row: sql`insert into issue (id, kind, title, status, impact, started_at, created_at, updated_at)
        values ('forged000000', 'bug', 'Forged', 'investigating', 'none', ${now}, ${now}, ${now})`,
    },
    'an update that was never posted': {
      table: 'issue_update',
      of: 'publish',
      row: sql`insert into issue_update (id, issue_id, status, message, created_at)
        values ('forged000000', ${publish}, 'identified', 'Forged', ${at(6)})`,
    },
    'an edit that was never made': {
      table: 'issue_edit',
      of: 'publish',
      row: sql`insert into issue_edit (issue_id, field, was, edited_at) values (${publish}, 'title', 'Forged', ${now})`,
    },
    'a part that it never touched': {
      table: 'issue_component',
      of: 'cards',
      row: sql`insert into issue_component (issue_id, component_id, status)
        select id, ${shop}, 'major_outage' from issue where title = 'Nobody can pay by card'`,
    },
    'a part that was never added': {
      table: 'component',
      of: 'forged' as keyof Said,
      row: sql`insert into component (id, name, created_at, updated_at) values ('forged000000', 'Forged', ${now}, ${now})`,
    },
    'a change of a part that never was': {
      table: 'component_change',
      of: 'shop',
      row: sql`insert into component_change (id, component_id, old_status, new_status, at)
        values ('forged000000', ${shop}, 'operational', 'major_outage', ${now})`,
    },
    'a way around that was never published': {
      table: 'workaround',
      of: 'publish',
      row: sql`insert into workaround (id, issue_id, state, body, created_at, published_at)
        values ('forged000000', ${publish}, 'published', 'Forged', ${now}, ${now})`,
    },
    'an entry of something that never was said': {
      table: 'ledger',
      of: 'publish',
      row: sql`insert into ledger (at, type, issue_id, body) values (${now}, 'update_posted', ${publish},
        '{"update_id":"forged000000","status":"identified","message":"Forged","next_update_at":null,"resolution":null,"fixed_for":null}')`,
    },
  };
}

/** The app over this database, on an address, and what verify finds there. */
async function looking(t: Test, base: Database): Promise<() => Promise<Finding[]>> {
  const { app } = await openApp(t, base);
  const what = await app.listen({ port: 0, host: '127.0.0.1' });
  return async () => (await verify({ what, since: null, now: at(120) })).findings;
}

function named(
  t: Test,
  findings: Finding[],
  what: string,
  { of, field }: Pick<Change, 'of' | 'field'>,
  said: Said,
) {
  const id = said[of] ?? 'forged000000';
  const inLedger = /^\d+$/.test(field);
  const found = findings.find((one) =>
    inLedger
      ? one.where === 'chain' && [Number(field), Number(field) + 1].includes(one.seq!)
      : (one.id === id && (field === '' || one.field?.startsWith(field))) ||
        (one.where === 'chain' && field === '' && one.seq === 6),
  );
  if (found) t.ok(found.says.length > 20, `${what}: ${found.says}`);
  else t.fail(`${what} is not named`, { findings });
}

/** Nothing can be added to the tables without somebody saying whether it is public. */
async function everyColumnIsClassified(t: Test, db: Db): Promise<void> {
  const { rows } = await sql<{ table: keyof Tables; column: string }>`
    select c.table_name as table, c.column_name as column from information_schema.columns c
    join information_schema.tables using (table_schema, table_name)
    where c.table_schema = 'public' and table_type = 'BASE TABLE'`.execute(db);
  for (const { table, column } of rows) {
    if (columns[table])
      t.ok(Object.hasOwn(columns[table], column), `${table}.${column} has a line in this test`);
    else t.ok(isPrivate[table], `${table} has a line in this test`);
  }
  for (const [table, all] of Object.entries(columns))
    for (const column of Object.keys(all))
      t.ok(
        rows.some((one) => one.table === table && one.column === column),
        `${table}.${column} is there`,
      );
}
