import axe from 'axe-core';
import type { Page } from 'playwright-core';
import PostalMime, { type Email } from 'postal-mime';
import t, { type Test } from 'tap';
import { buildApp } from '../../src/app.ts';
import type { Database } from '../../src/db.ts';
import { linksFor } from '../../src/links.ts';
import { openMailer } from '../../src/mailer.ts';
import { startNotifier } from '../../src/notifications/notifier.ts';
import { outboxChannel } from '../../src/notifications/outbox.ts';
import { createToken, everyScope } from '../../src/staff/tokens.ts';
import { testConfig } from '../fixtures/app.ts';
import { openBrowser } from '../fixtures/browser.ts';
import { freePort, freshDatabase } from '../fixtures/db.ts';
import { type SmtpStandIn, smtpServer } from '../fixtures/smtp.ts';

// The main job, once as a customer with a browser and once as one whose JavaScript is off: from "is it me?" to "it is fixed".

const token = 'candor_end-to-end-token';

// Each database once: what the browser does is the same on both.
for (const [engine, javaScriptEnabled] of [
  ['postgres', true],
  ['embedded', false],
] as const) {
  const how = javaScriptEnabled ? 'with' : 'without';
  t.test(
    `she asks, is not found, tells us, is linked, and hears that it is fixed, ${how} JavaScript (${engine})`,
    async (t) => {
      const base = await freshDatabase(t, engine);
      const browser = await openBrowser(t);
      if (!browser) return;
      const { url, api, smtp } = await serve(t, base);
      const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 360, height: 740 } });
      t.teardown(() => context.close());
      const page = await context.newPage();

      const known = await api('/issues', {
        kind: 'bug',
        title: 'Invoices are sent twice',
        message: 'We know about this.',
      });
      await page.goto(url);
      await page.getByRole('searchbox').fill('my newsleter never arrives');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'We don’t know this one yet.' }).waitFor();
      await clean(t, page, javaScriptEnabled);
      t.equal(
        await page.getByLabel('What is going wrong?').inputValue(),
        'my newsleter never arrives',
        'her words are in the form',
      );

      await page.getByLabel('Your mail address').fill('ana@example');
      await page.getByRole('button', { name: 'Tell us' }).click();
      t.equal(
        await page.getByLabel('What is going wrong?').inputValue(),
        'my newsleter never arrives',
        'a refusal keeps them',
      );
      await clean(t, page, javaScriptEnabled);
      await page.getByLabel('Your mail address').fill('ana@example.com');
      await page.getByRole('button', { name: 'Tell us' }).click();
      await page.waitForURL(/\/r\/[\w-]{22,}$/);
      const own = page.url();
      await clean(t, page, javaScriptEnabled);
      const receipt = await mail(smtp, 1);
      t.match(receipt, { to: [{ address: 'ana@example.com' }], subject: /We have your report/ });
      t.notMatch(JSON.stringify(receipt), /newsleter/, 'nothing she typed goes into the receipt');
      t.match(receipt.text, own, 'it leads to her page');

      const inbox = await api('/reports?state=new');
      t.match(inbox.data, [{ message: 'my newsleter never arrives', email: 'ana@example.com' }]);
      const bug = await api('/issues', {
        kind: 'bug',
        title: 'Newsletters are not delivered',
        message: 'Newsletters since Friday wait in a queue. It is not your fault.',
        workaround: 'Send it again from the archive.',
      });
      await api(`/reports/${inbox.data[0].id}/link`, { issue_id: bug.id });
      t.match(await mail(smtp, 2), {
        subject: /Newsletters are not delivered/,
        text: /Send it again from the archive/,
      });
      await page.goto(own);
      await page.getByRole('link', { name: 'Newsletters are not delivered' }).click();
      await page.getByRole('heading', { level: 1, name: 'Newsletters are not delivered' }).waitFor();
      t.match(await page.textContent('main'), /[Oo]ne person told us/);
      await clean(t, page, javaScriptEnabled);

      // Somebody else finds it now, in words of his own.
      await page.goto(url);
      await page.getByRole('searchbox').fill('newsletter was not deliverd');
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: /^This is mine/ }).click();
      await page.getByLabel('Your mail address').fill('bob@example.com');
      await page.getByRole('button', { name: 'Me too' }).click();
      await page.waitForURL(/\/r\/[\w-]{22,}$/);
      t.match(await mail(smtp, 3), { to: [{ address: 'bob@example.com' }], subject: /We have your report/ });

      await api(`/issues/${bug.id}/updates`, {
        status: 'resolved',
        message: 'The queue is **empty** again.',
      });
      await mail(smtp, 5);
      const news = await Promise.all(
        smtp
          .accepted()
          .slice(3)
          .map((one) => PostalMime.parse(one.raw)),
      );
      t.same(news.map((one) => one.to?.[0]?.address).sort(), ['ana@example.com', 'bob@example.com']);
      for (const one of news) {
        t.match(one, {
          subject: 'Fixed: Newsletters are not delivered',
          text: /The queue is \*\*empty\*\* again/,
          html: /<strong>empty<\/strong>/,
        });
      }
      const link = new RegExp(own.replaceAll(/[.?]/g, '\\$&'));
      t.ok(
        news.some((one) => link.test(one.text ?? '')),
        'the news lead to her page',
      );

      await page.goto(own);
      t.match(await page.textContent('main'), /fixed/i, 'her own page says so');
      await clean(t, page, javaScriptEnabled);
      await page.goto(url);
      t.match(await page.textContent('main'), /Newsletters are not delivered/);
      t.notMatch(
        await page.textContent('body'),
        /ana@example|bob@example|newsleter/,
        'nobody else sees who it was',
      );
      t.match(await api(`/issues/${bug.id}/notifications`), { total: 2, sent: 2, queued: 0, failed: 0 });
      t.equal((await api(`/issues/${known.id}`)).reporters_count, 0);
      t.equal(smtp.received.length, 5, 'and nobody got a mail too many');
    },
  );
}

