import t from 'tap';
import { noHash } from '../../src/domain/ledger.ts';
import { readHead } from '../../src/ledger/seal.ts';
import { openApp } from '../fixtures/app.ts';
import { openBrowser, runAxe } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { sayALittleOfEverything } from '../fixtures/said.ts';

t.test(
  'from an issue to its ledger and to how anybody checks it, by keyboard, small and in the dark',
  async (t) => {
    const browser = await openBrowser(t);
    if (!browser) return;
    const base = await freshDatabase(t, 'embedded');
    const said = await sayALittleOfEverything(base.db);
    const { app } = await openApp(t, base);
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const context = await browser.newContext({
      viewport: { width: 320, height: 700 },
      colorScheme: 'dark',
    });
    t.teardown(() => context.close());
    const page = await context.newPage();
    const follow = async (name: string) => {
      await page.getByRole('link', { name }).focus();
      await Promise.all([page.waitForLoadState(), page.keyboard.press('Enter')]);
      await page.waitForLoadState();
    };
    const isWell = async () => {
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 320, 'nothing is cut off');
      const { wrong, passes } = await runAxe(page);
      t.same(wrong, []);
      t.ok(passes > 10);
    };

    await page.goto(`${url}/issues/${said.publish}`);
    await follow('in our ledger');
    await page.waitForURL(`${url}/ledger?issue=${said.publish}`);
    const entries = await page.locator('.timeline > li').allInnerTexts();
    t.match(entries.at(-1), /We opened it|Editor: Partly down/);
    t.ok(entries.some((one) => /We changed what we had said\s+We have found a cause\./.test(one)));
    await isWell();

    await follow('in our ledger');
    await page.waitForURL(`${url}/ledger`);
    const { hash, seq } = await readHead(base.db);
    t.not(hash, noHash);
    const text = await page.locator('main').innerText();
    t.match(text, hash, 'it says where the ledger ends');
    t.match(text, `${seq} entries`);
    t.match(text, /node dist\/cli\.js verify https:\/\/status\.example\.com\//);
    await isWell();

    await page.goto(url);
    await follow('What was said stays said');
    await page.waitForURL(`${url}/ledger`);
  },
);
