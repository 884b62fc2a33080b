import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import type { Db } from '../../src/db.ts';
import { mergeIssues, splitIssues } from '../../src/desk/merging.ts';
import type { Condition } from '../../src/domain/affected.ts';
import { componentStatuses, impacts } from '../../src/domain/impact.ts';
import type { Entry, WholeComponent, WholeIssue } from '../../src/domain/ledger.ts';
import { isClosed, kinds, statusesOf } from '../../src/domain/lifecycle.ts';
import { leftOver, nothingSaid, retell } from '../../src/domain/replay.ts';
import { differences } from '../../src/domain/same.ts';
import { Trouble } from '../../src/errors.ts';
import { changeIssue } from '../../src/issues/change-issue.ts';
import { addComponent, changeComponent } from '../../src/issues/components.ts';
import { importStatuspage } from '../../src/issues/import-statuspage.ts';
import { openIssue } from '../../src/issues/open-issue.ts';
import { editUpdate, postUpdate } from '../../src/issues/post-update.ts';
import { issueBody } from '../../src/issues/schemas.ts';
import { changeAsStatuspage } from '../../src/issues/statuspage-write.ts';
import { readEntries } from '../../src/ledger/entries.ts';
import { sealLedger } from '../../src/ledger/seal.ts';
import { meToo } from '../../src/reports/file-report.ts';
import { offerWorkaround } from '../../src/reports/offer-workaround.ts';
import {
  changeWorkaround,
  publishWorkaround,
  takeOffWorkaround,
} from '../../src/reports/publish-workaround.ts';
import { onBoth } from '../fixtures/db.ts';

const file = JSON.parse(readFileSync(new URL('../fixtures/statuspage-sample.json', import.meta.url), 'utf8'));
const steps = 110;
const conditions: Condition[][] = [
  [{ trait: 'version', from: '4.2', before: '4.3' }],
  [{ trait: 'version', from: '4.2' }],
  [
    { trait: 'plan', any_of: ['free', 'team'] },
    { trait: 'since', from: '2026-10-01' },
  ],
  [{ trait: 'browser', any_of: ['Firefox'] }],
];
const met = new Set<string>();

for (const seed of [1, 2, 3]) {
  onBoth(t, `whatever is done, the ledger tells what the page says, walk ${seed}`, async (t, { db }) => {
    const done = await walk(db, dice(seed));
    t.ok(done > steps / 2, `${done} of ${steps} steps were possible`);
    await agree(t, db);
    const { rows } = await sql<{ type: string }>`select distinct type from ledger`.execute(db);
    for (const { type } of rows) met.add(type);
  });
}

t.test('the walks met every kind of entry about an issue or a component', async (t) => {
  t.same([...met].sort(), [
    'component_added',
    'component_changed',
    'component_states',
    'component_states_corrected',
    'component_taken_over',
    'counted',
    'issue_changed',
    'issue_merged',
    'issue_opened',
    'issue_split',
    'issue_taken_over',
    'told',
    'update_edited',
    'update_posted',
    'workaround_changed',
    'workaround_published',
    'workaround_withdrawn',
  ]);
});

/** The ledger told again is what the database has, of everything, and no entry speaks of what was not. */
async function agree(t: Test, db: Db): Promise<void> {
  await sealLedger(db);
  const entries = (await readEntries(db, 0, 10_000)) as unknown as Entry[];
  const page = nothingSaid();
  t.same(
    entries.flatMap((entry) => retell(page, entry).map((words) => `${entry.seq} ${entry.type}: ${words}`)),
    [],
  );
  t.same(leftOver(page), []);
  const issues = await sql<{ id: string; whole: WholeIssue }>`
    select id, ledger_issue(id) as whole from issue`.execute(db);
  const components = await sql<{ id: string; whole: WholeComponent }>`
    select id, ledger_component(id) as whole from component`.execute(db);
  t.equal(issues.rows.length, page.issues.size);
  t.equal(components.rows.length, page.components.size);
  for (const { id, whole } of issues.rows) t.same(differences(page.issues.get(id), whole), [], `issue ${id}`);
  for (const { id, whole } of components.rows)
    t.same(differences(page.components.get(id), whole), [], `component ${id}`);
}

type Dice = ReturnType<typeof dice>;

/** The same for the same seed. */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    chance: (share: number) => next() < share,
    pick: <One>(from: readonly One[]): One => from[Math.floor(next() * from.length)]!,
    upTo: (most: number) => Math.floor(next() * most),
  };
}

