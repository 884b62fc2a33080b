import t, { type Test } from 'tap';
import type { Database } from '../../src/db.ts';
import type { Verdict } from '../../src/domain/words.ts';
import { writeEmail } from '../../src/notifications/email.ts';
import { stillWanted } from '../../src/notifications/still-wanted.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { deliveries, links, page } from '../fixtures/outbox.ts';
import { textOf } from '../fixtures/text.ts';

const minute = 60_000;
const bug = { title: 'Export gives an empty file', kind: 'bug', message: 'We know.', workaround: 'Use CSV.' };

onBoth(
  t,
  'who was told that there is no fault hears first and plainly that she was right',
  async (t, base) => {
    const { desk, report, answer, later } = await open(t, base);
    const [ana, bob, cleo, silent] = [
      await report('my export is an empty file', 'ana@example.com'),
      await report('empty export file', 'bob@example.com'),
      await report('export: the file is empty', 'cleo@example.com'),
      await report('nothing in my export', ''),
    ];
    await answer(ana, 'not_a_bug');
    await answer(silent, 'works_as_designed');
    await answer(bob, 'need_more');
    later();
    const { id } = (await desk.api('POST', '/issues', bug)).body;
    for (const one of [cleo, bob, silent]) await desk.api('POST', `/reports/${one}/link`, { issue_id: id });
    const linked = (await desk.api('POST', `/reports/${ana}/link`, { issue_id: id })).body;
    t.match(linked, { state: 'linked', verdict: 'not_a_bug', was_right_at: desk.clock.now.toISOString() });
    await desk.api('POST', `/reports/${ana}/link`, { issue_id: id });

    const mails = (await deliveries(base.db)).filter(({ issue_id }) => issue_id === id);
    t.same(
      mails.map(({ template, address }) => `${template} ${address}`),
      ['right ana@example.com', 'linked bob@example.com', 'linked cleo@example.com'],
      'one mail each, and that she was right only to whom we had told otherwise',
    );
    t.ok(mails[0]!.due_at < mails[1]!.due_at, 'hers goes before all others');
    t.match(await stated(base), [
      { type: 'were_right', issue_id: id, body: { verdict: 'works_as_designed', count: 1 } },
      { type: 'were_right', issue_id: id, body: { verdict: 'not_a_bug', count: 1 } },
    ]);

    const mail = await letter(base, 'right', desk.clock.now);
    t.equal(mail.subject, 'You were right: Export gives an empty file');
    for (const part of [mail.text!, textOf(mail.html!)]) {
      t.match(
        part.replace(/\s+/g, ' '),
        /you were right\. On 21 November 2026, 12:00 UTC we answered you that as far as we could tell nothing was broken\. That was wrong\. What you told us of is real, and it is our fault and not yours: “Export gives an empty file”\. We are sorry/,
      );
      t.match(part, /Use CSV\./);
      t.match(part, /help@example\.org/, 'a person to turn to');
    }
    t.notMatch(mail.text, /nothing wrong here/, 'our wrong answer is not told her once more');
    const own = await desk.app.inject(ownOf(ana));
    t.match(
      textOf(own.body),
      /You were right\. We told you otherwise, and we are sorry\. .*We take this answer back\..*You were right, and our answer was wrong/,
    );
  },
);

