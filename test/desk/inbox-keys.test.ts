import t from 'tap';
import { fileReport } from '../../src/reports/file-report.ts';
import { axeFinds, openBrowser } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { openPage, overflowOf, serveDesk, signIn } from '../fixtures/desk-browser.ts';
import { anIssue } from '../fixtures/outbox.ts';

const said = [
  'export gives an empty file',
  'The exported file is empty',
  'my parcel arrived at the wrong address',
  'Buy my watches',
  'How do I change the colour of my shop?',
];

t.test(
  'the inbox is worked through with the keyboard alone, and disturbs nobody outside the list',
  async (t) => {
    const browser = await openBrowser(t);
    if (!browser) return;
    const { db, ...rest } = await freshDatabase(t, 'embedded');
    const desk = await serveDesk(t, { db, ...rest });
    const issue = await anIssue(db, { title: 'Export gives an empty file' });
    for (const [n, message] of said.entries()) {
      const at = new Date(Date.now() - (10 - n) * 60_000);
      const email = `person${n}@example.com`;
      await db.transaction().execute((trx) => fileReport(trx, { message, email, source: 'form' }, at));
    }
    const page = await openPage(t, browser, { viewport: { width: 360, height: 740 } });
    await signIn(page, desk.url, await desk.hire('Sue', 'support'));
    await page.goto(`${desk.url}/admin/inbox`);
    t.same(await axeFinds(page), []);
    t.equal(await overflowOf(page), 0);
    const focused = "document.activeElement?.closest('article')?.querySelector('h2')?.textContent ?? ''";
    const here = () => page.evaluate<string>(focused);
    const state = async (message: string) =>
      (await db.selectFrom('report').select('state').where('message', '=', message).executeTakeFirstOrThrow())
        .state;

    await page.keyboard.press('s');
    await page.keyboard.press('j');
    t.equal(await here(), '', 'outside the list a letter is a letter');
    t.match(await page.getByText('Keys, while you are in the list').textContent(), /j and k move/);

    for (let n = 0; n < 30 && !(await here()); n++) await page.keyboard.press('Tab');
    t.match(await here(), /colour of my shop/, 'Tab comes to the first group');
    await page.keyboard.press('j');
    t.match(await here(), /Buy my watches/);
    await page.keyboard.press('k');
    t.match(await here(), /colour of my shop/);
    await page.keyboard.press('ArrowDown');
    await Promise.all([page.waitForURL(/deed=/), page.keyboard.press('s')]);
    t.equal(await state('Buy my watches'), 'spam');
    t.match(await here(), /parcel arrived/, 'and she goes on where she was');
    await Promise.all([page.waitForURL((url) => url.href.includes('deed=')), page.keyboard.press('u')]);
    await page.getByText('Taken back').waitFor();
    t.equal(await state('Buy my watches'), 'new');
    await page.keyboard.press('?');
    t.ok(await page.getByText('a new issue').isVisible());
    await page.keyboard.press('?');
    t.notOk(await page.getByText('a new issue').isVisible());
    for (const key of ['j', 'j', 'j', 'j']) await page.keyboard.press(key);
    t.match(await here(), /2 people in a minute|2 people in 1 minute/);
    await page.keyboard.press('1');
    await page.getByText('2 reports are part of “Export gives an empty file” now').waitFor();
    t.equal(await state('The exported file is empty'), 'linked');
    const linked = await db.selectFrom('report').select('id').where('issue_id', '=', issue).execute();
    t.equal(linked.length, 2);

    for (const [key, address] of [
      ['n', /acknowledge$/],
      ['a', /answer$/],
      ['Enter', /inbox\/\w{12}$/],
      ['o', /inbox\/\w{12}$/],
    ] as const) {
      await page.goto(`${desk.url}/admin/inbox`);
      await page.locator('article').first().focus();
      await Promise.all([page.waitForURL(address), page.keyboard.press(key)]);
    }
    await page.locator('#q').focus();
    await page.keyboard.type('snaj');
    t.equal(await page.locator('#q').inputValue(), 'snaj');
  },
);