/** Does many things in whatever order, and answers how many of them were possible. */
async function walk(db: Db, { chance, pick, upTo }: Dice): Promise<number> {
  const over = new Map<string, string>();
  const parts: string[] = [];
  const issues: string[] = [];
  let now = new Date('2026-11-01T08:00:00.000Z');
  let imports = 0;
  const words = () => `${pick(['We know', 'Wir wissen', 'On sait', '“ok”\\n'])} ${upTo(1_000)} 🐢 é`;
  const maybe = (value: () => string) => (chance(0.3) ? null : value());
  const touched = () => {
    const some = parts.filter(() => chance(0.3));
    return some.map((id) => ({ id, status: pick(componentStatuses) }));
  };
  const maybeNone = <One>(one: One) => (chance(0.3) ? null : one);
  const returned = (kind: string) => (chance(0.2) ? (over.get(kind) ?? null) : null);
  const later = () => new Date(now.getTime() + upTo(10_000_000));
  const rowOf = async (id: string) =>
    (await db.selectFrom('issue').selectAll().where('id', '=', id).executeTakeFirst())!;

  const deeds: (() => Promise<unknown>)[] = [
    () =>
      db.transaction().execute(async (trx) => {
        const status = chance(0.3) ? pick(componentStatuses) : undefined;
        const made = await addComponent(trx, { name: words(), description: maybe(words), status }, now);
        parts.push(made.id);
      }),
    () => {
      const change = pick([
        { name: words() },
        { description: maybe(words) },
        { group: maybe(words) },
        { status: chance(0.2) ? null : pick(componentStatuses) },
        { name: words(), status: pick(componentStatuses) },
      ]);
      return db.transaction().execute((trx) => changeComponent(trx, pick(parts), change, now));
    },
    () =>
      db.transaction().execute(async (trx) => {
        const kind = pick(kinds);
        const status = chance(0.5) ? pick(statusesOf(kind)) : undefined;
        const planned = kind === 'maintenance' && chance(0.5) ? { scheduled_for: later().toISOString() } : {};
        const more = { affected: chance(0.3) ? pick(conditions) : null, return_of: returned(kind) };
        const body = {
          title: words(),
          kind,
          status,
          message: words(),
          components: touched(),
          ...planned,
          ...more,
        };
        issues.push(await openIssue(trx, issueBody.parse({ ...body, impact: pick(impacts) }), now));
      }),
    async () => {
      const issue = await rowOf(pick(issues));
      const body = {
        status: chance(0.8) ? pick(statusesOf(issue.kind)) : issue.status,
        message: words(),
        ...(chance(0.3) ? { next_update_at: later() } : {}),
        ...(chance(0.3) ? { fixed_for: pick(conditions) } : {}),
      };
      await db.transaction().execute((trx) => postUpdate(trx, issue.id, body, now));
      if (isClosed(body.status)) over.set(issue.kind, issue.id);
    },
    async () => {
      const all = await db.selectFrom('issue_update').select(['id', 'issue_id', 'message']).execute();
      const { id, issue_id, message } = pick(all);
      const said = chance(0.2) ? message : words();
      await db.transaction().execute((trx) => editUpdate(trx, issue_id, id, said, now));
    },
    () => {
      const patch = pick([
        { title: words() },
        { workaround: maybe(words) },
        { impact: pick(impacts), components: touched() },
        { next_update_at: chance(0.3) ? null : later(), started_at: new Date(now.getTime() - upTo(1e8)) },
        { scheduled_for: later(), scheduled_until: null },
        { components: touched() },
        { affected: maybeNone(pick(conditions)) },
        { fixed_for: maybeNone(pick(conditions)) },
      ]);
      return db.transaction().execute((trx) => changeIssue(trx, pick(issues), patch, now));
    },
    () => {
      const given = { name: words(), components: Object.fromEntries(touched().map((o) => [o.id, o.status])) };
      return db
        .transaction()
        .execute((trx) => changeAsStatuspage(trx, pick(issues), { ...given, body: words() } as never, now));
    },
    () => {
      const [from, into] = [pick(issues), pick(issues)];
      return db.transaction().execute((trx) => mergeIssues(trx, { from, into, message: words() }, now));
    },
    async () => {
      const merged = await db.selectFrom('issue').select('id').where('merged_into', 'is not', null).execute();
      if (merged.length === 0) return;
      const from = pick(merged).id;
      await db.transaction().execute((trx) => splitIssues(trx, { from, message: words() }, now));
    },
    async () => {
      const report = await db.transaction().execute((trx) => meToo(trx, pick(issues), {}, now));
      const offer = { text: words(), credit: maybe(words) };
      await db.transaction().execute((trx) => offerWorkaround(trx, report.id, offer, now));
    },
    async () => {
      const all = await db.selectFrom('workaround').select('id').execute();
      if (all.length === 0) return;
      const { id } = pick(all);
      const said = { body: words(), credited: chance(0.5) };
      const verb = pick([publishWorkaround, changeWorkaround]);
      await db
        .transaction()
        .execute((trx) => (chance(0.3) ? takeOffWorkaround(trx, id, now) : verb(trx, id, said, now)));
    },
    async () => {
      imports += 1;
      if (imports > 3) throw new Skipped('often enough');
      await importStatuspage(db, imports === 1 ? firstOf(file) : JSON.stringify(file), now);
      const known = await db.selectFrom('issue').select('id').where('source', 'is not', null).execute();
      issues.push(...known.map(({ id }) => id).filter((id) => !issues.includes(id)));
    },
  ];

  let done = 0;
  for (let step = 0; step < steps; step++) {
    if (chance(0.7)) now = new Date(now.getTime() + upTo(5_000_000));
    const deed = step < 3 ? deeds[0]! : step < 8 ? deeds[2]! : pick(deeds);
    try {
      await deed();
      done += 1;
    } catch (error) {
      if (!(error instanceof Trouble || error instanceof Skipped)) throw error;
    }
  }
  return done;
}

class Skipped extends Error {}

/** The file as it was before the newest update of each incident. */
function firstOf(whole: typeof file): string {
  const incidents = whole.incidents.map((one: { incident_updates: object[] }) => ({
    ...one,
    incident_updates: one.incident_updates.slice(1),
  }));
  return JSON.stringify({ ...whole, incidents });
}
