import type { Page } from 'playwright-core';
import PostalMime, { type Email } from 'postal-mime';
import t from 'tap';
import { postUpdate } from '../../src/issues/post-update.ts';
import { oweNudges } from '../../src/notifications/nudge.ts';
import { axeFinds, openBrowser } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { type DeskServer, openPage, overflowOf, serveDesk, signIn } from '../fixtures/desk-browser.ts';
import { until } from '../fixtures/outbox.ts';

// Line 1 and line 8 as people live them: the promise of Sue of support, and what comes back to Ana.

const minute = 60_000;
const phone = { viewport: { width: 320, height: 720 } };

t.test(
  'a promise is reminded of, moved, broken in public and mended; what was over comes back',
  async (t) => {
    const base = await freshDatabase(t, 'postgres');
    const browser = await openBrowser(t);
    if (!browser) return;
    const server = await serveDesk(t, base);
    const sue = await openPage(t, browser, { viewport: { width: 1280, height: 900 } });
    const ana = await openPage(t, browser, { ...phone, javaScriptEnabled: false });
    await signIn(sue, server.url, await server.hire('Sue', 'support'));
    let ahead = 0;
    const pass = (minutes: number) => {
      server.pass(minutes * minute);
      ahead += minutes * minute;
      return new Date(Date.now() + ahead);
    };

    await sue.goto(`${server.url}/admin/issues/new?kind=incident`);
    await sue.getByLabel('Title').fill('Uploads stop at 99 %');
    await sue.getByLabel('What we say first').fill('We know about this. It is not your fault.');
    await sue.getByLabel('Next update promised').selectOption('in one hour');
    await sue.getByRole('button', { name: 'Publish it' }).click();
    await sue.getByText('Said in public.').waitFor();
    const id = /issues\/(\w{12})/.exec(sue.url())![1]!;
    await ana.goto(`${server.url}/issues/${id}`);
    await ana.getByLabel('Your mail address').fill('ana@example.com');
    await ana.getByRole('button', { name: /happens to me too|Me too/i }).click();
    await ana.waitForURL(/\/r\//);
    const own = ana.url();
    await mailTo(server, 'ana@', /We have your report/);

    await oweNudges(base.db, pass(50));
    const nudge = await mailTo(server, 'sue@', /Update promised by/);
    await sue.goto(/Post an update:\n(\S+)/.exec(nudge.text!)![1]!);
    await sue.getByText(/^runs out in (9|10) minutes/).waitFor();
    await sue.goto(`${server.url}/admin`);
    await sue.getByText(/It runs out in (9|10) minutes/).waitFor();
    t.same(await axeFinds(sue), [], 'Today, while it runs');

    const mails = server.smtp.accepted().length;
    await sue.goto(`${server.url}/admin/issues/${id}`);
    await sue.getByText('Move it without an update').click();
    t.same(await axeFinds(sue), [], 'the desk of an issue, about to move its promise');
    await sue.getByLabel('The next update', { exact: true }).selectOption('in one hour');
    await sue.getByRole('button', { name: 'Move the promise' }).click();
    await sue.getByText('The promise is moved, and the page shows it. Nobody was mailed.').waitFor();

    await oweNudges(base.db, pass(65));
    const lapse = await mailTo(server, 'sue@', /Promised for .*, and not given/);
    t.match(lapse.text, 'One person told us about it.');
    t.equal(
      server.smtp.accepted().length,
      mails + 1,
      'nobody but staff has heard of the moving or the lapse',
    );
    for (const url of ['/', `/issues/${id}`, own.replace(server.url, '')]) {
      await ana.goto(server.url + url);
      await ana.getByText(/We promised an update by .* and have not given one\. Sorry\./).waitFor();
      t.equal(await overflowOf(await sized(sue, server.url + url)), 0, `${url} at 320 px`);
      t.same(await axeFinds(sue), [], url);
    }
    await sue.goto(`${server.url}/admin`);
    await sue.getByRole('heading', { name: 'Promised, and not kept' }).waitFor();
    t.equal(await overflowOf(sue), 0, 'the desk on a phone');

    await sue.goto(`${server.url}/admin/issues/${id}`);
    await sue.getByLabel('Say more').fill('It was the disk. We are copying it now.');
    await sue.getByRole('button', { name: 'Post it' }).click();
    await sue.getByText('The promise before has run out. Please choose').waitFor();
    await sue.getByLabel('Next update promised').selectOption('promise no time');
    await sue.getByRole('button', { name: 'Post it' }).click();
    await sue.getByText('Said in public.').waitFor();
    await ana.goto(`${server.url}/issues/${id}`);
    await ana.getByText(/We had promised this by .*; it came \d+ minutes late\./).waitFor();
    await ana.getByText(/We had promised an update by .*UTC\./).waitFor();

    const say = (message: string) =>
      base.db
        .transaction()
        .execute((trx) => postUpdate(trx, id, { status: 'resolved', message }, new Date(Date.now() + ahead)));
    await say('It has more room now.');
    await mailTo(server, 'ana@', /^Fixed: /);
    await sue.goto(`${server.url}/admin/issues/${id}`);
    await sue.getByText('One person who told us is mailed first, that it came back.').waitFor();
    await sue.getByLabel('It is not over: what is different?').fill('This time it is the second disk.');
    t.same(await axeFinds(sue), [], 'about to open it again');
    await sue.getByRole('button', { name: 'Open it again' }).click();
    await sue.getByText('Said in public.').waitFor();
    const reopened = await mailTo(server, 'ana@', /^It came back: /);
    t.match(reopened.text, 'This time it is the second disk.');

    await say('Both have more room now.');
    await mailTo(server, 'ana@', /^Fixed again: /);
    await sue.goto(`${server.url}/admin/issues/${id}`);
    await sue.getByRole('link', { name: 'It came back as a new issue …' }).click();
    await sue.getByText('One person who told us about it then is told first').waitFor();
    t.same(await axeFinds(sue), [], 'the form of a return');
    t.equal(await overflowOf(sue), 0, 'on a phone');
    await sue.getByLabel('What we say first').fill('It looks the same, and only with large files.');
    await sue.getByRole('button', { name: 'Publish it' }).click();
    await sue.getByText('Said in public.').waitFor();
    const back = /issues\/(\w{12})/.exec(sue.url())![1]!;

    const returned = await mailTo(server, 'ana@', /^It may be back: /);
    const button = /To the button on my page:\n(\S+)/.exec(returned.text!)![1]!;
    t.same(await axeFinds(await sized(sue, button)), [], 'her page, with the button');
    t.equal(await overflowOf(sue), 0);
    t.equal(await tolds(ana, `${server.url}/issues/${back}`), 0, 'to look is not to say');
    await ana.goto(button);
    await ana.getByRole('button', { name: 'Yes, it is back for me' }).click();
    await ana.getByText('You told us that it is back for you. We write to you once it is over.').waitFor();
    t.equal(await tolds(ana, `${server.url}/issues/${back}`), 1);
    await ana.getByText('This is the return of').waitFor();
    await ana.goto(`${server.url}/issues/${id}`);
    await ana.getByText('It came back:').waitFor();
    t.same(await axeFinds(await sized(sue, `${server.url}/issues/${id}`)), []);
  },
);

/** A page on a phone. */
async function sized(page: Page, url: string): Promise<Page> {
  await page.setViewportSize(phone.viewport);
  await page.goto(url);
  return page;
}

async function tolds(page: Page, url: string): Promise<number> {
  await page.goto(url);
  return page.getByText('One person told us').count();
}

/** The first mail to somebody under such a subject, once it has arrived. */
async function mailTo({ smtp }: DeskServer, who: string, subject: RegExp): Promise<Email> {
  let found: Email | undefined;
  await until(async () => {
    const mine = smtp.accepted().filter(({ to }) => to[0]!.startsWith(who));
    const mails = await Promise.all(mine.map(({ raw }) => PostalMime.parse(raw)));
    found = mails.find((mail) => subject.test(mail.subject ?? ''));
    return found !== undefined;
  });
  return found!;
}
