import type { Browser, Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import type { Db } from '../../src/db.ts';
import { linksFor } from '../../src/links.ts';
import { openBrowser, runAxe } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { ago, fillSample, issueOf, reportOf, sampleConfig, sampleNow, updateOf } from '../fixtures/sample.ts';

const links = linksFor(Buffer.alloc(32, 7));
const own = (id: string) => `/r/${links.token('report', id)}`;
const pages = [
  '/',
  '/issues/publish00001',
  '/issues/overdue00001',
  '/issues/planned00001',
  '/issues/fixed0000001',
  '/issues/wontfix00001',
  '/search',
  '/search?q=publish',
  '/search?q=zebra',
  '/report',
  '/history',
  '/history?month=2020-01',
  own('mine00000001'),
  own('fresh0000001'),
  own('answered0001'),
  own('told00000003'),
  `${own('mine00000001')}/not-me`,
  `${own('mine00000001')}/unsubscribe`,
  '/nothing/here',
];

async function serve(t: Test, fill: (db: Db) => Promise<void> = fillSample) {
  const browser = await openBrowser(t);
  const database = await freshDatabase(t, 'embedded');
  await fill(database.db);
  const app = await buildApp({ config: sampleConfig, database, links, now: () => sampleNow });
  t.teardown(() => app.close());
  return { browser, db: database.db, url: await app.listen({ port: 0, host: '127.0.0.1' }) };
}

/** A page that keeps what the browser complains about: refused by the policy, thrown, asked of others. */
async function watched(t: Test, browser: Browser, options: Parameters<Browser['newContext']>[0] = {}) {
  const context = await browser.newContext({ timezoneId: 'Asia/Tokyo', ...options });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`a script ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith('http://127.0.0.1:')) complaints.push(`asked ${request.url()}`);
  });
  return { page, context, complaints };
}

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');

t.test('every page: nothing for axe to find, in the light and in the dark', async (t) => {
  const { browser, url } = await serve(t);
  if (!browser) return;
  const { page, complaints } = await watched(t, browser);
  const check = async (what: string) => {
    await page.emulateMedia({ colorScheme: 'light' });
    const { wrong, passes } = await runAxe(page);
    t.same(wrong, [], what);
    t.ok(passes > 10, 'axe did look');
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await runAxe(page, 'colours');
    t.same(dark.wrong, [], `${what} in the dark`);
    t.ok(dark.passes > 0, 'axe did look there too');
  };
  for (const path of pages) {
    await page.goto(url + path);
    await check(path);
  }
  await page.goto(`${url}/report`);
  await page.fill('#email', 'nobody');
  await page.click('main button[type=submit]');
  await page.waitForSelector('#message:focus'); // the first wrong field
  await check('a refused form');
  t.same(complaints, []);
});

t.test('every page fits 320 px, and its targets are large enough for a thumb', async (t) => {
  const { browser, url } = await serve(t, async (db) => {
    await fillSample(db);
    const long = `https://a.example/${'verylongword'.repeat(20)}`;
    await db
      .insertInto('issue')
      .values(issueOf('long00000001', { title: long, workaround: `\`${long}\`\n\n${long}` }))
      .execute();
    await db
      .insertInto('issue_update')
      .values(
        updateOf('long00000002', 'long00000001', {
          message: `    ${long}\n\n| a | b |\n|---|---|\n| ${long} | ${long} |`,
        }),
      )
      .execute();
    await db
      .insertInto('report')
      .values(
        reportOf('long00000003', {
          issue_id: 'long00000001',
          state: 'linked',
          linked_at: ago(1),
          message: long,
          page_url: long,
          email: `${'l'.repeat(64)}@${'d'.repeat(60)}.example`,
        }),
      )
      .execute();
  });
  if (!browser) return;
  const { page } = await watched(t, browser, { viewport: { width: 320, height: 640 } });
  for (const path of [
    ...pages,
    '/issues/long00000001',
    own('long00000003'),
    `/search?q=${'x'.repeat(300)}`,
  ]) {
    await page.goto(url + path);
    await page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
    t.equal(await overflow(page), 0, path);
    const small = await page.evaluate<string[]>(
      `[...document.querySelectorAll('button, input:not([type=hidden]), textarea, summary, nav a')].filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML)`,
    );
    t.same(small, [], `targets of ${path}`);
  }
});

