import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';
import type { Db } from '../../src/db.ts';
import { importStatuspage } from '../../src/issues/import-statuspage.ts';
import { postUpdate } from '../../src/issues/post-update.ts';
import { readIssue } from '../../src/issues/read-issues.ts';
import { addReports } from '../../src/reports/add-reports.ts';
import { onBoth } from '../fixtures/db.ts';

const now = new Date('2026-11-21T19:00:00.000Z');
const sample = readFileSync(new URL('../fixtures/statuspage-sample.json', import.meta.url), 'utf8');
const realFile = new URL('../../../shared/data/statuspage-incidents.json', import.meta.url);

if (existsSync(realFile)) {
  const text = readFileSync(realFile, 'utf8');
  onBoth(t, 'a real history of 22 incidents and 105 updates comes over whole', async (t, { db }) => {
    t.same(await importStatuspage(db, text, now), {
      issues: 22,
      updates: 105,
      components: 20,
      alreadyThere: 0,
    });
    t.same(await importStatuspage(db, text, now), {
      issues: 0,
      updates: 0,
      components: 0,
      alreadyThere: 22,
    });
    t.same(await counts(db), { issue: 22, issue_update: 105, component: 20, delivery: 0 });
    for (const given of JSON.parse(text).incidents) {
      const issue = await readIssue(db, given.id, '');
      t.equal(issue.title, given.name.replace(/\s+/g, ' ').trim());
      t.match(issue, { kind: 'incident', status: 'resolved', impact: given.impact, resolution: 'fixed' });
      t.equal(issue.created_at, utc(given.created_at));
      t.equal(issue.started_at, utc(given.created_at));
      t.equal(issue.updated_at, utc(given.updated_at));
      t.equal(issue.resolved_at, utc(given.resolved_at));
      t.same(
        issue.updates.map(({ id, created_at, edited_at }) => ({ id, created_at, edited_at })),
        asShown(given.incident_updates),
        `${given.id} has its updates in order, with their times and edits`,
      );
    }
    const first = await readIssue(db, 'x9wt6q4wbbvn', '');
    t.same(first.components, [
      { id: '1v7mxlx6kxtz', name: 'Home', status: 'degraded_performance' },
      { id: 'lydc2shnqc22', name: 'Email Editor', status: 'degraded_performance' },
    ]);
  });
} else {
  t.comment(
    'SKIPPED: ../shared/data/statuspage-incidents.json is not here; only the small sample is imported',
  );
  console.error('SKIPPED: the real Statuspage history is not here; only the small sample is imported');
}

onBoth(t, 'times, components, edits, order and words of every kind of row are kept', async (t, { db }) => {
  t.same(await importStatuspage(db, sample, now), { issues: 3, updates: 7, components: 3, alreadyThere: 0 });
  const open = await readIssue(db, 'inc000000001', '');
  t.match(open, {
    title: 'Drafts are not saved',
    kind: 'incident',
    status: 'identified',
    resolved_at: null,
    resolution: null,
  });
  t.equal(open.created_at, '2024-03-10T13:00:00.000Z');
  t.same(
    open.updates.map((one) => [one.id, one.edited_at]),
    [
      ['upd000000003', '2024-03-10T13:30:00.500Z'],
      ['upd000000002', null],
      ['upd000000001', null],
    ],
    'newest first, the order of one millisecond kept, a third of a second is no edit',
  );
  t.equal(
    open.updates[0]!.message,
    'Found it.\nSaving fails if a title holds <, & or “quotes”; 1 < 2 stays.\n\nSee [the help page](https://tidewater.example/help?a=1&b=2).',
  );
  t.same(open.components, [
    { id: 'cmp000000001', name: 'Editor', status: 'partial_outage' },
    { id: 'cmp000000003', name: 'Public pages', status: 'degraded_performance' },
  ]);

  const source = 'statuspage:y2j98763l56x:NOT-their-shape';
  const { id } = await db
    .selectFrom('issue')
    .select('id')
    .where('source', '=', source)
    .executeTakeFirstOrThrow();
  t.match(id, /^[0-9a-z]{12}$/, 'an id that does not fit is made anew');
  const late = await readIssue(db, id, '');
  t.match(late, { status: 'resolved', resolution: 'fixed', impact: 'minor' });
  t.equal(late.created_at, '2023-12-31T10:45:00.123Z');
  t.equal(late.started_at, '2023-12-31T10:00:00.000Z');
  t.equal(late.resolved_at, '2023-12-31T12:00:00.999Z');
  t.same(
    late.updates.map((one) => [one.status, one.message, one.created_at]),
    [
      ['resolved', 'What we learned: queues fill.', '2024-01-02T00:00:00.000Z'],
      ['resolved', '(An update without words.)', '2023-12-31T12:00:00.999Z'],
      ['monitoring', 'We watch it.', '2023-12-31T11:00:00.000Z'],
    ],
  );
  t.same(late.components, [{ id: 'cmp000000002', name: 'Mail - outgoing', status: 'degraded_performance' }]);

  const planned = await readIssue(db, 'mnt000000001', '');
  t.match(planned, { kind: 'maintenance', impact: 'none', status: 'scheduled' });
  t.equal(planned.scheduled_for, '2024-04-01T00:00:00.000Z');
  t.equal(planned.scheduled_until, '2024-04-01T02:00:00.000Z');

  const components = await db.selectFrom('component').selectAll().orderBy('position').execute();
  t.same(
    components.map((one) => [one.id, one.group_name, one.name, one.status, one.description]),
    [
      ['cmp000000001', 'App', 'Editor', 'operational', null],
      ['cmp000000002', null, 'Mail - outgoing', 'operational', 'What we send'],
      ['cmp000000003', 'Site', 'Public pages', 'operational', null],
    ],
  );
  t.equal(components[0]!.created_at.toISOString(), '2019-01-01T18:04:05.678Z');
});

