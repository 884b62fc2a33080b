import t from 'tap';
import { sweepCounts } from '../../src/ledger/sweep.ts';
import { openApp } from '../fixtures/app.ts';
import { openBrowser, runAxe } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';

// Our word, in figures: what happens on the page is counted, and the page of figures says so.

t.test('a problem is told, answered and fixed, and the figures say how well', async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const base = await freshDatabase(t, 'embedded');
  const { app, clock, api } = await openApp(t, base);
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const at = (time: string) => {
    clock.now = new Date(`${time}:00.000Z`);
  };
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('request', (request) => void (request.url().startsWith(url) || complaints.push(request.url())));

  const months = [
    { day: '2026-09-03', waits: '10:20' },
    { day: '2026-10-07', waits: '11:00' },
    { day: '2026-11-21', waits: '10:05' },
  ];
  for (const { day, waits } of months) {
    at(`${day}T10:00`);
    const bug = { title: `Export is empty since ${day}`, kind: 'bug', message: 'We know.' };
    const promise = { next_update_at: `${day}T10:30:00.000Z` };
    const { id } = (await api('POST', '/issues', { ...bug, ...promise })).body;
    await page.goto(`${url}/issues/${id}`);
    await page.getByLabel(/mail address/).fill(`ana+${day}@example.com`);
    await page.getByRole('button', { name: /me too/i }).click();
    await page.waitForURL(/\/r\//);
    const own = page.url();
    at(`${day}T${waits}`);
    await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'It is fixed.' });
    await base.db
      .updateTable('delivery')
      .set({ state: 'sent', ended_at: new Date(clock.now.getTime() + 120_000) })
      .where('state', '=', 'queued')
      .execute();
    await page.goto(own);
    await page
      .getByRole('button', { name: /it works/i })
      .first()
      .click();
    await page.waitForLoadState();
    await sweepCounts(base.db, clock.now);
  }

  await page.goto(url);
  await page.getByRole('link', { name: 'Our word, in figures' }).click();
  await page.getByRole('heading', { name: 'Our word, in figures' }).waitFor();
  const text = () => page.locator('main').innerText();
  t.match(await text(), 'Of 3 promises we kept 2 and broke 1.');
  t.match(await text(), '3 of 3 answers say that it works.');
  t.match(await text(), 'Half within 20 minutes, nine of ten within 1 hour.');
  const chart = page.getByRole('img', {
    name: /^Promises of a next update, month by month from Sep 2026 to Nov 2026/,
  });
  t.match(await chart.getAttribute('aria-label'), 'Broken: from 0 (Sep 2026) to 1 (Oct 2026).');

  const table = page.getByRole('region', { name: 'Promises of a next update, month by month' });
  t.notOk(await table.isVisible());
  await page.locator('section[aria-labelledby=promises] summary').first().focus();
  await page.keyboard.press('Enter');
  t.same(await table.locator('tbody tr').allInnerTexts(), [
    'Nov 2026\t1\t0\t0',
    'Oct 2026\t0\t0\t1',
    'Sep 2026\t1\t0\t0',
  ]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { wrong, passes } = await runAxe(page, colorScheme === 'light' ? 'everything' : 'colours');
    t.same(wrong, [], colorScheme);
    t.ok(passes > 0, 'axe did look');
  }
  await page.setViewportSize({ width: 320, height: 640 });
  await page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
  t.equal(
    await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    0,
    'nothing scrolls sideways at 320 px',
  );

  const plain = await browser.newContext({ javaScriptEnabled: false });
  t.teardown(() => plain.close());
  const without = await plain.newPage();
  await without.goto(`${url}/promise`);
  await without.getByText('Month by month: Promises of a next update').click();
  t.ok(await without.getByRole('region', { name: 'Promises of a next update, month by month' }).isVisible());
  await without.getByRole('link', { name: 'for programs' }).click();
  t.match(JSON.parse(await without.locator('body').innerText()).all.promises, { kept: 2, broken: 1 });
  t.same(complaints, []);
});
