import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { blankInvoices } from '../../src/demo/strangers.ts';
import { axeFinds, openBrowser } from '../fixtures/browser.ts';
import { type Engine, freshDatabase } from '../fixtures/db.ts';
import { type DeskServer, openPage, overflowOf, serveDesk, signIn } from '../fixtures/desk-browser.ts';

// The desk's own story: somebody new signs in, finds what customers said, acknowledges a bug for eleven of them, answers
// one who was wrong, promises, keeps the promise, resolves, and watches 47 mails go out.

/** Each run begins at one width and ends at the other; the pages are looked at in both. */
const runs: { engine: Engine; javaScriptEnabled: boolean; widths: [number, number] }[] = [
  { engine: 'postgres', javaScriptEnabled: true, widths: [360, 1280] },
  { engine: 'embedded', javaScriptEnabled: false, widths: [1280, 360] },
];

const wrongOne = 'Customers can still order a product that I have hidden from the list!';

for (const { engine, javaScriptEnabled, widths } of runs) {
  const how = `${javaScriptEnabled ? 'with' : 'without'} JavaScript at ${widths.join(' and ')} px`;
  t.test(`from eleven reports to 47 mails, ${how} (${engine})`, async (t) => {
    const browser = await openBrowser(t);
    if (!browser) return;
    const base = await freshDatabase(t, engine);
    const desk = await serveDesk(t, base);
    const email = await desk.hire('Sue', 'support');
    await customersSpeak(desk);
    await mails(desk, 12, 'each has a receipt');

    const page = await openPage(t, browser, {
      javaScriptEnabled,
      viewport: { width: widths[0], height: 740 },
    });
    const loads = countLoads(page);
    const look = async (what: string, isElsewhere = true) => {
      if (!javaScriptEnabled) return; // axe is a script; the pages are the same
      const { width = 0 } = page.viewportSize() ?? {};
      for (const other of [1280, 360, width]) {
        await page.setViewportSize({ width: other, height: 740 });
        t.equal(await overflowOf(page), 0, `${what} fits ${other} px`);
      }
      // Most pages are held before axe in desk-pages.test.ts; the others only come about in a story.
      if (!isElsewhere) t.same(await axeFinds(page), [], what);
    };
    await signIn(page, desk.url, email);
    await look('today');

    loads.count = 0;
    await page.getByRole('link', { name: /^Inbox/ }).click();
    await page.getByRole('heading', { level: 2, name: /^11 people/ }).waitFor();
    await look('the inbox');
    const group = page.getByRole('article').filter({ hasText: '11 people' });
    await group.getByRole('link', { name: /^New issue/ }).click();
    await page.getByRole('heading', { level: 1, name: 'A new issue' }).waitFor();
    t.match(await page.getByLabel('Title').inputValue(), /invoice|pdf/i, 'a title to begin with');
    t.match(await page.getByLabel('What we say first').inputValue(), /not your fault/);
    t.match(await page.textContent('main'), /11 reports become part of it, and 11 people are mailed/);
    await look('the form');
    await page.getByLabel('Title').fill('Invoices come out as blank pages');
    await page.getByRole('button', { name: 'Publish it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Invoices come out as blank pages' }).waitFor();
    t.ok(loads.count <= 3, `acknowledged in ${loads.count} page loads`);
    await look('the issue');
    const issue = page.url().replace(/\?.*/, '');

    await page.getByRole('link', { name: /^Inbox/ }).click();
    const wrong = page.getByRole('article').filter({ hasText: 'Customers can still order' });
    await wrong.getByRole('link', { name: /^Answer/ }).click();
    await page.getByRole('button', { name: 'We built it this way' }).click();
    await look('the answer');
    await page
      .getByLabel(/answer|say/i)
      .last()
      .fill('You are right to wonder: hiding only takes it out of the lists. Choose “not for sale” instead.');
    await page.getByRole('button', { name: /^Preview/ }).click();
    await page.getByRole('heading', { name: 'As the page will show it' }).waitFor();
    await page.getByRole('button', { name: /^Send/ }).click();
    await page.getByRole('button', { name: 'Take it back' }).waitFor();
    await look('the inbox, emptied', false);
    t.equal(desk.smtp.accepted().length, 12, 'so far nobody has heard of it: it can be taken back');
    desk.pass(3 * 60_000);
    await mails(desk, 12 + 11 + 1, 'then eleven hear that we know, and one has her answer');
    t.match(raw(desk, 'customer12@'), /not for sale/);

    await page.setViewportSize({ width: widths[1], height: 740 });
    await page.goto(`${issue}/reporters`);
    const list = Array.from({ length: 36 }, (_, n) => `ticket${n}@example.com`).join('\n');
    await page.getByLabel('Paste addresses').fill(`${list}\ncustomer1@example.com`);
    await page.getByRole('button', { name: 'Show me what that would do' }).click();
    await look('the dry run', false);
    await page.getByRole('button', { name: 'Add 36 people' }).click();
    await page.getByText('36 people were added').waitFor();
    await look('the reporters');

    await page.goto(issue);
    await page.getByLabel('Say more').fill('Found: a font we use for invoices was gone from one server.');
    await page.getByLabel('How it stands').selectOption('identified');
    await page.getByLabel('Next update promised').selectOption('2h');
    await page.getByRole('button', { name: 'Post it' }).click();
    await page.getByText('Said in public.').waitFor();
    t.match(await page.textContent('main'), /next update by/);

    await page.getByRole('link', { name: 'It is over …' }).click();
    await page.getByText('47 people', { exact: false }).first().waitFor();
    await page
      .getByLabel('What we say about it')
      .fill('The font is back. Please download your invoices once more.');
    await look('before it is over');
    await page.getByRole('button', { name: 'Show me first' }).click();
    await page.getByText('Subject: Fixed: Invoices come out as blank pages').waitFor();
    await look('the mail before it goes', false);
    await page.getByRole('button', { name: 'Say that it is over and mail 47 people' }).click();
    await page.waitForURL(/\/mail/);
    await mails(desk, 12 + 11 + 1 + 47, 'and 47 are told');
    if (!javaScriptEnabled) await page.reload();
    await page.getByText(/47/).first().waitFor();
    await page.locator('progress[value="47"]').waitFor();
    await page.getByRole('heading', { name: 'Sent' }).waitFor();
    t.equal(await page.getByText('next try').count(), 0, 'what stands below is true by itself');
    await look('who was told', false);
    const told = desk.smtp.accepted().slice(-47);
    t.equal(new Set(told.map((mail) => mail.to[0])).size, 47, 'each once');
    t.ok(told.every((mail) => /Subject: Fixed: Invoices come out as blank pages/.test(mail.raw)));
  });
}

