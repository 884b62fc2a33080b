import t, { type Test } from 'tap';
import type { Database } from '../src/db.ts';
import { openApp } from './fixtures/app.ts';
import { onBoth } from './fixtures/db.ts';
import { openDesk } from './fixtures/desk.ts';
import { textOf } from './fixtures/text.ts';

const minute = 60_000;
const bug = { title: 'Export is empty', kind: 'bug', message: 'We know.' };
const fixed = { status: 'resolved', message: 'Fixed.' };

onBoth(t, 'an issue that is over says who told us and who was told, and hides nobody', async (t, base) => {
  const { app, api, clock, tell, page } = await openPublic(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  t.match(await page(id), 'Nobody has told us here yet.');
  for (const name of ['ana', 'ANA', 'bob', 'cleo', 'dan', 'eve', ''])
    await tell(id, name && `${name}@example.com`);
  const left = await tell(id, 'fay@example.com');
  t.match(await page(id), '7 people told us.', 'an open issue counts only');

  await api('POST', `/issues/${id}/updates`, fixed);
  const closedAt = clock.now.getTime();
  await app.inject({ method: 'POST', url: `${left}/withdraw` });
  const end = async (name: string, set: object) =>
    base.db
      .updateTable('delivery')
      .set({ ended_at: clock.now, ...set })
      .where('template', '=', 'resolved')
      .where('address_key', '=', `${name}@example.com`)
      .execute();
  t.match(await page(id), '6 people told us. 0 of 6 have been told so far. One left no address');
  clock.now = new Date(closedAt + 20_000);
  await end('ana', { state: 'sent' });
  t.match(await page(id), '1 of 6 has been told so far.');
  clock.now = new Date(closedAt + 3 * minute);
  await end('bob', { state: 'sent' });
  await end('cleo', { state: 'failed', reason: '550 <cleo@example.com> canary' });
  await end('dan', { state: 'suppressed', reason: 'canary' });
  await end('eve', { state: 'cancelled', reason: 'canary' });
  await end('fay', { state: 'cancelled', reason: 'the reporter withdrew the report' });
  const said = await page(id);
  t.match(
    said,
    '6 people told us. 2 were told it is fixed, the last one 3 minutes after. One could not be told: the mail did not get through. One could not be told: no mail goes there any more. One got no mail about it, and can read it here. One left no address, and can read it here or on a page of their own. One took it back before we wrote.',
  );
  t.notMatch(said, /canary|example\.com/);
  const { reporters, ...all } = (await api('GET', `/issues/${id}/notifications`)).body;
  t.same(reporters, {
    people: 6,
    told: 2,
    told_for_some: 0,
    waiting: 0,
    waiting_for_fix: 0,
    failed: 1,
    suppressed: 1,
    without_mail: 1,
    without_address: 1,
    took_back: 1,
    last_told_at: '2026-11-21T12:03:00.000Z',
  });
  t.match(all, { total: 6, sent: 2, failed: 1, suppressed: 1, cancelled: 2 }, 'as the mails are counted');

  clock.now = new Date(closedAt + 60 * minute);
  await tell(id, 'gil@example.com');
  await end('gil', { state: 'sent' });
  t.match(
    await page(id),
    '3 were told it is fixed; of those who had told us by then the last one 3 minutes after.',
  );
  await base.db
    .updateTable('delivery')
    .set({ state: 'queued', waits_for_fix: true, ended_at: null })
    .where('address_key', '=', 'gil@example.com')
    .execute();
  t.match(await page(id), 'The fix has not reached one yet, we write when it has.');
  await api('POST', `/issues/${id}/updates`, { status: 'investigating', message: 'It is not.' });
  t.match(await page(id), /7 people told us\. /, 'open again, it says nothing of it');
  t.equal((await api('GET', `/issues/${id}/notifications`)).body.reporters, null);
  await api('POST', `/issues/${id}/updates`, { ...fixed, resolution: 'wont_fix' });
  t.match(await page(id), '0 of 7 have been told so far', 'the newest closing counts');
});

onBoth(t, 'one person is one answer, and only what was said of this fix counts', async (t, base) => {
  const { api, clock, tell, say, page } = await openPublic(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  const [ana, again, silent, other] = [
    await tell(id, 'ana@example.com'),
    await tell(id, 'Ana@Example.com'),
    await tell(id, ''),
    await tell(id, ''),
  ];
  const worked = async () => (await api('GET', `/issues/${id}`)).body.worked;
  await api('POST', `/issues/${id}/updates`, fixed);
  t.same(await worked(), { yes: 0, no: 0 });
  t.notMatch(await page(id), /answered/, 'nobody answered, nothing is said');

  await say(ana!, 'no', 'canary');
  t.match(await page(id), 'One person answered: it does not work.');
  clock.now = new Date(clock.now.getTime() + minute);
  await say(again!, 'yes');
  t.same(await worked(), { yes: 1, no: 0 }, 'her latest word');
  await say(silent!, 'yes');
  await say(other!, 'no', 'canary');
  t.same(await worked(), { yes: 2, no: 1 });
  t.match(await page(id), '2 of the 3 who answered say it works.');
  t.notMatch(await page(id), 'canary');
  await say(again!, 'no');
  await say(silent!, 'no');
  t.match(
    await page(id),
    'We said that it is fixed. All 3 who answered say it does not work. We are looking at it.',
  );
  t.match(await page(id), 'Fixed, but not for everyone');
  t.notMatch(await page(id), 'It is fixed.');

  clock.now = new Date(clock.now.getTime() + minute);
  await api('POST', `/issues/${id}/updates`, { status: 'investigating', message: 'It is not.' });
  t.same(await worked(), { yes: 0, no: 0 });
  clock.now = new Date(clock.now.getTime() + minute);
  await api('POST', `/issues/${id}/updates`, fixed);
  t.notMatch(await page(id), /answered/);
  await say(ana!, 'yes');
  t.match(await page(id), 'One person answered: it works.');
});

onBoth(t, 'a fix that many doubt is on the desk with their words, until staff decide', async (t, base) => {
  const desk = await openDesk(t, base, { env: { DOUBT_LEAST: '2', DOUBT_SHARE: '50' } });
  const { tell, say } = visitors(desk.app);
  const { id } = (await desk.api('POST', '/issues', bug)).body;
  const people: string[] = [];
  for (let n = 0; n < 8; n++) people.push(await tell(id, `person${n}@example.com`));
  await desk.api('POST', `/issues/${id}/updates`, fixed);
  const today = async () => textOf((await desk.get('/admin')).html);
  const issue = async (query = '') => (await desk.get(`/admin/issues/${id}${query}`)).html;
  const later = () => {
    desk.clock.now = new Date(desk.clock.now.getTime() + minute);
  };
  t.notMatch(await issue(), /id="doubts"/);
  await say(people[0]!, 'no', 'still <empty>');
  t.notMatch(await today(), /Fixed, but not for everyone/);
  t.match(textOf(await issue()), /Not fixed for them.*One person answered: it does not work/s);
  later();
  await say(people[1]!, 'no');
  t.match(
    await today(),
    /Fixed, but not for everyone Export is empty Both who answered say it does not work\. still <empty>/,
  );
  t.match(await issue(), /<blockquote class="words">still &lt;empty&gt;</);
  t.match(textOf(await issue()), /person1@example\.com/);

  const plain = await issue();
  t.match(plain, /Leave it fixed/);
  t.notMatch(plain, /id="message"/, 'one form, and it says why');
  const reopening = await issue('?reopen=doubts');
  t.match(
    reopening,
    /<textarea id="message"[^>]*>\s*2 of you told us that it does not work\. So it is not over/,
  );
  t.match(reopening, /<option value="investigating" selected>/);

  await say(people[2]!, 'no');
  const left = await desk.post(`/admin/issues/${id}/doubts`, { seen: '2' });
  t.equal(left.to, `/admin/issues/${id}?said=leftfixed`);
  t.notMatch(await today(), /Fixed, but not for everyone/);
  t.match(textOf(await issue()), /Not fixed for them/, 'the words stay');
  await say(people[3]!, 'no', 'nor for me');
  t.match(await today(), /All 4 who answered say it does not work/, 'what came unseen counts as new');
  await desk.post(`/admin/issues/${id}/doubts`, { seen: '999' });
  t.match(await base.db.selectFrom('issue').select('doubts_seen').execute(), [{ doubts_seen: 4 }]);
  const acts = await base.db.selectFrom('audit').select(['act', 'about', 'detail']).execute();
  t.match(acts.at(-1), { act: 'left an issue fixed', about: `issue:${id}`, detail: { doubts: 4 } });

  later();
  const waiting = async () =>
    (await base.db.selectFrom('report').select('id').where('state', '=', 'new').execute()).length;
  t.equal(await waiting(), 4);
  await desk.api('POST', `/issues/${id}/updates`, { status: 'investigating', message: 'It is not.' });
  t.equal(await waiting(), 0, 'whoever said so follows it again, and nobody reads it anew');
  t.equal((await desk.post(`/admin/issues/${id}/doubts`, { seen: '4' })).status, 409);
  t.notMatch(await issue('?reopen=doubts'), /told us that it does not work/, 'an open issue is not reopened');
  later();
  await desk.api('POST', `/issues/${id}/updates`, fixed);
  await say(people[4]!, 'no');
  await say(people[5]!, 'no');
  t.match(await today(), /Both who answered say it does not work/, 'another fix is doubted anew');
  for (const n of [6, 7, 0]) await say(people[n]!, 'yes');
  t.notMatch(await today(), /Fixed, but not for everyone/, 'too few of all who answered');

  const reader = await desk.colleague({ role: 'reader' });
  t.equal((await reader.post(`/admin/issues/${id}/doubts`, { seen: '4' })).status, 403);
  t.notMatch((await reader.get(`/admin/issues/${id}`)).html, /Leave it fixed|Open it again and tell/);
});

onBoth(t, 'her own page shows the mails to her, what became of each, and nobody else’s', async (t, base) => {
  const { app, api, clock, tell, say } = await openPublic(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  const set = (template: string, fields: object) =>
    base.db
      .updateTable('delivery')
      .set(fields)
      .where('template', '=', template as 'receipt')
      .execute();
  const mails = async (own: string) => {
    const [, section = ''] =
      /aria-labelledby="mails">(.*?)<\/section>/s.exec((await app.inject(own)).body) ?? [];
    return textOf(section);
  };
  const ana = await tell(id, 'ana@example.com');
  t.match(
    await mails(ana),
    /That we have your report Made ready 21 Nov 2026, 12:00 UTC ?\. It waits to be sent\./,
  );
  await base.db.updateTable('sending').set({ paused_since: clock.now, reason: 'canary' }).execute();
  t.match(await mails(ana), /our mail does not go out just now/);
  await base.db.updateTable('sending').set({ paused_since: null, reason: null }).execute();
  await set('receipt', { attempts: 1, lease_until: new Date('2026-11-21T12:05:00.000Z') });
  t.match(await mails(ana), /It is being sent\./);
  await set('receipt', { lease_until: null });
  await set('receipt', { attempts: 2, last_error: 'canary', due_at: new Date('2026-11-21T12:10:00.000Z') });
  t.match(await mails(ana), /The mail server did not take it yet\. We try again, 21 Nov 2026, 12:10 UTC/);
  await set('receipt', { state: 'sent', ended_at: new Date('2026-11-21T12:11:00.000Z') });
  t.match(
    await mails(ana),
    /No mail server is set up: it was written to a file on this server, 21 Nov 2026, 12:11 UTC/,
  );

  clock.now = new Date('2026-11-21T13:00:00.000Z');
  await api('POST', `/issues/${id}/updates`, fixed);
  await set('resolved', { state: 'failed', reason: '550 canary', ended_at: clock.now });
  t.match(
    await mails(ana),
    /That it is over .* the mail server refused it, 21 Nov 2026, 13:00 UTC.*That we have your report/s,
  );
  t.notMatch(await mails(ana), /canary|example\.com/);

  // Somebody else types her address: what went to her before is none of his business.
  clock.now = new Date('2026-11-24T13:00:00.000Z');
  const stranger = await tell(id, 'mal@example.com');
  await base.db
    .updateTable('delivery')
    .set({ state: 'sent', ended_at: clock.now })
    .where('state', '=', 'queued')
    .execute();
  await app.inject({ ...form, url: `${stranger}/address`, payload: 'email=ana%40example.com' });
  const seen = await mails(stranger);
  t.notMatch(seen, /21 Nov 2026/);
  t.match(seen, /to the address you gave before/, 'his own mail stays, told apart');

  await say(ana, 'yes');
  await app.inject({ ...form, url: `${ana}/withdraw`, payload: '' });
  t.match(await mails(ana), /That it is over/, 'what was sent stays told');
  const spam = await tell(id, 'spam@example.com');
  await base.db
    .updateTable('delivery')
    .set({ state: 'cancelled', reason: 'staff took the report for spam', ended_at: clock.now })
    .where('address_key', '=', 'spam@example.com')
    .execute();
  t.match(await mails(spam), /It waits to be sent/, 'whoever sends spam sees no sign of it');
  t.equal(await mails(await tell(id, '')), '', 'who left no address is shown none');
});

const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } } as const;

async function openPublic(t: Test, base: Database) {
  const opened = await openApp(t, base);
  const page = async (id: string) => textOf((await opened.app.inject(`/issues/${id}`)).body);
  return { ...opened, ...visitors(opened.app), page };
}

function visitors(app: Awaited<ReturnType<typeof openApp>>['app']) {
  return {
    /** Says "me too" and answers her own page. */
    async tell(id: string, email: string): Promise<string> {
      const payload = new URLSearchParams({ email }).toString();
      const { headers } = await app.inject({ ...form, url: `/issues/${id}/me-too`, payload });
      return String(headers.location);
    },
    async say(own: string, worked: 'yes' | 'no', comment = ''): Promise<void> {
      const payload = new URLSearchParams({ worked, comment }).toString();
      t.equal((await app.inject({ ...form, url: `${own}/worked`, payload })).statusCode, 303);
    },
  };
}