onBoth(t, 'a second import adds the news and moves the issue, and nothing else', async (t, { db }) => {
  await importStatuspage(db, sample, now);
  await db.updateTable('issue').set({ title: 'Our title' }).where('id', '=', 'inc000000001').execute();
  t.same(await importStatuspage(db, withNews(), now), {
    issues: 0,
    updates: 1,
    components: 0,
    alreadyThere: 3,
  });
  const issue = await readIssue(db, 'inc000000001', '');
  t.match(issue, { title: 'Our title', status: 'resolved', resolution: 'fixed' });
  t.equal(issue.resolved_at, '2024-03-10T14:00:00.000Z');
  t.equal(issue.updates.length, 4);
  t.same(await counts(db), { issue: 3, issue_update: 8, component: 3, delivery: 0 });
});

for (const [who, act] of [
  [
    'staff spoke here',
    (db: Db) =>
      db
        .transaction()
        .execute((trx) =>
          postUpdate(trx, 'inc000000001', { status: 'investigating', message: 'Ours.' }, now),
        ),
  ],
  [
    'a customer reported it here',
    (db: Db) =>
      db.transaction().execute((trx) => addReports(trx, 'inc000000001', [{ email: 'ana@example.com' }], now)),
  ],
] as const) {
  onBoth(t, `a second import leaves the status to us once ${who}`, async (t, { db }) => {
    await importStatuspage(db, sample, now);
    await act(db);
    const before = await readIssue(db, 'inc000000001', '');
    t.equal((await importStatuspage(db, withNews(), now)).updates, 1);
    const after = await readIssue(db, 'inc000000001', '');
    t.match(after, { status: before.status, resolved_at: null });
    t.equal(after.updates.length, before.updates.length + 1);
  });
}

onBoth(t, 'ids that are taken here are made anew, and found again', async (t, { db }) => {
  const times = { started_at: now, created_at: now, updated_at: now };
  await db
    .insertInto('issue')
    .values({
      id: 'inc000000001',
      kind: 'bug',
      title: 'Ours',
      status: 'investigating',
      impact: 'none',
      ...times,
    })
    .execute();
  t.equal((await importStatuspage(db, sample, now)).issues, 3);
  t.equal((await importStatuspage(db, sample, now)).alreadyThere, 3);
  t.equal((await readIssue(db, 'inc000000001', '')).title, 'Ours');
});

onBoth(t, 'two imports at the same time add everything once', async (t, { db }) => {
  await Promise.all([importStatuspage(db, sample, now), importStatuspage(db, sample, now)]);
  t.same(await counts(db), { issue: 3, issue_update: 7, component: 3, delivery: 0 });
});

