import t from 'tap';
import type { Db } from '../../src/db.ts';
import { holdMs } from '../../src/domain/undo.ts';
import { withdraw } from '../../src/reports/change-report.ts';
import { fileReport, meToo } from '../../src/reports/file-report.ts';
import { gatherReports } from '../../src/reports/gather-reports.ts';
import { onBoth } from '../fixtures/db.ts';
import { type DeskVisitor, openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

const bug = { title: 'Export gives an empty file', kind: 'bug', message: 'We know about this.' };
const nine = [
  'The export gives me an empty file',
  'csv export empty??',
  'When I download the export, the file is blank',
  'my exports are all empty files since this morning',
  'Empty file when exporting to Excel',
  'Hi, exporting invoices to CSV produces an empty file. Please help!',
  'export gives an empty file',
  'Export button downloads an empty file',
  'the exported file is empty',
];

/** Nine people in twenty minutes, each with an address but the last; and one about something else. */
async function told(db: Db, { now }: { now: Date }): Promise<string[]> {
  const ids: string[] = [];
  for (const [n, message] of nine.entries()) {
    const at = new Date(now.getTime() - (25 - n * 2.5) * 60_000);
    const email = n === 8 ? null : `person${n}@example.com`;
    ids.push(
      (await db.transaction().execute((trx) => fileReport(trx, { message, email, source: 'form' }, at))).id,
    );
  }
  const other = {
    message: 'Where do I change the colour of my shop?',
    email: 'zoe@example.com',
    source: 'form',
  };
  ids.push(
    (await db.transaction().execute((trx) => fileReport(trx, other, new Date(now.getTime() - 3_600_000)))).id,
  );
  return ids;
}

async function groupOf(db: Db, id: string): Promise<string> {
  const row = await db.selectFrom('report').select('group_id').where('id', '=', id).executeTakeFirstOrThrow();
  return row.group_id!;
}

const linked = (db: Db) =>
  db.selectFrom('delivery').selectAll().where('template', '=', 'linked').orderBy('address').execute();

onBoth(
  t,
  'nine who say the same are one line, with the issue that fits; one click links them',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const { id: issue } = (await desk.api('POST', '/issues', bug)).body;
    const ids = await told(base.db, desk.clock);
    const today = (await desk.get('/admin')).html;
    t.ok(today.indexOf('colour of my shop') < today.indexOf('9 people'), 'who waits longest is first');
    const { html } = await desk.get('/admin/inbox');
    t.match(textOf(html), /9 people in 20 minutes: export gives an empty file/i);
    t.match(textOf(html), /One person: Where do I change the colour of my shop/);
    t.match(textOf(html), /fits: [a-z, ]*empty/);
    t.ok(html.indexOf('9 people') < html.indexOf('colour of my shop'), 'newest first');
    const group = await groupOf(base.db, ids[0]!);
    const done = await desk.post(`/admin/inbox/${group}/link`, { issue_id: issue });
    t.match(done, { status: 303, to: /^\/admin\/inbox\?deed=[0-9a-z]{12}$/ });
    const after = textOf((await desk.get(done.to)).html);
    t.match(after, /9 reports are part of “Export gives an empty file” now\. 8 people will be told\./);
    t.match(after, /You can take this back for 1 hour; for 2 minutes nobody hears of it\. Take it back/);
    t.notMatch(after, /9 people/);
    t.equal((await desk.api('GET', `/issues/${issue}`)).body.reporters_count, 9);
    const mails = await linked(base.db);
    t.equal(mails.length, 8);
    t.ok(mails.every((mail) => mail.due_at.getTime() === desk.clock.now.getTime() + holdMs));

    const deed = /deed=(\w+)/.exec(done.to)![1]!;
    desk.clock.now = new Date(desk.clock.now.getTime() + 60_000);
    const undone = await desk.post(`/admin/deeds/${deed}/undo`);
    t.match(textOf((await desk.get(undone.to)).html), /Taken back\. The reports wait in the inbox again\./);
    t.match(textOf((await desk.get('/admin/inbox')).html), /9 people in 20 minutes/);
    t.ok((await linked(base.db)).every((mail) => mail.state === 'cancelled'));
    const twice = await desk.post(`/admin/deeds/${deed}/undo`);
    t.equal(twice.status, 409);
    t.match(textOf(twice.html), /This was taken back already\./);
    const acts = await base.db
      .selectFrom('audit')
      .select(['act', 'detail'])
      .where('staff_id', 'is not', null)
      .orderBy('seq')
      .execute();
    t.match(acts, [
      { act: 'linked reports', detail: { reports: 9, deed } },
      { act: 'took a step back', detail: { step: 'link', deed, reports: 9, told: 0 } },
    ]);
  },
);

