import t from 'tap';
import type { Db } from '../../src/db.ts';
import { pauseSending } from '../../src/notifications/breaker.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { addresses, anIssue, deliveries, reportsOf, resolve } from '../fixtures/outbox.ts';
import { textOf } from '../fixtures/text.ts';

const minutes = (n: number) => n * 60_000;

onBoth(t, 'after a resolve: who was told, who was not and why, and the failed once more', async (t, base) => {
  const { db } = base;
  const desk = await openDesk(t, base, { env: { SMTP_URL: 'smtp://mail.example:25' } });
  const issueId = await anIssue(db, { title: 'Uploads <stop>' });
  const path = `/admin/issues/${issueId}/mail`;
  t.match(textOf((await desk.get(path)).html), 'No mail is owed about this.');
  await reportsOf(db, issueId, addresses(9));
  await resolve(db, issueId, undefined, 'fixed', desk.clock.now);
  t.match(textOf((await desk.get(path)).html), '0 of 9 sent, 9 waiting.');
  t.match((await desk.get(path)).html, `data-mail="${path}.json"`);
  await end(db, 'person0@example.com', 'sent', null);
  await end(db, 'person1@example.com', 'failed', 'the mail server refused the message: 552');
  await end(db, 'person2@example.com', 'failed', 'the mail server refused the address: 550 5.1.1');
  await end(db, 'person3@example.com', 'suppressed', 'no mail goes to this address: 550 5.1.1');
  await end(db, 'person4@example.com', 'cancelled', 'the reporter withdrew the report');
  await end(db, 'person5@example.com', 'failed', 'given up after 72 hours', 1);
  await suppress(db, 'person2@example.com', desk.clock.now);
  const page = await desk.get(path);
  const text = textOf(page.html);
  t.match(
    text,
    '1 of 9 sent, 3 waiting, 3 failed, 1 not sent, since their address wants or takes no mail, 1 not needed any more.',
  );
  t.match(page.html, '<progress class="bar" max="9" value="6"');
  t.match(text, '3 mails failed');
  t.match(text, 'One address does not exist');
  t.match(text, 'One may have arrived all the same');
  t.match(text, 'Send 2 again');
  t.match(text, 'person1@example.com that it is over', 'the failed stand first');
  t.match(text, 'the mail server refused the message: 552');
  t.notMatch(text, 'person4@example.com');
  t.match(textOf((await desk.get(`${path}?state=cancelled`)).html), 'the reporter withdrew the report');
  t.match(textOf((await desk.get(`${path}?state=nonsense&page=x`)).html), 'person1@example.com');
  const json = JSON.parse((await desk.get(`${path}.json`)).html);
  t.match(json, {
    sent: 1,
    queued: 3,
    failed: 3,
    suppressed: 1,
    cancelled: 1,
    total: 9,
    ended: 6,
    text: /^1 of 9 sent/,
  });

  const reader = await desk.colleague({ role: 'reader' });
  t.notMatch((await reader.get(path)).html, 'Send 2 again');
  t.equal((await reader.post(path)).status, 403);
  t.equal((await deliveries(db, { state: 'queued' })).length, 3);

  const answer = await desk.post(path);
  t.match(answer, { status: 303, to: `${path}?said=again` });
  t.match(textOf((await desk.get(answer.to)).html), 'The failed mails are on their way again.');
  t.equal((await deliveries(db, { state: 'queued' })).length, 5);
  const done = await db
    .selectFrom('audit')
    .selectAll()
    .where('act', '=', 'sent failed mails again')
    .execute();
  t.match(done, [{ about: `issue:${issueId}`, detail: { again: 2, left: 1 }, address: null }]);
  t.equal((await desk.post(path)).to, `${path}?state=failed`);
  const left = textOf((await desk.get(`${path}?state=failed`)).html);
  t.match(left, 'One mail failed');
  t.notMatch(left, /Send .* again/);
});