onBoth(t, 'a broken file is refused with one clear line and changes nothing', async (t, { db }) => {
  const broken: [text: string | ((file: Sample) => unknown), message: RegExp][] = [
    ['', /^the file is not JSON: /],
    ['{"incidents": [', /^the file is not JSON: /],
    ['[]', /^the file must be an object, as/],
    ['null', /^the file must be an object/],
    ['{"page":{"id":"abc"},"status":{}}', /^incidents: is missing; this is not what a Statuspage/],
    ['{"incidents":{}}', /^incidents: must be a list$/],
    [(f) => ((f.incidents[0] as unknown) = null), /^incidents\.0: must be an incident$/],
    [(f) => (f.incidents[0]!.status = 'on fire'), /^incidents\.0\.status: must be one of investigating, /],
    [(f) => (f.incidents[0]!.impact = 'huge'), /^incidents\.0\.impact: must be one of none, /],
    [(f) => (f.incidents[0]!.name = 7), /^incidents\.0\.name: must be text$/],
    [(f) => (f.incidents[0]!.name = ' \u200b '), /^incidents\.0\.name: must not be empty$/],
    [(f) => (f.incidents[1]!.resolved_at = 'soon'), /^incidents\.1\.resolved_at: must be a time$/],
    [(f) => delete f.incidents[1]!.incident_updates, /^incidents\.1\.incident_updates: must be a list$/],
    [
      (f) => (f.incidents[1]!.incident_updates![0]!.created_at = '2024-02-30T00:00:00Z'),
      /^incidents\.1\.incident_updates\.0\.created_at: must be a time$/,
    ],
    [
      (f) => (f.incidents[1]!.incident_updates![0]!.created_at = 1700000000),
      /^incidents\.1\.incident_updates\.0\.created_at: must be a time$/,
    ],
    [
      (f) => (f.incidents[0]!.incident_updates![2]!.status = ''),
      /^incidents\.0\.incident_updates\.2\.status: /,
    ],
    [(f) => (f.incidents[0]!.incident_updates![2]!.body = {}), /incident_updates\.2\.body: must be text$/],
    [
      (f) => (f.incidents[0]!.incident_updates![2]!.affected_components = 'x'),
      /affected_components: must be a list$/,
    ],
    [(f) => (f.incidents[1]!.id = 'inc000000001'), /^incidents\.1\.id: inc000000001 is there twice$/],
    [
      (f) => (f.incidents[1]!.incident_updates![0]!.id = 'upd000000011'),
      /incident_updates\.1\.id: update upd000000011 is there twice$/,
    ],
    [
      (f) => (f.scheduled_maintenances[0]!.scheduled_for = '2024-04-01'),
      /^scheduled_maintenances\.0\.scheduled_for: must be a time$/,
    ],
    [(f) => (f.components[0]!.id = '\u0000'), /^components\.0\.id: must be an id of letters and digits$/],
    [
      (f) => {
        f.page.id = null;
        delete f.incidents[0]!.page_id;
      },
      /^incidents\.0\.page_id: is missing, and page\.id too$/,
    ],
  ];
  for (const [given, message] of broken) {
    const file = JSON.parse(sample) as Sample;
    if (typeof given === 'function') given(file);
    const text = typeof given === 'function' ? JSON.stringify(file) : given;
    await t.rejects(importStatuspage(db, text, now), { name: 'Error', message }, String(message));
  }
  t.same(await counts(db), { issue: 0, issue_update: 0, component: 0, delivery: 0 });
});

interface Thing {
  [field: string]: unknown;
  incident_updates?: Thing[];
}
interface Sample {
  page: Thing;
  components: Thing[];
  incidents: Thing[];
  scheduled_maintenances: Thing[];
}

/** The sample an hour later: the open incident is over. */
function withNews(): string {
  const file = JSON.parse(sample) as Sample;
  const given = file.incidents[0]!;
  const at = '2024-03-10T09:00:00.000-05:00';
  Object.assign(given, { status: 'resolved', resolved_at: at, updated_at: at, name: 'Their new title' });
  given.incident_updates!.unshift({
    id: 'upd000000004',
    status: 'resolved',
    body: 'Drafts are saved again.',
    created_at: at,
    updated_at: at,
    display_at: at,
  });
  return JSON.stringify(file);
}

function utc(time: string): string {
  return new Date(time).toISOString();
}

function asShown(updates: { id: string; created_at: string; updated_at: string; display_at: string }[]) {
  return updates
    .map((one) => ({
      id: one.id,
      created_at: utc(one.display_at),
      edited_at: one.updated_at === one.created_at ? null : utc(one.updated_at),
    }))
    .sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
}

async function counts(db: Db) {
  const count = async (table: 'issue' | 'issue_update' | 'component' | 'delivery') =>
    Number(
      (
        await db
          .selectFrom(table)
          .select(({ fn }) => fn.countAll().as('n'))
          .executeTakeFirstOrThrow()
      ).n,
    );
  return {
    issue: await count('issue'),
    issue_update: await count('issue_update'),
    component: await count('component'),
    delivery: await count('delivery'),
  };
}
