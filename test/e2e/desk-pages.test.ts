import t from 'tap';
import type { Db } from '../../src/db.ts';
import { fillDemo } from '../../src/demo/sample.ts';
import { newId } from '../../src/ids.ts';
import { linksFor } from '../../src/links.ts';
import { testWebhook } from '../../src/notifications/channels/webhooks.ts';
import { axeFinds, openBrowser } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { openPage, overflowOf, serveDesk, signIn } from '../fixtures/desk-browser.ts';
import { aHook, aSubscriber } from '../fixtures/hooks.ts';

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
    const her = await aSubscriber(base.db, 'her@example.com');
    await aHook(base.db, 'https://hooks.example.com/x', { subscriber_id: her, paused_at: new Date() });
    const hook = await aHook(base.db, 'https://hooks.example.com/x', { kind: 'slack', name: 'W'.repeat(80) });
    await base.db.transaction().execute((trx) => testWebhook(trx, null, hook, new Date()));
    const draft = await aDraft(base.db);
    const pages = [
      '/admin',
      '/admin/drafts',
      `/admin/issues/new?draft=${draft}`,
      '/admin/suppressions',
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
      '/admin/webhooks',
      `/admin/webhooks/${hook}`,
      `/s/${linksFor(Buffer.alloc(32, 9)).token('subscriber', her)}/webhooks`, // the other end of the same room
      '/admin/subscribers',
      `/admin/subscribers/${her}`,
      '/admin/subscribers/import',
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

/** An alarm that waits, and an address that no mail goes to. */
async function aDraft(db: Db): Promise<string> {
  const now = new Date();
  const draft = {
    id: newId(),
    source: 'uptime',
    source_key: 'k',
    title: 'W'.repeat(80),
    link: 'https://m.example/',
  };
  await db
    .insertInto('issue_draft')
    .values({ ...draft, message: 'p95 of /publish', created_at: now, seen_at: now })
    .execute();
  await db
    .insertInto('suppression')
    .values({ address_key: `${'w'.repeat(60)}@example.com`, reason: '550 5.1.1 unknown', created_at: now })
    .execute();
  return draft.id;
}