onBoth(t, 'where the issue is over, the same mail says so and asks whether it works', async (t, base) => {
  const { desk, report, answer, later } = await open(t, base);
  const ana = await report('my export is an empty file', 'ana@example.com');
  await answer(ana, 'not_reproducible');
  const { id } = (await desk.api('POST', '/issues', bug)).body;
  later();
  await desk.api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'A **full** disk.' });
  later();
  await desk.api('POST', `/reports/${ana}/link`, { issue_id: id });
  const mails = (await deliveries(base.db)).filter(({ issue_id }) => issue_id === id);
  t.match(mails, [{ template: 'right' }]);
  t.equal(mails.length, 1, 'and no second one says that it is over');
  const { text } = await letter(base, 'right', desk.clock.now);
  t.match(
    text,
    /could not make it happen here.*It is fixed since 21 November 2026, 12:10 UTC.*A \*\*full\*\* disk.*Does it work for you\?.*#works/s,
  );
  t.match((await desk.api('GET', `/issues/${id}/notifications`)).body, {
    total: 1,
    reporters: { people: 1, waiting: 1, without_mail: 0 },
  });
  const fixed_for = JSON.stringify([{ trait: 'region', any_of: ['EU'] }]);
  await base.db.updateTable('issue').set({ fixed_for }).execute();
  const perhaps = (await letter(base, 'right', desk.clock.now)).text!;
  t.match(perhaps, /It is fixed for some: so far in the region EU\. We do not know/);
  await base.db
    .updateTable('report')
    .set({ traits: JSON.stringify({ region: 'US' }) })
    .execute();
  const waits = (await letter(base, 'right', desk.clock.now)).text!;
  t.match(waits, /the fix has not reached you yet\. When it has, we write to you/);
  t.notMatch(waits, /It is fixed since|It is fixed now|Does it work for you/);
  await desk.api('POST', `/issues/${id}/updates`, { status: 'investigating', message: 'It is back.' });
  const again = await letter(base, 'right', desk.clock.now);
  t.match(again.text, /When it is fixed/, 'opened again, it says nothing of an end');
  t.notMatch(again.text, /Does it work for you/);
});

onBoth(
  t,
  'the desk links an answered report from its own page, and takes it back without a trace',
  async (t, base) => {
    const { desk, report, answer, later } = await open(t, base);
    const ana = await report('my export is an empty file', 'ana@example.com');
    await answer(ana, 'works_as_designed');
    const { id } = (await desk.api('POST', '/issues', bug)).body;
    later();
    const answered = (await desk.get('/admin/inbox?show=answered')).html;
    t.match(
      textOf(answered),
      /The one report that we answered as if there was no fault, in the last 90 days, has not turned out to be right\./,
    );
    t.match(answered, `/admin/inbox/${ana}/after-all`);
    const page = await desk.get(`/admin/inbox/${ana}/after-all`);
    t.match(textOf(page.html), /my export is an empty file.*Export gives an empty file.*It was this one/s);
    t.equal((await desk.post(`/admin/inbox/${ana}/after-all`)).status, 400);
    const done = await desk.post(`/admin/inbox/${ana}/after-all`, { issue_id: id });
    t.match(
      textOf((await desk.get(done.to)).html),
      /One report is part of “Export gives an empty file” now\. One person will be told\./,
    );
    t.match(
      textOf((await desk.get('/admin/right')).html),
      /The one report that we answered as if there was no fault, in the last 90 days, turned out to be right\..*my export is an empty file/s,
    );
    t.match((await base.db.selectFrom('audit').selectAll().execute()).at(-1), {
      act: 'linked an answered report',
      about: `issue:${id}`,
    });
    t.equal((await desk.get(`/admin/inbox/${ana}/after-all`)).status, 409, 'it is linked already');

    const deed = /deed=(\w+)/.exec(done.to)![1];
    later(1);
    const back = await desk.post(`/admin/deeds/${deed}/undo`);
    t.match(textOf((await desk.get(back.to)).html), /Taken back\. The report stands as answered again\./);
    t.match(await base.db.selectFrom('report').selectAll().execute(), [
      { state: 'answered', verdict: 'works_as_designed', issue_id: null, was_right_at: null },
    ]);
    t.match(await deliveries(base.db, { template: 'right' }), [
      { state: 'cancelled', reason: 'staff took the step back' },
    ]);
    t.match(
      (await stated(base)).map(({ body }) => body.count),
      [1, -1],
      'the count is corrected, not forgotten',
    );
    const own = textOf((await desk.app.inject(ownOf(ana))).body);
    t.notMatch(own, /You were right,/);

    const again = await desk.post(`/admin/inbox/${ana}/after-all`, { issue_id: id });
    t.equal(again.status, 303);
    t.match(await deliveries(base.db, { template: 'right' }), [{ state: 'queued', reason: null }]);
    await desk.app.inject({ method: 'POST', url: `${ownOf(ana)}/withdraw` });
    t.match(
      await stillWanted(base.db, (await deliveries(base.db, { template: 'right' }))[0]!, desk.clock.now),
      {
        state: 'cancelled',
      },
    );
    t.match(
      textOf((await desk.get('/admin/right')).html),
      /Nobody was told that there is no fault/,
      'who took it back is no figure',
    );
  },
);