onBoth(t, 'of two who handle the same reports, the second is told who was quicker', async (t, base) => {
  const desk = await openDesk(t, base);
  const ben = await desk.colleague({ name: 'Ben' });
  const { id: issue } = (await desk.api('POST', '/issues', bug)).body;
  const ids = await told(base.db, desk.clock);
  await desk.get('/admin/inbox');
  const at = `/admin/inbox/${await groupOf(base.db, ids[0]!)}`;
  const seen = desk.clock.now.toISOString();
  desk.clock.now = new Date(desk.clock.now.getTime() + 1_000);
  await ben.post(`${at}/link`, { issue_id: issue, seen, report: [ids[0]!, ids[1]!] });
  desk.clock.now = new Date(desk.clock.now.getTime() + 1_000);
  const done = await desk.post(`${at}/spam`, { seen });
  t.match(
    textOf((await desk.get(done.to)).html),
    /7 reports are put aside as spam\. Nobody is mailed about it\. 2 of 9 were handled by Ben meanwhile and stay as they are\./,
  );
  const late = await ben.post(`${at}/link`, { issue_id: issue, seen, report: ids[3]! });
  t.equal(late.status, 409);
  t.match(textOf(late.html), /Sue has handled this meanwhile, so nothing was done\./);
  t.equal((await linked(base.db)).length, 2);
});

onBoth(t, 'what came after the page was made is not part of the step', async (t, base) => {
  const desk = await openDesk(t, base);
  const { id: issue } = (await desk.api('POST', '/issues', bug)).body;
  const ids = await told(base.db, desk.clock);
  await desk.get('/admin/inbox');
  const at = `/admin/inbox/${await groupOf(base.db, ids[0]!)}`;
  const seen = desk.clock.now.toISOString();
  desk.clock.now = new Date(desk.clock.now.getTime() + 60_000);
  await base.db
    .transaction()
    .execute((trx) =>
      fileReport(trx, { message: 'export gives an empty file!', source: 'form' }, desk.clock.now),
    );
  await gatherReports(base.db, desk.clock.now);
  const done = await desk.post(`${at}/link`, { issue_id: issue, seen });
  t.match(textOf((await desk.get(done.to)).html), /9 reports are part of/);
  t.match(
    textOf((await desk.get('/admin/inbox')).html),
    /One person: export gives an empty file less than a minute ago/,
  );
});

