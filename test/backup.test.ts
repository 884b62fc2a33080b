import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { bringBack, checkBackup } from '../src/backup/bring-back.ts';
import { backedUp } from '../src/backup/tables.ts';
import { withBackup } from '../src/backup/write-backup.ts';
import type { Database, Db } from '../src/db.ts';
import { fillDemo } from '../src/demo/sample.ts';
import { readAlarm } from '../src/desk/alarm.ts';
import { newId } from '../src/ids.ts';
import { sealLedger } from '../src/ledger/seal.ts';
import { loadLinks } from '../src/links.ts';
import { knownMigrations } from '../src/migrate.ts';
import { claimDue } from '../src/notifications/claim.ts';
import { readHold } from '../src/notifications/hold.ts';
import { writeAudit } from '../src/staff/audit.ts';
import { bootstrapToken, createToken, everyScope } from '../src/staff/tokens.ts';
import { findIssues } from '../src/status-page/find-issues.ts';
import { type QueryTiming, queryTimings } from '../src/timings.ts';
import { freshDatabase, onBoth } from './fixtures/db.ts';
import { openDesk } from './fixtures/desk.ts';
import { ago, issueOf, reportOf, sampleNow } from './fixtures/sample.ts';

const known = await knownMigrations();
const page = { name: 'Paperboat', url: 'https://status.example.com' };

t.test('what comes back is what was there, through every database and back again', async (t) => {
  const folder = emptyFolder(t);
  const first = await freshDatabase(t, 'postgres');
  await fillAll(first.db);
  const want = await backupOf(first.db);
  const { rows } = JSON.parse(want.at(-1)!);
  for (const table of backedUp) t.ok(rows[table] > 0, `the sample has rows of ${table}`);
  t.ok(want.join('\n').includes(JSON.stringify(hostile.slice(0, 5)).slice(1, -1)), 'the words are in it');

  let lines = want;
  for (const engine of ['embedded', 'postgres', 'embedded'] as const) {
    const next = await freshDatabase(t, engine);
    await freshStart(t, next);
    const file = join(folder, `${engine}.jsonl.gz`);
    writeFileSync(file, gzipSync(lines.join('\n').concat('\n')));
    const { queued } = await bringBack(next.db, file, known, ago(1));
    const hold = await readHold(next.db);
    t.match(hold, {
      since: ago(1),
      reason: /^a backup of 21 November 2026, 21:40 UTC was brought back, and \d+ mails/,
    });
    t.match(hold!.reason, `${queued} mails were queued then`);
    t.match(await readAlarm(next.db, ago(0)), {
      held: true,
      alarm: /^Nothing has gone out for .* may have gone out after/,
    });
    lines = await backupOf(next.db);
    t.same(comparable(lines), comparable(want), `the same on ${engine}`);
    t.equal(lines.length, want.length);

    const due = await claimDue(next.db, {
      now: new Date('2100-01-01'),
      leaseMs: 60_000,
      except: [],
      most: 9,
    });
    t.same(due, [], 'nothing is sent');
    const leased = await next.db
      .selectFrom('delivery')
      .select('id')
      .where('lease_until', 'is not', null)
      .execute();
    t.same(leased, [], 'nobody holds a lease');
    const [hit] = await findIssues(next.db, 'publish button does nothing');
    t.match(hit?.title, /publish/i, 'the search knows its words again');
    await writeAudit(next.db, { staffId: null, who: 'somebody', act: 'came back' }, sampleNow);
    const { rows } = await sql<{ seq: number }>`select max(seq) as seq, count(*) from audit`.execute(next.db);
    t.equal(rows[0]?.seq, 4_712, 'new lines are numbered after the old ones');
    const { rows: firm } = await sql`select from pg_constraint where contype = 'f' and condeferrable`.execute(
      next.db,
    );
    t.same(firm, [], 'constraints hold as strictly as before');
  }
});

