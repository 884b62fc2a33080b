import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { openApp } from '../fixtures/app.ts';
import { openBrowser, runAxe } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';

const phone = { SUPPORT_PHONE: '+49 (0)30 123-456', SUPPORT_HOURS: 'weekdays, 9 to 17 in Berlin' };
const link = 'tel:+4930123456';

t.test('what an edit changed can be read, and a person called, by eye, by ear and by key', async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const { app, api, clock } = await openApp(t, await freshDatabase(t, 'embedded'), phone);
  const { body: issue } = await api('POST', '/issues', {
    title: 'Uploads fail',
    kind: 'incident',
    message: `Uploads fail for a few of you. It may be your browser. ${'We look at it. '.repeat(60)}`,
    workaround: 'Use the old page.',
  });
  const later = (path: string, body: object) => {
    clock.now = new Date(clock.now.getTime() + 60_000);
    return api('PATCH', path, body);
  };
  const at = `/issues/${issue.id}`;
  await later(`${at}/updates/${issue.updates[0].id}`, {
    message: `Uploads fail for all of you. It is not your browser. ${'We look at it. '.repeat(60)}`,
  });
  await later(at, { title: `Uploads fail: ${'averylongword'.repeat(8)}` });
  await later(at, { workaround: 'Use the old page, or your phone.' });
  await later(at, { started_at: '2026-11-21T10:30:00Z' });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const open = async (javaScriptEnabled: boolean) => {
    const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 320, height: 800 } });
    t.teardown(() => context.close());
    return context.newPage();
  };

  const page = await open(false);
  await page.goto(url + at);
  const edited = page.locator('details', { hasText: 'What changed:' });
  const inside = edited.locator('.diff');
  t.notOk(await inside.isVisible(), 'a long text is folded away');
  await edited.locator('summary').focus();
  await page.keyboard.press('Enter');
  t.ok(await inside.isVisible(), 'and opened by key');
  t.match(
    (await inside.textContent())!.replace(/\s+/g, ' '),
    /^Uploads fail for \(taken out: a few ?\) \(put in: all ?\) of you\. It \(taken out: may be ?\) \(put in: is not ?\) your browser\. .* …$/s,
    'whoever listens hears what was taken out and what was put in',
  );
  t.match(await edited.locator('.prose').textContent(), /fail for a few of you\. It may be your browser/);
  t.equal(await lineOf(page, 'del'), 'line-through', 'not by colour alone');
  t.equal(await lineOf(page, 'ins'), 'underline');
  const title = page.locator('.change', { hasText: 'We changed the title' });
  t.ok(await title.locator('.diff ins').isVisible(), 'a short change stands open');
  const began = page.locator('.change', { hasText: 'We corrected when it began' });
  t.match(await began.textContent(), /From 21 Nov 2026, 12:00 UTC\s+to 21 Nov 2026, 10:30 UTC\./);

  t.ok(await page.locator(`footer a[href="${link}"]`).isVisible(), 'the phone stands on every page');
  t.match(
    await page.locator('footer').textContent(),
    /call \+49 \(0\)30 123-456\. When somebody answers: weekdays/,
  );
  await page.goto(`${url}/nothing`);
  t.ok(await page.locator(`main a[href="${link}"]`).isVisible(), 'and amid a refusal');
  t.equal(await page.locator(`footer a[href="${link}"]`).count(), 0, 'once is enough');

  const scripted = await open(true); // axe needs it
  await scripted.goto(`${url}/nothing`);
  await looksWell(t, scripted, 'a refusal');
  await scripted.goto(url + at);
  await scripted.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
  await looksWell(t, scripted, 'with all edits open');
});

async function lineOf(page: Page, tag: 'del' | 'ins'): Promise<string> {
  return page.evaluate<string>(`getComputedStyle(document.querySelector('.diff ${tag}')).textDecorationLine`);
}

async function looksWell(t: Test, page: Page, what: string): Promise<void> {
  const tooWide = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  t.ok(tooWide <= 0, `${what}: fits 320 px`);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { wrong, passes } = await runAxe(page, colorScheme === 'light' ? 'everything' : 'colours');
    t.same(wrong, [], `${what}: nothing for axe to find, ${colorScheme}`);
    t.ok(passes > 0, 'axe did look');
  }
}