t.test('a customer says me too with the keyboard alone', async (t) => {
  const { browser, url, db } = await serve(t);
  if (!browser) return;
  const { page, complaints } = await watched(t, browser);
  await page.goto(`${url}/issues/export000001`);
  await page.keyboard.press('Tab');
  t.equal(await page.evaluate('document.activeElement.className'), 'skip', 'the skip link comes first');
  await page.keyboard.press('Enter');
  for (let n = 0; n < 20 && (await page.evaluate('document.activeElement.id')) !== 'email'; n++) {
    await page.keyboard.press('Tab');
  }
  t.not(
    await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'),
    'none',
    'the focus shows',
  );
  await page.keyboard.type('eva@mail.example');
  await page.keyboard.press('Tab');
  await page.keyboard.type('For me too, since noon');
  await page.keyboard.press('Tab');
  await Promise.all([page.waitForURL(/\/r\//), page.keyboard.press('Enter')]);
  t.match(await page.textContent('main'), 'For me too, since noon');
  const report = await db
    .selectFrom('report')
    .selectAll()
    .where('email', '=', 'eva@mail.example')
    .executeTakeFirst();
  t.match(report, { state: 'linked', issue_id: 'export000001', message: 'For me too, since noon' });
  t.same(complaints, []);
});

t.test('everything works without JavaScript', async (t) => {
  const { browser, url } = await serve(t);
  if (!browser) return;
  const { page } = await watched(t, browser, { javaScriptEnabled: false });
  await page.goto(`${url}/`);
  await page.fill('#q', 'my zebra has no stripes');
  await page.click('.search button');
  t.equal(await page.inputValue('#message'), 'my zebra has no stripes', 'her words are in the form already');
  await page.fill('#email', 'nobody');
  await page.click('form[action="/report"] button');
  t.match(await page.textContent('.errors'), 'Nothing you wrote is lost');
  t.equal(await page.inputValue('#message'), 'my zebra has no stripes');
  await page.fill('#email', 'eva@mail.example');
  await page.click('form[action="/report"] button');
  t.match(page.url(), /\/r\//);
  await page.click('summary');
  await page.click('button:text("Remove my address")');
  t.match(await page.textContent('main'), 'we have no address of yours');
  await page.click('summary:text("Take it back")');
  await page.click('button:text("Yes, take it back")');
  t.match(await page.textContent('h1'), 'You took this back');
  t.equal((await page.locator('time').first().textContent())?.endsWith('UTC'), true);
});

t.test("times stand in UTC with the reader's own beside them", async (t) => {
  const { browser, url } = await serve(t);
  if (!browser) return;
  const { page } = await watched(t, browser);
  await page.goto(`${url}/issues/publish00001`);
  const since = (await page.textContent('section[aria-labelledby=since] p'))?.replace(/\s+/g, ' ');
  t.match(since, 'Since 21 Nov 2026, 19:00 UTC (Sun 04:00 for you)');
});

t.test('whatever anybody writes anywhere, no script of theirs runs', async (t) => {
  const evil = `"'><img src=x onerror=alert(1)><script>alert(2)</script><a href="javascript:alert(3)">a</a>[b](javascript:alert(4)) ![c](http://evil.example/x.png) <svg onload=alert(5)> \${alert(6)} <%= alert(7) %>`;
  const { browser, url } = await serve(t, async (db) => {
    await db
      .insertInto('component')
      .values({
        id: 'evil00000001',
        name: evil,
        description: evil,
        group_name: evil,
        source: null,
        created_at: ago(1),
        updated_at: ago(1),
      })
      .execute();
    await db
      .insertInto('issue')
      .values([
        issueOf('evil00000002', { title: evil, workaround: evil }),
        issueOf('evil00000003', {
          title: evil,
          workaround: evil,
          status: 'resolved',
          resolution: 'wont_fix',
          resolved_at: ago(1),
        }),
      ])
      .execute();
    await db
      .insertInto('issue_component')
      .values({ issue_id: 'evil00000002', component_id: 'evil00000001', status: 'major_outage' })
      .execute();
    await db
      .insertInto('issue_update')
      .values(updateOf('evil00000004', 'evil00000002', { message: evil }))
      .execute();
    const edit = { issue_id: 'evil00000002', was: evil, edited_at: ago(1) };
    await db
      .insertInto('issue_edit')
      .values([
        { ...edit, update_id: 'evil00000004', field: 'message' },
        { ...edit, update_id: null, field: 'title' },
        { ...edit, update_id: null, field: 'workaround' },
        { ...edit, update_id: null, field: 'impact' },
        { ...edit, update_id: null, field: 'started_at' },
      ])
      .execute();
    await db
      .insertInto('report')
      .values(
        reportOf('evil00000005', {
          message: evil,
          name: evil,
          page_url: evil,
          email: '<b>@mail.example',
          state: 'answered',
          verdict: 'need_more',
          answer: evil,
          answered_at: ago(1),
          issue_id: 'evil00000002',
        }),
      )
      .execute();
  });
  if (!browser) return;
  const { page, complaints } = await watched(t, browser);
  const q = encodeURIComponent(evil);
  for (const path of [
    '/',
    '/issues/evil00000002',
    '/issues/evil00000003',
    '/history',
    `/search?q=${q}`,
    `/report?q=${q}`,
    `/history?month=${q}`,
    `/${q}`,
    own('evil00000005'),
  ]) {
    await page.goto(url + path);
    t.equal(
      await page.locator('main img, main script, main svg[onload], a[href^="javascript"]').count(),
      0,
      path,
    );
  }
  await page.goto(`${url}/report`);
  for (const field of ['message', 'email', 'name', 'page_url']) await page.fill(`#${field}`, evil);
  await page.click('main button[type=submit]');
  t.equal(await page.inputValue('#email'), evil, 'it comes back as it was');
  t.equal(await page.locator('main img, main script').count(), 0);
  t.same(complaints, []);
});
