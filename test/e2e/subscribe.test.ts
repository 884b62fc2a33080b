import type { Page } from 'playwright-core';
import PostalMime, { type Email } from 'postal-mime';
import t, { type Test } from 'tap';
import { openIssue } from '../../src/issues/open-issue.ts';
import { postUpdate } from '../../src/issues/post-update.ts';
import { issueBody, updateBody } from '../../src/issues/schemas.ts';
import { openBrowser, runAxe } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { openPage, overflowOf, serveDesk } from '../fixtures/desk-browser.ts';
import { until } from '../fixtures/outbox.ts';

// Once with JavaScript on PostgreSQL, once without it on the embedded database; always on a narrow phone.
for (const [engine, javaScriptEnabled] of [
  ['postgres', true],
  ['embedded', false],
] as const) {
  t.test(
    `she subscribes, says yes, chooses, hears of that alone, and leaves by one click (${engine})`,
    async (t) => {
      const browser = await openBrowser(t);
      if (!browser) return;
      const base = await freshDatabase(t, engine);
      const { url, smtp } = await serveDesk(t, base);
      const part = (id: string, name: string, group_name: string) => {
        const at = { created_at: new Date(), updated_at: new Date() };
        return { id, name, group_name, description: null, source: null, ...at };
      };
      await base.db
        .insertInto('component')
        .values([part('part00000001', 'Editor', 'Writing'), part('part00000002', 'Payments', 'Account')])
        .execute();
      const open = (title: string, component: string) =>
        base.db.transaction().execute((trx) => {
          const components = [{ id: component, status: 'partial_outage' as const }];
          const body = { title, kind: 'incident' as const, message: 'We know about this.', components };
          return openIssue(trx, issueBody.parse(body), new Date());
        });
      const say = (id: string, message: string) =>
        base.db.transaction().execute((trx) => {
          return postUpdate(trx, id, updateBody.parse({ status: 'identified', message }), new Date());
        });
      const page = await openPage(t, browser, { javaScriptEnabled, viewport: { width: 320, height: 640 } });
      const look = async (what: string) => {
        t.equal(await overflowOf(page), 0, `${what} fits 320 px`);
        if (javaScriptEnabled) await clean(t, page, what);
      };

      await page.goto(`${url}/subscribe`);
      await look('the form');
      await page.getByLabel('Your mail address').fill('ana@example');
      await page.getByRole('button', { name: 'Get updates' }).click();
      await look('a refused form');
      t.equal(await page.getByLabel('Your mail address').inputValue(), 'ana@example');
      await page.getByLabel('Your mail address').fill('ana@example.com');
      await page.getByLabel('Only some parts').check();
      await page.getByLabel('Payments').check();
      await look('the form, choosing parts');
      await page.getByRole('button', { name: 'Get updates' }).click();
      await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
      await look('the answer');

      const asked = await mail(smtp, 1);
      t.match(asked.to, [{ address: 'ana@example.com' }]);
      const addresses = linksOf(asked).filter((one) => one.startsWith(url));
      t.ok(addresses.length >= 2, 'the mail has its links');
      const before = await state();
      for (const address of addresses) {
        const scanner = await openPage(t, browser);
        await scanner.goto(address);
        await scanner.close();
        for (let n = 0; n < 100; n++)
          await Promise.all(['GET', 'HEAD', 'OPTIONS'].map((method) => fetch(address, { method })));
      }
      t.same(await state(), before, 'a scanner that opens every link has changed nothing');

      const own = addresses.find((one) => /\/s\/[\w-]+$/.test(one))!;
      await page.goto(own);
      t.match(await page.textContent('main'), 'Everything about Payments');
      await look('the question');
      await page.getByRole('button', { name: 'Yes, write to me' }).click();
      await page.getByRole('heading', { level: 1, name: 'You hear from us' }).waitFor();
      await page.getByText('Choose something else').click();
      await look('her own page');
      await page.getByLabel('Payments').uncheck();
      await page.getByRole('button', { name: 'Save' }).click();
      t.match(await page.textContent('main'), 'Please choose at least one part');
      await look('a refused choice');
      await page.getByLabel('Editor').check();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('status').getByText('Saved.').waitFor();

      await open('Cards are refused', 'part00000002');
      const broken = await open('Texts vanish', 'part00000001');
      const news = await mail(smtp, 2);
      t.match(news.subject, 'Texts vanish', 'and nothing of the part she did not choose');
      await say(broken, 'We found the cause.');
      const more = await mail(smtp, 3);
      t.match(more.text, 'We found the cause.');

      const [oneClick = ''] = linksOf({ ...more, text: '', html: '' });
      t.match(oneClick, /\/s\/[\w-]+\/unsubscribe$/);
      const left = await fetch(oneClick, {
        method: 'POST',
        redirect: 'manual',
        headers: { origin: 'https://mail.example', 'content-type': 'application/x-www-form-urlencoded' },
        body: 'List-Unsubscribe=One-Click',
      });
      t.equal(left.status, 200);
      await say(broken, 'It will take an hour.');
      await open('Nothing works', 'part00000001');
      const waiting = () =>
        base.db.selectFrom('delivery').select('id').where('state', '=', 'queued').execute();
      await until(async () => (await waiting()).length === 0);
      t.equal(smtp.received.length, 3, 'nobody hears of what comes after');

      await page.goto(own);
      await look('the way back');
      await page.getByRole('button', { name: 'Write to me again' }).click();
      t.match(await page.textContent('main'), 'Update: Texts vanish');
      await look('her own page with mails');
      await page.getByRole('link', { name: 'Erase all of it' }).click();
      await look('whether she is sure');
      await page.getByRole('button', { name: 'Erase it for good' }).click();
      await page.getByRole('heading', { name: 'It is erased' }).waitFor();
      t.equal((await page.goto(own))?.status(), 404);

      async function state() {
        const rows = await base.db.selectFrom('subscriber').selectAll().execute();
        return { rows, steps: (await base.db.selectFrom('consent').selectAll().execute()).length };
      }
    },
  );
}

async function clean(t: Test, page: Page, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  t.same((await runAxe(page)).wrong, [], what);
  await page.emulateMedia({ colorScheme: 'dark' });
  t.same((await runAxe(page, 'colours')).wrong, [], `${what} in the dark`);
}

/** The nth mail that the server took. */
async function mail(smtp: { accepted(): { raw: string }[] }, nth: number): Promise<Email> {
  await until(() => smtp.accepted().length >= nth);
  return PostalMime.parse(smtp.accepted()[nth - 1]!.raw);
}

/** Every address in a mail, whoever would open it. */
function linksOf({ text = '', html = '', headers }: Email): string[] {
  const list = headers.find((one) => one.key === 'list-unsubscribe')?.value ?? '';
  const all = `${text} ${html} ${list}`.match(/https?:\/\/[^\s"<>()]+/g) ?? [];
  return [...new Set(all.map((one) => one.replace(/&amp;/g, '&')))];
}