async function serve(t: Test, base: Database) {
  const smtp = await smtpServer(t);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = testConfig({ BASE_URL: url, SMTP_URL: smtp.url });
  const links = linksFor(Buffer.alloc(32, 9));
  await createToken(base.db, { name: 'e2e', scopes: everyScope, expiresAt: null, token }, new Date());
  const mailer = openMailer({ smtpUrl: config.smtpUrl, dataDir: '', from: config.mailFrom });
  const log = { info() {}, warn() {}, error() {} };
  const notifier = startNotifier({ db: base.db, mailer, page: config, links, log });
  const deaf = await base.listen(outboxChannel, notifier.poke);
  const app = await buildApp({ config, database: base, links });
  t.teardown(async () => {
    await app.close();
    await deaf();
    await notifier.stop(1_000);
    mailer.close();
  });
  await app.listen({ port, host: '127.0.0.1' });
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  async function api(path: string, body?: object): Promise<any> {
    const answer = await fetch(`${url}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    t.ok(answer.ok, `${path} answers ${answer.status}`);
    return answer.json();
  }
  return { url, api, smtp };
}

/** The nth mail that the server took, read by a parser that is not ours. */
async function mail(smtp: SmtpStandIn, nth: number): Promise<Email> {
  const until = Date.now() + 20_000;
  while (smtp.accepted().length < nth && Date.now() < until)
    await new Promise((resolve) => setTimeout(resolve, 30));
  const found = smtp.accepted()[nth - 1];
  if (!found) throw new Error(`mail ${nth} did not come`);
  return PostalMime.parse(found.raw);
}

/** axe finds nothing on the page; where JavaScript is off it cannot be asked, and the same pages are asked with it. */
async function clean(t: Test, page: Page, javaScriptEnabled: boolean): Promise<void> {
  if (!javaScriptEnabled) return;
  const found = await page.evaluate(
    `${axe.source}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
  );
  t.same(found, [], `axe on ${page.url()}`);
}