onBoth(t, 'what is stuck is said loudly, with what to do', async (t, base) => {
  const desk = await openDesk(t, base);
  const issueId = await anIssue(base.db);
  const path = `/admin/issues/${issueId}/mail`;
  await reportsOf(base.db, issueId, addresses(1));
  await resolve(base.db, issueId, undefined, 'fixed', desk.clock.now);
  t.notMatch(textOf((await desk.get(path)).html), 'What you can do');
  t.match(textOf((await desk.get(path)).html), 'No mail server is set (SMTP_URL)');
  desk.clock.now = new Date(desk.clock.now.getTime() + minutes(11));
  const late = textOf((await desk.get(path)).html);
  t.match(late, 'Mail is stuck. The oldest mail waits since 11 minutes');
  t.match(late, 'whether a process with NOTIFIER on is running');
  await pauseSending(base.db, 'the mail server refuses our login: 535', desk.clock.now, 1_000);
  const paused = textOf((await desk.get(path)).html);
  t.match(paused, 'the mail server refuses our login: 535');
  t.match(paused, 'its address and login (SMTP_URL) or our sender (MAIL_FROM) need a look');
});

onBoth(t, 'many mails are shown fifty at a time', async (t, base) => {
  const desk = await openDesk(t, base);
  const issueId = await anIssue(base.db);
  await reportsOf(base.db, issueId, addresses(120));
  await resolve(base.db, issueId, undefined, 'fixed', desk.clock.now);
  const seen = new Set<string>();
  let path = `/admin/issues/${issueId}/mail?state=queued`;
  for (let pages = 1; path !== ''; pages++) {
    const { html } = await desk.get(path);
    const found = html.match(/person\d+@example\.com/g) ?? [];
    t.ok(found.length <= 50);
    for (const one of found) seen.add(one);
    path = (/rel="next" href="([^"]+)"/.exec(html)?.[1] ?? '').replaceAll('&amp;', '&');
    t.ok(pages <= 3);
  }
  t.equal(seen.size, 120);
});

