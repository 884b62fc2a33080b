import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { Database } from '../../src/db.ts';
import { newId } from '../../src/ids.ts';
import { openBrowser, runAxe } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { openPage, overflowOf, serveDesk, signIn } from '../fixtures/desk-browser.ts';

// What a customer found reaches the others, and what she tells in confidence stays that: with JavaScript and without.

for (const [engine, javaScriptEnabled] of [
  ['postgres', true],
  ['embedded', false],
] as const) {
  const how = `${javaScriptEnabled ? 'with' : 'without'} JavaScript (${engine})`;

  t.test(`she offers a way around, staff publish it, it helps somebody, ${how}`, async (t) => {
    const browser = await openBrowser(t);
    if (!browser) return;
    const base = await freshDatabase(t, engine);
    const { url, hire } = await serveDesk(t, base);
    const id = await aBug(base);
    const narrow = { javaScriptEnabled, viewport: { width: 320, height: 700 } };
    const hers = await openPage(t, browser, narrow);
    await hers.goto(`${url}/issues/${id}`);
    await hers.getByRole('button', { name: 'Me too' }).click();
    await hers.waitForURL(/\/r\/[\w-]+$/);
    await hers.getByText('Tell us, and it may help others').click();
    await hers.getByLabel('What one can do').fill('Send it *as a zip*.');
    await hers.getByLabel('By which name may we thank you').fill('Ana');
    await looks(t, hers, javaScriptEnabled, 'her own page');
    await hers.getByRole('button', { name: 'Send it' }).press('Enter');
    await hers.getByText('A person will read it. Until then').waitFor();

    const desk = await openPage(t, browser, { javaScriptEnabled });
    await signIn(desk, url, await hire('Sue', 'support'));
    await desk.getByRole('link', { name: /One customer tells/ }).click();
    await looks(t, desk, javaScriptEnabled, 'the offers that wait');
    await desk.getByRole('link', { name: 'Send it *as a zip*.' }).click();
    await desk.getByLabel('What the page shall say').fill('Send it **as a zip**.');
    await desk.getByRole('button', { name: 'Preview' }).click();
    await desk.getByRole('heading', { name: 'As the page will show it' }).waitFor();
    await looks(t, desk, javaScriptEnabled, 'one offer');
    await desk.getByRole('button', { name: 'Publish it', exact: true }).click();
    await desk.getByText('It stands on the page now.').waitFor();
    await looks(t, desk, javaScriptEnabled, 'the issue at the desk');

    const reader = await openPage(t, browser, narrow);
    await reader.goto(`${url}/issues/${id}`);
    await reader.getByText('Found by Ana.').waitFor();
    await looks(t, reader, javaScriptEnabled, 'the issue');
    const button = reader.getByRole('button', { name: /This helped me/ });
    await button.focus();
    await reader.keyboard.press('Enter');
    await reader.getByText('Thank you. You are counted.').waitFor();
    t.match(reader.url(), /#w-[0-9a-z]{12}$/, 'she stands where she was');
    await looks(t, reader, javaScriptEnabled, 'the issue, thanked');
    t.same(await reader.context().cookies(), [], 'and has no cookie of ours');
    await reader.goto(`${url}/issues/${id}`);
    await reader.getByRole('button', { name: /This helped me/ }).click();
    await reader.getByText('Thank you, we had counted you.').waitFor();
    await reader.getByText('It helped one person.').waitFor();
    await hers.reload();
    await hers.getByText('with thanks to Ana').waitFor();
  });

  t.test(`what she tells in confidence stays that, and she comes back to it, ${how}`, async (t) => {
    const browser = await openBrowser(t);
    if (!browser) return;
    const base = await freshDatabase(t, engine);
    const { url } = await serveDesk(t, base);
    const page = await openPage(t, browser, { javaScriptEnabled, viewport: { width: 320, height: 700 } });
    await page.goto(`${url}/report`);
    await page.getByText('You need not leave an address').waitFor();
    await page.getByLabel('What is going wrong?').fill('I paid with 4111 1111 1111 1111\nand got nothing.');
    await page.getByRole('button', { name: 'Tell us' }).click();
    await page.getByRole('heading', { name: 'Shall we take something out?' }).waitFor();
    await page.getByText('This looks like a card number.').waitFor();
    await looks(t, page, javaScriptEnabled, 'the question');
    await page.getByText('Change it myself').click();
    await page.getByLabel('Your words').fill('I paid, pin 1234, and got nothing.');
    await page.getByRole('button', { name: 'Send it as it is' }).click();
    await page.getByText('You changed your words, so we looked again.').waitFor();
    await page.getByRole('button', { name: 'Take them out and send' }).press('Enter');
    await page.waitForURL(/\/r\/[\w-]+$/);
    await page.getByText('I paid, pin [a secret number, taken out], and got nothing.').waitFor();
    await looks(t, page, javaScriptEnabled, 'her own page with its code');
    const own = page.url();
    const code = (await page.locator('p.code').innerText()).trim();

    const later = await openPage(t, browser, { javaScriptEnabled, viewport: { width: 320, height: 700 } });
    await later.goto(`${url}/r/lost`);
    await later.getByRole('link', { name: 'come back with it' }).click();
    await later.getByLabel('Ten letters and digits').fill('AAAA-AAAA-AA');
    await later.keyboard.press('Enter');
    await later.getByText('No report of ours has this code.').waitFor();
    await looks(t, later, javaScriptEnabled, 'a wrong code');
    t.equal(
      await later.getByLabel('Ten letters and digits').inputValue(),
      'AAAA-AAAA-AA',
      'to be held against hers',
    );
    await later.getByLabel('Ten letters and digits').fill(code.toLowerCase().replaceAll('-', ' '));
    await later.getByRole('button', { name: 'Show me my page' }).click();
    await later.waitForURL(own);
  });
}

async function aBug({ db }: Database): Promise<string> {
  const id = newId();
  const at = new Date(Date.now() - 3_600_000);
  await db
    .insertInto('issue')
    .values({
      id,
      kind: 'bug',
      title: 'Uploads stop at 99 %',
      status: 'investigating',
      impact: 'minor',
      workaround: 'Use the **other door** meanwhile.',
      resolution: null,
      next_update_at: null,
      started_at: at,
      scheduled_for: null,
      scheduled_until: null,
      monitoring_at: null,
      resolved_at: null,
      source: null,
      created_at: at,
      updated_at: at,
    })
    .execute();
  return id;
}

/** Fits its window, and axe has nothing to say, in the light and in the dark. */
async function looks(t: Test, page: Page, javaScriptEnabled: boolean, what: string): Promise<void> {
  if (!javaScriptEnabled) return;
  t.ok((await overflowOf(page)) <= 0, `${what} fits`);
  t.same((await runAxe(page)).wrong, [], what);
  await page.emulateMedia({ colorScheme: 'dark' });
  t.same((await runAxe(page, 'colours')).wrong, [], `${what} in the dark`);
  await page.emulateMedia({ colorScheme: 'light' });
}