t.test(
  'two browsers at one issue: the second sees what the first did, and sends hers after all',
  async (t) => {
    const browser = await openBrowser(t);
    if (!browser) return;
    const base = await freshDatabase(t, 'postgres');
    const desk = await serveDesk(t, base);
    const [sue, ben] = [await openPage(t, browser), await openPage(t, browser)];
    await signIn(sue, desk.url, await desk.hire('Sue', 'support'));
    await signIn(ben, desk.url, await desk.hire('Ben', 'support'));
    await sue.goto(`${desk.url}/admin/issues/new`);
    await sue.getByLabel('Title').fill('Search finds nothing');
    await sue.getByRole('button', { name: 'Publish it' }).click();
    await sue.getByRole('heading', { level: 1, name: 'Search finds nothing' }).waitFor();
    await ben.goto(sue.url());
    await ben.getByLabel('Say more').fill('Ben: the index is being built anew.');
    await ben.getByRole('button', { name: 'Post it' }).click();
    await ben.getByText('Said in public.').waitFor();
    await sue.getByLabel('Say more').fill('Sue: we are looking into it.');
    await sue.getByRole('button', { name: 'Post it' }).click();
    await sue.getByRole('alert').filter({ hasText: 'While you wrote: Ben posted an update' }).waitFor();
    t.match(await sue.textContent('.timeline'), /Ben: the index is being built anew/);
    t.equal(await sue.getByLabel('Say more').inputValue(), 'Sue: we are looking into it.');
    await sue.getByRole('button', { name: 'Post it' }).click();
    await sue.getByText('Said in public.').waitFor();
    t.match(await sue.textContent('.timeline'), /Sue: we are looking into it[\s\S]*Ben: the index/);
  },
);

t.test('with the keyboard alone: in, through the inbox, acknowledge, and out again', async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const base = await freshDatabase(t, 'embedded');
  const desk = await serveDesk(t, base);
  const email = await desk.hire('Sue', 'support');
  await customersSpeak(desk);
  const page = await openPage(t, browser);
  await page.goto(`${desk.url}/admin`);
  await page.keyboard.type(email); // the field has the focus
  await page.keyboard.press('Tab');
  await page.keyboard.type('four paper boats at sea');
  await press(page, 'Enter');
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  await tabTo(t, page, /^Inbox/);
  await press(page, 'Enter');
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await tabTo(t, page, /^11 people/);
  await press(page, 'n');
  await page.getByRole('heading', { level: 1, name: 'A new issue' }).waitFor();
  await tabTo(t, page, /^Publish it/);
  await press(page, 'Enter');
  await page.getByRole('button', { name: 'Take it back' }).waitFor();
  await tabTo(t, page, /^Take it back/);
  await press(page, 'Enter');
  await page
    .getByText(/taken back|Taken back/)
    .first()
    .waitFor();
  await tabTo(t, page, /^Sue/);
  await press(page, 'Enter');
  await tabTo(t, page, /^Sign out/);
  await press(page, 'Enter');
  await page.getByText('You are signed out.').waitFor();
  t.pass('and no mouse was there');
});

async function customersSpeak({ url }: DeskServer): Promise<void> {
  for (const [n, message] of [...blankInvoices, wrongOne].entries()) {
    const body = new URLSearchParams({ message, email: `customer${n + 1}@example.com` });
    await fetch(`${url}/report`, { method: 'POST', body, redirect: 'manual' });
  }
}

async function mails({ smtp }: DeskServer, count: number, what: string): Promise<void> {
  const until = Date.now() + 30_000;
  while (smtp.accepted().length < count && Date.now() < until)
    await new Promise((done) => setTimeout(done, 30));
  t.equal(smtp.accepted().length, count, what);
}

function raw({ smtp }: DeskServer, address: string): string {
  return smtp
    .accepted()
    .filter((mail) => mail.to[0]?.startsWith(address))
    .map((mail) => mail.raw)
    .join('\n');
}

/** Whole pages that the browser loaded. */
function countLoads(page: Page): { count: number } {
  const loads = { count: 0 };
  page.on('request', (request) => {
    if (request.isNavigationRequest() && request.method() === 'GET') loads.count++;
  });
  return loads;
}

/** A key that leads to another page. */
async function press(page: Page, key: string): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.keyboard.press(key)]);
}

/** Presses Tab until what has the focus is called so. */
async function tabTo(t: Test, page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    await page.keyboard.press('Tab');
    const called = await page.evaluate<string>('(document.activeElement?.textContent ?? "").trim()');
    if (name.test(called)) return;
  }
  t.fail(`Tab does not come to ${name}`);
}