onBoth(t, 'a draft: as a page of its own, and as a mail to oneself', async (t, base) => {
  const desk = await openDesk(t, base);
  const issueId = await anIssue(base.db, { title: 'Uploads <stop>' });
  const [reportId] = await reportsOf(base.db, issueId, ['ann@example.com']);
  const words = { message: 'It was the *disk* <script>alert(1)</script>.', resolution: 'fixed' };
  const letter = await desk.post(`/admin/issues/${issueId}/letter`, words);
  t.equal(letter.status, 200);
  t.match(letter.html, /^<!doctype html>/);
  t.match(letter.html, 'It was the <em>disk</em> &lt;script&gt;');
  t.notMatch(letter.html, reportId!);
  t.equal(
    letter.headers['content-security-policy'],
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  t.equal((await desk.post(`/admin/issues/${issueId}/letter`, { message: ' ' })).status, 400);
  t.equal((await base.db.selectFrom('audit').selectAll().execute()).length, 0, 'looking leaves no trace');

  const sent = await desk.post(`/admin/issues/${issueId}/rehearsal`, words);
  t.match(sent, { status: 303, to: `/admin/issues/${issueId}/resolve?said=rehearsed` });
  t.match(await deliveries(base.db), [
    { template: 'rehearsal', address: desk.staff.email, draft: words, issue_id: issueId },
  ]);
  const fromForm = await base.db
    .selectFrom('issue')
    .select('revision')
    .where('id', '=', issueId)
    .executeTakeFirstOrThrow();
  const again = await desk.post(`/admin/issues/${issueId}/resolve`, {
    ...words,
    do: 'rehearse',
    revision: String(fromForm.revision),
  });
  t.equal(again.status, 200);
  t.match(again.html, 'It was the *disk*', 'with all her words');
  t.equal((await deliveries(base.db)).length, 2);
  const acts = await base.db.selectFrom('audit').select('act').execute();
  t.same(
    acts.map((one) => one.act),
    ['sent a draft to themselves', 'sent a draft to themselves'],
  );
  const reader = await desk.colleague({ role: 'reader' });
  t.equal((await reader.post(`/admin/issues/${issueId}/rehearsal`, words)).status, 403);
});

onBoth(t, 'merge and split in the browser: find it, see what happens, say it in public', async (t, base) => {
  const { db } = base;
  const desk = await openDesk(t, base);
  const from = await anIssue(db, { title: 'Saving <fails>' });
  const into = await anIssue(db, { title: 'Uploads stop at night' });
  const work = await anIssue(db, { kind: 'maintenance', status: 'scheduled', title: 'New disks' });
  await reportsOf(db, from, ['ann@example.com', 'bob@example.com']);
  await reportsOf(db, from, [null] as never);
  await reportsOf(db, into, ['cid@example.com']);
  const path = `/admin/issues/${from}/merge`;
  const open = await desk.get(path);
  t.match(textOf(open.html), 'Uploads stop at night');
  t.match(textOf(open.html), 'One person told us');
  t.notMatch(open.html, `into=${work}`, 'planned work is not offered');
  t.notMatch(open.html, `into=${from}"`, 'nor itself');
  t.match((await desk.get(`${path}?q=uplods+stop`)).html, `${path}?into=${into}`);
  t.match(textOf((await desk.get(`${path}?q=zebra`)).html), 'No issue fits these words.');

  const seen = textOf((await desk.get(`${path}?into=${into}`)).html);
  t.match(seen, '3 people come along');
  t.match(seen, '2 of them get one mail in two minutes: that it is the same problem');
  t.match(seen, 'This is the same problem as “Uploads stop at night”, so we follow it there: https://');
  t.match(textOf((await desk.get(`${path}?into=${work}`)).html), 'Planned work and something broken');

  const empty = await desk.post(path, { into, message: ' ' });
  t.equal(empty.status, 400);
  t.match(empty.html, 'aria-describedby="message-error"');
  const refused = await desk.post(path, { into: work, message: 'my words' });
  t.equal(refused.status, 400);
  t.equal((await desk.post(path, { into: 'zzzzzzzzzzzz', message: 'm' })).status, 404);
  const merged = await desk.post(path, { into, message: 'The same as the uploads.' });
  t.match(merged, { status: 303, to: `/admin/issues/${from}?said=merged` });
  t.match((await db.selectFrom('audit').selectAll().execute())[0], {
    act: 'merged two issues',
    about: `issue:${from}`,
    detail: { into, reports: 3, told: 2 },
  });
  t.match(textOf((await desk.get(path)).html), 'It is followed at “Uploads stop at night”');
  t.match(textOf((await desk.get(`/admin/issues/${from}/mail`)).html), '0 of 2 sent, 2 waiting');

  const reader = await desk.colleague({ role: 'reader' });
  t.notMatch((await reader.get(path)).html, '<form class="form"');
  t.equal((await reader.post(`/admin/issues/${from}/split`)).status, 403);
  t.equal((await desk.post(`/admin/issues/${from}/split`, { message: '' })).status, 400);
  const split = await desk.post(`/admin/issues/${from}/split`, { message: 'No, it is not.' });
  t.match(split, { status: 303, to: `/admin/issues/${from}?said=split` });
  t.same(await deliveries(db, { state: 'queued' }), [], 'nobody hears of it');
  t.equal((await desk.post(`/admin/issues/${from}/split`)).status, 409);
  await desk.post(path, { into, message: 'After all.' });
  t.equal(
    (await desk.post(`/admin/issues/${from}/split`)).status,
    303,
    'our usual words where the button has no field',
  );
});

async function end(
  db: Db,
  address: string,
  state: 'sent' | 'failed' | 'suppressed' | 'cancelled',
  reason: string | null,
  maybe_delivered = 0,
): Promise<void> {
  await db
    .updateTable('delivery')
    .set({ state, reason, ended_at: new Date(), attempts: 1, maybe_delivered })
    .where('address', '=', address)
    .execute();
}

async function suppress(db: Db, address_key: string, created_at: Date): Promise<void> {
  await db.insertInto('suppression').values({ address_key, reason: '550 5.1.1', created_at }).execute();
}