onBoth(t, 'a file that is not whole, or not of this version, changes nothing', async (t, { db }) => {
  const folder = emptyFolder(t);
  const other = await freshDatabase(t, 'postgres');
  await fillAll(other.db);
  const good = await backupOf(other.db);
  const text = good.join('\n').concat('\n');
  const zipped = gzipSync(text);
  const at = (wanted: RegExp) => good.findIndex((line) => wanted.test(line));
  const report = at(/^\{"table":"report"/);
  const withLine = (n: number, change: (line: string) => string) =>
    good
      .map((line, i) => (i === n ? change(line) : line))
      .join('\n')
      .concat('\n');
  const withHeader = (change: object) =>
    withLine(0, (line) => JSON.stringify({ ...JSON.parse(line), ...change }));
  /** As somebody would who knows how the last line is made. */
  const signed = (lines: string[]) => {
    const rest = lines.slice(0, -1).join('\n').concat('\n');
    const count = (table: string) => lines.filter((line) => line.startsWith(`{"table":"${table}",`)).length;
    const rows = Object.fromEntries(backedUp.map((table) => [table, count(table)]));
    const sha256 = createHash('sha256').update(rest).digest('hex');
    return `${rest}${JSON.stringify({ end: true, rows, sha256 })}\n`;
  };
  const flipped = Buffer.from(zipped);
  flipped[Math.floor(zipped.length / 2)]! ^= 0x40;
  const cases: [name: string, content: string | Buffer, says: RegExp][] = [
    ['nothing', '', /cut off/],
    ['something else', '{"incidents":[]}\n', /not a backup of Candor/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 10, 0, 1]), /not a backup of Candor/],
    ['cut inside the zipped file', zipped.subarray(0, -20), /cut off|damaged/],
    ['cut inside a line', text.slice(0, -30), /cut off inside a line/],
    ['cut between two lines', good.slice(0, 9).join('\n').concat('\n'), /cut off after line 9/],
    ['a bit that flipped in the zipped file', flipped, /damaged|changed/],
    [
      'one word edited',
      withLine(report, (line) => line.replace(/"source":"\w+"/, '"source":"x"')),
      /checksum/,
    ],
    ['a row taken out', good.toSpliced(report, 1).join('\n').concat('\n'), /rows of report, and has/],
    ['a row behind the end', `${text}${good[report]}\n`, /stands behind the end/],
    ['a row out of order', signed(good.toSpliced(report, 1).toSpliced(1, 0, good[report]!)), /out of order/],
    [
      'a column taken out',
      withLine(report, (line) => line.replace(/,"source":"\w+"/, '')),
      /columns of report/,
    ],
    [
      'a table of its own',
      withLine(report, (line) => line.replace('"report"', '"pg_authid"')),
      /not one that/,
    ],
    [
      'a value of another kind',
      signed(
        withLine(report, (line) => line.replace(/"created_at":"[^"]+"/, '"created_at":"soon"'))
          .split('\n')
          .slice(0, -1),
      ),
      /rows of report from line \d+ on cannot be brought back/,
    ],
    [
      'a row that points nowhere',
      signed(good.filter((line) => !line.startsWith('{"table":"component"'))),
      /rows of issue_component from line \d+ on cannot be brought back/,
    ],
    ['a format to come', withHeader({ version: 2 }), /has format 2/],
    [
      'an older version',
      withHeader({ migrations: known.slice(0, -1) }),
      /older version \(it lacks .*with the version that made it/,
    ],
    [
      'a newer version',
      withHeader({ migrations: [...known, '9999_later.sql'] }),
      /newer version \(it has 9999_later/,
    ],
  ];
  const before = comparable(await backupOf(db));
  for (const [name, content, says] of cases) {
    const file = join(folder, 'backup');
    writeFileSync(file, content);
    const checked = checkBackup(file, known).then(() => bringBack(db, file, known, sampleNow));
    await t.rejects(checked, { message: says }, name);
    await t.rejects(
      bringBack(db, file, known, sampleNow),
      `${name}: also for whoever did not check it first`,
    );
    t.same(comparable(await backupOf(db)), before, `${name}: nothing is changed`);
  }
  t.equal(await readHold(db), null);
  const file = join(folder, 'good');
  writeFileSync(file, text);
  t.match(
    await checkBackup(file, known),
    { header: { page }, rows: { report: Number } },
    'unzipped serves too',
  );
  await t.rejects(checkBackup(join(folder, 'nowhere'), known), { message: /cannot be read/ });
});

onBoth(t, 'a backup comes only into a database where nothing is yet', async (t, { db }) => {
  const file = join(emptyFolder(t), 'backup');
  writeFileSync(file, (await backupOf(db)).join('\n').concat('\n'));
  await db.insertInto('report').values(reportOf(newId())).execute();
  await t.rejects(bringBack(db, file, known, sampleNow), {
    message: /in use: there are rows in report\. .*DATABASE_URL.*DATA_DIR/,
  });
  await sql`delete from report`.execute(db);
  const { id } = await createToken(db, { name: 'zendesk', scopes: everyScope, expiresAt: null }, sampleNow);
  await t.rejects(bringBack(db, file, known, sampleNow), { message: /rows in api_token/ });
  t.ok(
    await db.selectFrom('api_token').select('id').where('id', '=', id).executeTakeFirst(),
    'it is still there',
  );
});

onBoth(t, 'a backup is read from the database only as fast as it is taken', async (t, { db }) => {
  for (let i = 0; i < 20; i++) {
    const rows = Array.from({ length: 250 }, () => reportOf(newId(), { message: 'x'.repeat(500) }));
    await db.insertInto('report').values(rows).execute();
  }
  const about = { page, migrations: known, now: sampleNow };
  await withBackup(db, about, async (lines) => {
    const counted: string[] = [];
    const count = (event: unknown) => void counted.push((event as QueryTiming).statement);
    queryTimings.subscribe(count);
    t.teardown(() => queryTimings.unsubscribe(count));
    let reports = 0;
    for await (const chunk of lines) {
      const own = chunk.split('{"table":"report"').length - 1;
      if (own > 0 && reports > 0) t.same(counted, ['other'], 'one fetch for one chunk');
      if (own > 0) t.ok(own <= 200, `${own} rows are in memory`);
      reports += own;
      counted.length = 0;
    }
    t.equal(reports, 5_000);
  });
});

onBoth(t, 'an owner lets held mail go out again from the desk, and nobody else', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner', name: 'Olga' });
  const support = await owner.colleague({ role: 'support' });
  const before = await owner.get('/admin');
  t.notMatch(before.html, '/admin/sending/resume', 'no button while nothing is held');
  const reason = 'a backup of 21 November 2026, 12:00 UTC was brought back, and 12 mails were queued then';
  await base.db.updateTable('sending').set({ held_since: owner.clock.now, held_reason: reason }).execute();
  const { html } = await support.get('/admin');
  t.match(html, 'a backup of 21 November 2026, 12:00 UTC was brought back');
  t.match(html, 'Mail waits for an owner’s word.');
  t.notMatch(html, /Mail is stuck|may have gone out/, 'nothing waits here');
  t.notMatch(html, '/admin/sending/resume');
  t.match((await owner.get('/admin/inbox')).html, 'action="/admin/sending/resume"');
  const done = await owner.post('/admin/sending/resume');
  t.match([done.status, done.to], [303, '/admin?said=resumed']);
  t.equal(await readHold(base.db), null);
  t.notMatch((await owner.get('/admin')).html, 'class="alarm"');
  const line = await base.db.selectFrom('audit').selectAll().orderBy('seq', 'desc').executeTakeFirstOrThrow();
  t.match(line, { who: 'Olga', act: 'let mail go out again', about: 'sending', detail: { reason } });
  t.equal(
    (await owner.post('/admin/sending/resume')).status,
    409,
    'a second time there is nothing to let go',
  );
});

function emptyFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'candor-backup-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The lines of a backup made at the sample's instant. */
async function backupOf(db: Db): Promise<string[]> {
  const about = { page, migrations: known, now: sampleNow };
  return withBackup(db, about, async (lines) => {
    let text = '';
    for await (const chunk of lines) text += chunk;
    return text.split('\n').slice(0, -1);
  });
}

/** Without the row of the hold, and without the checksum, which covers it. */
function comparable(lines: string[]): string[] {
  return lines
    .filter((line) => !line.startsWith('{"table":"sending"'))
    .map((line) => line.replace(/"sha256":"[0-9a-f]{64}"/, ''));
}

/** What a first start leaves in a new database. */
async function freshStart(t: Test, { db }: Database): Promise<void> {
  await loadLinks(db);
  await bootstrapToken(db, { adminToken: null, dataDir: emptyFolder(t) }, sampleNow);
  const link = { id: newId(), staff_id: null, purpose: 'first' as const, invited_by: null, used_at: null };
  await db
    .insertInto('staff_link')
    .values({ ...link, created_at: sampleNow, expires_at: ago(-60) })
    .execute();
}

const hostile = `"}\\,{"end":true}\r\n\t\u0001\u2028\u2029\u202e'; drop table report; -- </script> \\u0000 😀 é ${'x'.repeat(70_000)}`;

/** Rows in every table: a told story, and by hand what it does not touch. */
async function fillAll(db: Db): Promise<void> {
  await fillDemo(db, sampleNow);
  await loadLinks(db);
  const [ana, merged, last] = ['ana000000001', 'aaa000000001', 'zzz000000001'];
  const closed = { status: 'resolved', resolution: 'duplicate', resolved_at: ago(5) } as const;
  await db
    .insertInto('issue')
    .values(issueOf(last, { title: hostile.slice(0, 300) }))
    .execute();
  await db
    .insertInto('issue')
    .values(issueOf(merged, { ...closed, merged_into: last }))
    .execute();
  await db
    .insertInto('issue')
    .values(issueOf('aaa000000000', { ...closed, merged_into: merged }))
    .execute();
  const report = newId();
  await db
    .insertInto('report')
    .values(reportOf(report, { message: hostile, name: '', email: "O'Bell+1@Example.com" }))
    .execute();
  const person = {
    id: ana,
    email: 'Ana@paperboat.example',
    name: 'Ana',
    role: 'owner',
    password: 'scrypt$1',
    subject: null,
  } as const;
  await db
    .insertInto('staff')
    .values({ ...person, created_at: ago(9), disabled_at: null, last_seen_at: null })
    .execute();
  await db
    .insertInto('report_group')
    .values({ id: newId(), stems: ['a', 'b"c', '{}'], issue_id: null, newest_at: ago(1) })
    .execute();
  await db
    .insertInto('deed')
    .values({ id: 'deed00000001', kind: 'spam', staff_id: ana, issue_id: null, at: ago(3), undone_at: null })
    .execute();
  const before = {
    state: 'new',
    issue_id: null,
    linked_at: null,
    verdict: null,
    answer: null,
    answered_at: null,
  } as const;
  await db
    .insertInto('deed_report')
    .values({ deed_id: 'deed00000001', report_id: report, ...before })
    .execute();
  await db
    .insertInto('note')
    .values({ id: newId(), issue_id: last, staff_id: ana, who: 'Ana', body: hostile, created_at: ago(2) })
    .execute();
  const link = { id: newId(), staff_id: ana, purpose: 'password' as const, invited_by: null, used_at: null };
  await db
    .insertInto('staff_link')
    .values({ ...link, created_at: ago(3), expires_at: ago(-60) })
    .execute();
  const subscriber = {
    id: 'sub000000001',
    email: 'Ben@example.com',
    state: 'active' as const,
    source: 'form',
  };
  await db
    .insertInto('subscriber')
    .values({ ...subscriber, created_at: ago(8), confirmed_at: ago(7) })
    .execute();
  const { id: component } = await db.selectFrom('component').select('id').limit(1).executeTakeFirstOrThrow();
  await db
    .insertInto('subscriber_component')
    .values({ subscriber_id: subscriber.id, component_id: component })
    .execute();
  await db.insertInto('subscriber_issue').values({ subscriber_id: subscriber.id, issue_id: last }).execute();
  await db
    .insertInto('consent')
    .values({ subscriber_id: subscriber.id, act: 'asked', at: ago(8), source: 'form' })
    .execute();
  const hook = {
    id: 'hook00000001',
    kind: 'candor' as const,
    url: 'https://x.example/?a=%22',
    secret: 'whsec_1',
    staff_id: ana,
  };
  await db
    .insertInto('webhook')
    .values({ ...hook, subscriber_id: null, created_at: ago(6) })
    .execute();
  const change = { id: 'change000001', component_id: component, issue_id: null, update_id: null, at: ago(4) };
  await db
    .insertInto('component_change')
    .values({ ...change, old_status: 'operational', new_status: 'major_outage' })
    .execute();
  const draft = {
    id: newId(),
    source: 'alertmanager',
    source_key: 'k',
    title: hostile.slice(0, 200),
    component_ids: [component],
  };
  await db
    .insertInto('issue_draft')
    .values({ ...draft, created_at: ago(2), seen_at: ago(1) })
    .execute();
  await db
    .insertInto('suppression')
    .values({ address_key: 'gone@example.com', reason: 'no such user', created_at: ago(1) })
    .execute();
  await db
    .insertInto('wording')
    .values({ key: 'k', body: hostile, changed_at: ago(1) })
    .execute();
  const way = { id: 'way000000001', issue_id: last, report_id: report, offered: hostile, credit: 'Eva' };
  await db
    .insertInto('workaround')
    .values({ ...way, state: 'offered', body: null, created_at: ago(2), published_at: null, ended_at: null })
    .execute();
  await db.insertInto('workaround_help').values({ workaround_id: way.id, person: 'x' }).execute();
  await sealLedger(db);
  await createToken(db, { name: 'zendesk', scopes: everyScope, expiresAt: ago(-999) }, ago(20));
  await sql`insert into audit (seq, at, who, act, detail) overriding system value
    values (4711, ${ago(5)}, 'Ana', 'did', '{"n": 12345678901234567890.120, "text": "\\" \u2028", "deep": [[{}], null]}')`.execute(
    db,
  );
  await sql`update delivery set lease_token = gen_random_uuid(), lease_until = ${ago(-5)}
    where id = (select id from delivery where state = 'queued' limit 1)`.execute(db);
}