onBoth(t, 'a group shows every word, and some of it can be taken', async (t, base) => {
  const desk = await openDesk(t, base);
  const { id: issue } = (await desk.api('POST', '/issues', bug)).body;
  const ids = await told(base.db, desk.clock);
  await base.db
    .updateTable('report')
    .set({ page_url: 'https://shop.example.com/<export>', name: 'Ana' })
    .where('id', '=', ids[0]!)
    .execute();
  await base.db
    .updateTable('report')
    .set({ page_url: 'http://plain.example' })
    .where('id', '=', ids[1]!)
    .execute();
  await desk.get('/admin/inbox');
  const group = await groupOf(base.db, ids[0]!);
  const { html } = await desk.get(`/admin/inbox/${group}`);
  t.equal(html.match(/type="checkbox" name="report"/g)?.length, 9);
  t.match(html, /<a href="https:\/\/shop.example.com\/&lt;export&gt;" rel="noreferrer noopener">/);
  t.notMatch(html, /<a href="http:\/\/plain/);
  t.match(textOf(html), /Ana, person0@example.com/);
  t.match(textOf(html), /no address/);
  t.match(
    (await desk.get(`/admin/inbox/${group}?q=nothing+like+this`)).html,
    /We know of none that fits these words/,
  );

  const part = { report: [ids[0]!, ids[1]!] };
  const to = await desk.post(`/admin/inbox/${group}/link`, { ...part, do: 'acknowledge' });
  t.equal(to.to, `/admin/inbox/${group}/acknowledge?report=${ids[0]}&report=${ids[1]}`);
  t.equal((await desk.post(`/admin/inbox/${group}/link`, part)).status, 400, 'no issue was chosen');
  t.equal((await desk.post(`/admin/inbox/${group}/link`, { ...part, issue_id: 'zzzzzzzzzzzz' })).status, 404);
  await desk.post(`/admin/inbox/${group}/link`, { ...part, issue_id: issue });
  t.equal((await linked(base.db)).length, 2);
  t.match(textOf((await desk.get(`/admin/inbox/${group}`)).html), /7 people in/);

  const single = textOf((await desk.get(`/admin/inbox/${ids[0]}`)).html);
  if (ids[0] !== group)
    t.match(single, /Linked by Sue Export gives an empty file.*Take back this step \(2 reports\)/);
  t.match(
    textOf((await desk.get(`/admin/inbox/${ids[9]}`)).html),
    /One person: Where do I change the colour/,
  );
  t.equal((await desk.get('/admin/inbox/zzzzzzzzzzzz')).status, 404);
});

onBoth(t, 'an answer begins with kind words, is read over, and goes to all of them once', async (t, base) => {
  const desk = await openDesk(t, base);
  const ids = await told(base.db, desk.clock);
  await desk.get('/admin/inbox');
  const at = `/admin/inbox/${await groupOf(base.db, ids[0]!)}/answer`;
  const form = await desk.get(`${at}?verdict=not_reproducible`);
  t.match(textOf(form.html), /Answer 9 reports/);
  t.match(textOf(form.html), /That does not mean that it did not happen to you/);
  t.match(textOf(form.html), /8 people are mailed, in two minutes\. One report came without an address/);
  t.match(form.html, /value="as:works_as_designed"/);
  const own = await desk.post(at, { verdict: 'need_more', message: 'My words.', do: 'as:explained' });
  t.match(own.html, /name="verdict" value="explained"[\s\S]*My words\./, 'another kind keeps what was typed');
  const begun = await desk.post(at, { do: 'begin', report: [ids[0]!] });
  t.equal(begun.to, `${at}?report=${ids[0]}`);
  t.match(textOf((await desk.get(begun.to)).html), /Answer one report.*One person is mailed/);

  const wrong = await desk.post(at, { verdict: 'not_a_bug', message: ' ', do: 'send' });
  t.equal(wrong.status, 400);
  t.match(wrong.html, /Please write an answer/);
  const read = await desk.post(at, {
    verdict: 'not_a_bug',
    message: '**Please clear your cache.**',
    do: 'preview',
  });
  t.match(read.html, /<strong>Please clear your cache\.<\/strong>/);
  t.match(read.html, /How it may sound/);
  t.equal((await desk.api('GET', '/reports?state=answered')).body.data.length, 0);
  const done = await desk.post(at, {
    verdict: 'not_a_bug',
    message: 'It is built so. Here is why.',
    do: 'send',
  });
  t.match(textOf((await desk.get(done.to)).html), /9 reports have your answer\. 8 people will be told\./);
  t.match(textOf((await desk.get('/admin/inbox?show=answered')).html), /Answered by Sue/);
  const gone = await desk.post(at, { verdict: 'not_a_bug', message: 'Once more, <b>', do: 'send' });
  t.equal(gone.status, 409);
  t.match(gone.html, /Once more, &lt;b&gt;/, 'no word is lost');
});

onBoth(t, 'spam is kept apart, found by search, and can be taken back', async (t, base) => {
  const desk = await openDesk(t, base);
  const ids = await told(base.db, desk.clock);
  await desk.get('/admin/inbox');
  const done = await desk.post(`/admin/inbox/${ids[9]}/spam`);
  t.notMatch(textOf((await desk.get('/admin/inbox')).html), /colour of my shop/);
  t.match(
    textOf((await desk.get('/admin/inbox?show=spam')).html),
    /colour of my shop.*Put aside as spam by Sue.*Take it back/,
  );
  for (const q of ['COLOUR', 'zoe@example.com', 'zoe@']) {
    t.match(textOf((await desk.get(`/admin/inbox?q=${encodeURIComponent(q)}`)).html), /colour of my shop/, q);
  }
  t.match(
    textOf((await desk.get('/admin/inbox?q=%25')).html),
    /There is none/,
    'a sign of the database means itself',
  );
  await desk.post(`/admin/deeds/${/deed=(\w+)/.exec(done.to)![1]}/undo`);
  t.match(textOf((await desk.get('/admin/inbox')).html), /colour of my shop/);
});

onBoth(t, 'whoever says under a closed issue that it is still broken is gathered there', async (t, base) => {
  const desk = await openDesk(t, base);
  const { id } = (await desk.api('POST', '/issues', bug)).body;
  await desk.api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
  for (const message of ['not fixed at all', 'I see another colour', '']) {
    await base.db.transaction().execute((trx) => meToo(trx, id, { message }, desk.clock.now));
  }
  const html = textOf((await desk.get('/admin/inbox')).html);
  t.match(
    html,
    /3 people within a minute: not fixed at all.*About Export gives an empty file · Fixed.*Reopen it/,
  );
  const group = (await base.db.selectFrom('report_group').selectAll().execute())[0]!;
  t.equal(group.issue_id, id);
  await desk.api('POST', `/issues/${id}/updates`, { status: 'investigating', message: 'It is back.' });
  t.match(textOf((await desk.get('/admin/inbox')).html), /It is that issue again/);
  await desk.post(`/admin/inbox/${group.id}/link`, { issue_id: id });
  t.match(textOf((await desk.get('/admin/inbox')).html), /Nobody waits for an answer/);
});

onBoth(t, 'a reader sees it all and changes nothing', async (t, base) => {
  const desk = await openDesk(t, base, { role: 'reader' });
  const ids = await told(base.db, desk.clock);
  const { html } = await desk.get('/admin/inbox');
  t.match(textOf(html), /9 people/);
  t.notMatch(html, /method="post"/);
  const group = await groupOf(base.db, ids[0]!);
  t.equal((await desk.post(`/admin/inbox/${group}/spam`)).status, 403);
  t.notMatch((await desk.get(`/admin/inbox/${group}`)).html, /type="checkbox"/);
});

onBoth(t, 'lists go on page by page, each report once', async (t, base) => {
  const desk = await openDesk(t, base);
  const things = ['lamp', 'table', 'chair', 'window', 'river', 'garden', 'bottle'];
  for (let n = 0; n < 45; n++) {
    const at = new Date(desk.clock.now.getTime() - n * 60_000);
    const message = `${things[n % 7]}${n} ${things[(n + 3) % 7]}${n + 100}`;
    await base.db.transaction().execute((trx) => fileReport(trx, { message, source: 'form' }, at));
  }
  const seen = await walk(desk, '/admin/inbox', /<article/g);
  t.same(seen, [10, 10, 10, 10, 5]);
  for (const { id } of await base.db.selectFrom('report').select('id').execute()) {
    await base.db.transaction().execute((trx) => withdraw(trx, id, desk.clock.now));
  }
  t.match(textOf((await desk.get('/admin/inbox')).html), /Nobody waits/);
  t.equal((await desk.get('/admin/inbox?cursor=nonsense')).status, 400);
});

async function walk(desk: DeskVisitor, from: string, each: RegExp): Promise<number[]> {
  const counts: number[] = [];
  for (let at: string | undefined = from; at; ) {
    const { html } = await desk.get(at);
    counts.push(html.match(each)?.length ?? 0);
    at = /<a href="([^"]*)">Older ones/.exec(html)?.[1];
  }
  return counts;
}