onBoth(
  t,
  'an issue offers the answered reports that sound like it, and several are told in one step',
  async (t, base) => {
    const { desk, report, answer, later } = await open(t, base);
    const [ana, bob] = [
      await report('my export is an empty file', 'ana@example.com'),
      await report('the exported file is empty', 'bob@example.com'),
    ];
    const slow = await report('the search page is very slow', 'cleo@example.com');
    const open1 = await report('exported files are empty for me', 'dan@example.com');
    for (const one of [ana, bob, slow]) await answer(one, 'not_a_bug');
    await answer(open1, 'explained');
    later();
    const { id } = (await desk.api('POST', '/issues', bug)).body;
    t.match(
      textOf((await desk.get(`/admin/issues/${id}`)).html),
      /2 reports that we had answered sound like this one/,
    );
    const { html } = await desk.get(`/admin/issues/${id}/answered`);
    t.match(html, `value="${ana}"`);
    t.match(html, `value="${bob}"`);
    t.notMatch(html, slow);
    t.notMatch(html, open1, 'nobody is wronged by an explanation');
    t.equal((await desk.post(`/admin/issues/${id}/answered`)).status, 400);
    const reader = await desk.colleague({ role: 'reader' });
    t.equal((await reader.post(`/admin/issues/${id}/answered`, { report: [ana] })).status, 403);
    t.equal((await reader.get('/admin/right')).status, 200);
    t.equal((await desk.post(`/admin/issues/${id}/answered`, { report: [ana, bob] })).status, 303);
    t.match(
      (await deliveries(base.db, { template: 'right' })).map(({ address }) => address),
      ['ana@example.com', 'bob@example.com'],
    );
    t.match(
      textOf((await desk.get('/admin/right')).html),
      /Of 3 reports that we answered as if there was no fault, in the last 90 days, 2 turned out to be right\./,
    );
  },
);

async function open(t: Test, base: Database) {
  const desk = await openDesk(t, base);
  return {
    desk,
    later: (minutes = 10) => {
      desk.clock.now = new Date(desk.clock.now.getTime() + minutes * minute);
    },
    async report(message: string, email: string): Promise<string> {
      const payload = new URLSearchParams({ message, email }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      await desk.app.inject({ method: 'POST', url: '/report', headers, payload });
      const { id } = await base.db
        .selectFrom('report')
        .select('id')
        .where('message', '=', message)
        .executeTakeFirstOrThrow();
      return id;
    },
    answer: (id: string, verdict: Verdict) =>
      desk.api('POST', `/reports/${id}/answer`, { verdict, message: 'There is nothing wrong here.' }),
  };
}

function ownOf(id: string): string {
  return `/r/${links.token('report', id)}`;
}

function stated(base: Database) {
  return base.db.selectFrom('ledger').selectAll().where('type', '=', 'were_right').orderBy('id').execute();
}

/** The one mail of this template, written as it would go now and read by a parser that is not ours. */
async function letter(base: Database, template: 'right', now: Date) {
  const [delivery] = await deliveries(base.db, { template });
  const matter = await stillWanted(base.db, delivery!, now);
  if ('state' in matter) throw new Error(matter.reason);
  return writeEmail(page, links, delivery!, matter);
}
