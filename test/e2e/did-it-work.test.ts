import type { Page } from 'playwright-core';
import PostalMime, { type Email } from 'postal-mime';
import t, { type Test } from 'tap';
import { axeFinds, openBrowser } from '../fixtures/browser.ts';
import { type Engine, freshDatabase } from '../fixtures/db.ts';
import { type DeskServer, openPage, overflowOf, serveDesk, signIn } from '../fixtures/desk-browser.ts';

// She is told that there is no fault, and was right; it is fixed, and says to whom that was told; it does not work for
// three of them, and staff hear it.

const runs: { engine: Engine; javaScriptEnabled: boolean }[] = [
  { engine: 'postgres', javaScriptEnabled: true },
  { engine: 'embedded', javaScriptEnabled: false },
];
const title = 'Export gives an empty file';
const held = 3 * 60_000;

for (const { engine, javaScriptEnabled } of runs) {
  const how = `${javaScriptEnabled ? 'with' : 'without'} JavaScript (${engine})`;
  t.test(`she was right, is told when it is fixed, and says that it is not, ${how}`, async (t) => {
    const browser = await openBrowser(t);
    if (!browser) return;
    const desk = await serveDesk(t, await freshDatabase(t, engine));
    const her = await openPage(t, browser, { javaScriptEnabled, viewport: { width: 320, height: 640 } });
    const sue = await openPage(t, browser, { javaScriptEnabled, viewport: { width: 320, height: 640 } });
    const look = (page: Page, what: string) => looksRight(t, page, what, javaScriptEnabled);

    await her.goto(`${desk.url}/report`);
    await her.getByLabel('What is going wrong?').fill('My export is an empty file');
    await her.getByLabel('Your mail address').fill('ana@example.com');
    await her.getByRole('button', { name: 'Tell us' }).click();
    await her.waitForURL(/\/r\//);
    const own = her.url();
    await mail(desk, 'ana@', /We have your report/);
    await her.reload();
    t.match(await section(her, 'mails'), /That we have your report.*The mail server took it, .*UTC/s);
    await look(her, 'her page with its first mail');

    await signIn(sue, desk.url, await desk.hire('Sue', 'support'));
    await sue.getByRole('link', { name: /^Inbox/ }).click();
    await sue
      .getByRole('article')
      .getByRole('link', { name: /^Answer/ })
      .click();
    await sue.getByRole('button', { name: 'We found no fault' }).click();
    await sue.getByLabel('Our answer').fill('We looked, and the file is as it should be.');
    await sue.getByRole('button', { name: 'Send the answer' }).click();
    await sue.getByRole('button', { name: 'Take it back' }).waitFor();
    desk.pass(held);
    t.match((await mail(desk, 'ana@', /Our answer/)).text, /as it should be/);
    await sue.getByRole('link', { name: 'Answered', exact: true }).click();
    await look(sue, 'what we answered');
    await sue.getByRole('link', { name: /^About a known issue after all/ }).click();
    await sue.getByText('We know of none that fits').waitFor();
    await look(sue, 'an answered report');

    await sue.goto(`${desk.url}/admin/issues/new`);
    await sue.getByLabel('Title').fill(title);
    await sue.getByRole('button', { name: 'Publish it' }).click();
    await sue.getByRole('link', { name: 'One report that we had answered sounds like this one' }).click();
    await look(sue, 'what sounds like it');
    await sue.getByRole('checkbox', { name: /It was this one/ }).check();
    await sue.getByRole('button', { name: 'Tell those ticked that they were right' }).click();
    await sue.getByText(`One report is part of “${title}” now.`).waitFor();
    desk.pass(held);
    const right = await mail(desk, 'ana@', /You were right/);
    t.match(right.text, /you were right\.[\s\S]*nothing was broken[\s\S]*We are sorry/);
    t.match(right.text, own, 'it leads to her page');
    await her.reload();
    t.match(await her.textContent('h1'), 'You were right. We told you otherwise, and we are sorry.');
    t.match(await section(her, 'done'), /You were right, and our answer was wrong/);
    await look(her, 'her page, when she was right');
    await sue.goto(`${desk.url}/admin/right`);
    t.match(
      await sue.textContent('main'),
      /The one report that we answered as if there was no fault, in the last 90 days, turned out to be right/,
    );
    await look(sue, 'who was right');

    await her.getByRole('link', { name: title }).click();
    await her.getByRole('heading', { level: 1, name: title }).waitFor();
    const page = her.url();
    const bob = await tell(`${page}/me-too`, 'bob@example.com');
    const silent = await tell(`${page}/me-too`, '');
    await sue.goto(page.replace('/issues/', '/admin/issues/'));
    await sue.getByRole('link', { name: 'It is over …' }).click();
    await sue.getByLabel('What we say about it').fill('The disk was full. It has more room now.');
    await sue.getByRole('button', { name: 'Show me first' }).click();
    await sue.getByRole('button', { name: 'Say that it is over and mail 2 people' }).click();
    const news = await mail(desk, 'ana@', /^Fixed/);
    await mail(desk, 'bob@', /^Fixed/);
    await poll(async () => /2 were told it is fixed/.test(await textAt(page)));
    t.match(await textAt(page), /3 people told us\. 2 were told it is fixed, .*\. One left no address/);

    const [asked = ''] = /http\S*\/r\/\S*#works/.exec(news.text ?? '') ?? [];
    for (let scans = 0; scans < 3; scans++) await fetch(asked);
    t.notMatch(await textAt(page), /answered/, 'a mail scanner that opens the link says nothing for her');
    await her.goto(asked);
    await look(her, 'her page, when it asks');
    await her.getByLabel('What do you see?').fill('Still empty, with every browser');
    await her.getByRole('button', { name: 'It does not' }).click();
    await her.getByText('You told us that it does not work for you.').first().waitFor();
    t.equal(await her.getByLabel('What do you see?').inputValue(), 'Still empty, with every browser');
    t.match(await section(her, 'mails'), /That it is over.*That you were right.*Our answer/s);
    await look(her, 'her page, when she has answered');
    for (const other of [bob, silent]) await post(`${other}/worked`, { worked: 'no' });

    await her.goto(page);
    t.match(await section(her, 'is-it-me'), /All 3 who answered say it does not work\./);
    t.notMatch(await her.textContent('body'), /every browser|example\.com/, 'her words are nobody else’s');
    await look(her, 'the page of what is doubted');
    await sue.goto(`${desk.url}/admin`);
    await look(sue, 'today, with a doubt');
    await sue
      .getByRole('region', { name: 'Fixed, but not for everyone' })
      .getByRole('link', { name: title })
      .click();
    t.match(await section(sue, 'doubts'), /Still empty, with every browser/);
    await look(sue, 'the desk of what is doubted');
    await sue.getByRole('button', { name: 'Leave it fixed' }).click();
    await sue.getByText('It stays fixed.').waitFor();
    await sue.getByRole('link', { name: 'Today' }).first().click();
    await sue.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
    t.equal(await sue.getByRole('region', { name: 'Fixed, but not for everyone' }).count(), 0);
    await sue.goBack();
    await sue.getByRole('link', { name: /^Open it again and tell everyone why/ }).click();
    const words = await sue.locator('#message').inputValue();
    t.match(words, /^3 of you told us that it does not work\./);
    await sue.getByRole('button', { name: 'Open it again' }).click();
    await sue.getByText('Said in public.').waitFor();
    for (const who of ['ana@', 'bob@']) {
      const back = await mail(desk, who, /again|back|not over/i);
      t.match(back.text?.replace(/\s+/g, ' '), /3 of you told us that it does not work\./);
    }
    t.match(await textAt(page), /3 of you told us that it does not work\./);
    t.notMatch(await textAt(page), /who answered/, 'nobody has answered about the next fix');
  });
}

/** Nothing for axe to find, and nothing wider than 320 px. */
async function looksRight(t: Test, page: Page, what: string, javaScriptEnabled: boolean): Promise<void> {
  if (!javaScriptEnabled) return; // both are scripts; the pages are the same
  t.same(await axeFinds(page), [], what);
  t.equal(await overflowOf(page), 0, `${what} fits 320 px`);
}

async function section(page: Page, id: string): Promise<string> {
  const text = await page.locator(`section:has(#${id}), section#${id}`).first().textContent();
  return (text ?? '').replace(/\s+/g, ' ');
}

async function textAt(url: string): Promise<string> {
  const html = await (await fetch(url)).text();
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,])/g, '$1');
}

/** Says "me too" as somebody else does, and answers her own page. */
async function tell(url: string, email: string): Promise<string> {
  const { headers } = await post(url, { email });
  return new URL(headers.get('location') ?? '', url).href;
}

async function post(url: string, fields: Record<string, string>): Promise<Response> {
  const response = await fetch(url, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
  t.equal(response.status, 303);
  return response;
}

/** The newest mail to somebody with such a subject, once it came, read by a parser that is not ours. */
async function mail({ smtp }: DeskServer, to: string, subject: RegExp): Promise<Email> {
  let found: Email | undefined;
  await poll(async () => {
    const hers = smtp.accepted().filter((one) => one.to[0]?.startsWith(to));
    const read = await Promise.all(hers.map((one) => PostalMime.parse(one.raw)));
    found = read.findLast((one) => subject.test(one.subject ?? ''));
    return found !== undefined;
  });
  return found!;
}

async function poll(what: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 30_000;
  while (!(await what())) {
    if (Date.now() > until) throw new Error(`did not come true: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
