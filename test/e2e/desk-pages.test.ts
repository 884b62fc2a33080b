import t from 'tap';
import { fillDemo } from '../../src/demo/sample.ts';
import { axeFinds, openBrowser } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { openPage, overflowOf, serveDesk, signIn } from '../fixtures/desk-browser.ts';

t.test(
  'every page of the console: nothing for axe to find, light and dark, and it fits 320 px',
  async (t) => {
    const browser = await openBrowser(t);
    if (!browser) return;
    const base = await freshDatabase(t, 'embedded');
    const desk = await serveDesk(t, base);
    const { broken, fixed } = await fillDemo(base.db, new Date());
    const email = await desk.hire('Olga', 'owner');
    const page = await openPage(t, browser, { viewport: { width: 320, height: 640 } });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    for (const path of ['/admin/sign-in', '/admin/forgotten', '/admin/join/not-a-token']) {
      await page.goto(desk.url + path);
      t.same(await axeFinds(page), [], path);
      t.equal(await overflowOf(page), 0, `${path} fits`);
    }
    await signIn(page, desk.url, email);
    await page.goto(`${desk.url}/admin/inbox`);
    const [group] = await page
      .locator('article h2 a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    const update = await base.db
      .selectFrom('issue_update')
      .select('id')
      .where('issue_id', '=', broken)
      .executeTakeFirst();
    const pages = [
      '/admin',
      '/admin/inbox',
      '/admin/inbox?show=linked',
      '/admin/inbox?show=answered',
      '/admin/inbox?q=invoice',
      `${group}`,
      `${group}/answer?verdict=need_more`,
      `${group}/acknowledge`,
      '/admin/lookup',
      '/admin/lookup?q=the+publish+button+is+dead',
      '/admin/lookup?q=zebra',
      '/admin/issues',
      '/admin/issues?state=closed',
      '/admin/issues/new?kind=maintenance',
      `/admin/issues/${broken}`,
      `/admin/issues/${fixed}`,
      `/admin/issues/${broken}/edit`,
      `/admin/issues/${broken}/updates/${update!.id}`,
      `/admin/issues/${broken}/resolve`,
      `/admin/issues/${broken}/merge`,
      `/admin/issues/${broken}/merge?q=newsletter`,
      `/admin/issues/${broken}/reporters`,
      `/admin/issues/${fixed}/mail`,
      '/admin/staff',
      '/admin/tokens',
      '/admin/components',
      '/admin/wordings',
      '/admin/erase',
      '/admin/audit',
      '/admin/me',
      '/admin/issues/000000000000',
    ];
    for (const path of pages) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(desk.url + path);
      t.same(await axeFinds(page), [], path);
      t.equal(await overflowOf(page), 0, `${path} fits 320 px`);
      await page.emulateMedia({ colorScheme: 'dark' });
      t.same(await axeFinds(page, 'colours'), [], `${path} in the dark`);
    }
    t.same(complaints, []);
  },
);
