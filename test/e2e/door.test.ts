import t from 'tap';
import { linksFor } from '../../src/links.ts';
import { makeFirstLink } from '../../src/staff/join.ts';
import { axeFinds, openBrowser } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { openPage, overflowOf, serveDesk } from '../fixtures/desk-browser.ts';

const links = linksFor(Buffer.alloc(32, 9)); // as the served desk's
const password = 'three small paper boats';

t.test('from the first link to an invitation and a token, with the keyboard alone, at 320 px', async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const base = await freshDatabase(t, 'embedded');
  const { url } = await serveDesk(t, base);
  const way = `${url}/admin/join/${await makeFirstLink(base.db, links, new Date())}`;
  const page = await openPage(t, browser, {
    viewport: { width: 320, height: 640 },
    javaScriptEnabled: false,
  });
  const looks = async (what: string) => {
    t.equal(await overflowOf(page), 0, `${what} fits`);
    t.equal(await page.locator('h1').count(), 1, what);
  };
  const type = async (label: string, text: string) => {
    await page.getByLabel(label, { exact: true }).focus();
    await page.keyboard.type(text);
  };
  const send = () => Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);

  await page.goto(way);
  await looks('the first link');
  await type('Your name', 'Olga');
  await type('Your mail address', 'olga@paperboat.example');
  await type('Your new password', 'short');
  await page.locator('form').evaluate((form) => form.setAttribute('novalidate', ''));
  await send();
  await looks('a form that was not taken');
  t.match(await page.locator('#password-error').textContent(), /5 characters/);
  t.equal(await page.getByLabel('Your name', { exact: true }).inputValue(), 'Olga');
  await type('Your new password', password);
  await send();
  t.equal(new URL(page.url()).pathname, '/admin');

  await page.goto(`${url}/admin/me`);
  await page.getByRole('button', { name: 'Sign out', exact: true }).focus();
  await send();
  t.match(await page.getByRole('status').textContent(), 'You are signed out.');
  await type('Your mail address', 'olga@paperboat.example');
  await type('Your password', 'not this one');
  await send();
  t.match(await page.getByRole('alert').textContent(), /do not open anything here/);
  await looks('a wrong password');
  await type('Your password', password);
  await send();
  t.equal(new URL(page.url()).pathname, '/admin');

  await page.goto(`${url}/admin/staff`);
  await type('Name', 'Ben');
  await type('Mail address', 'ben@paperboat.example');
  await send();
  t.match(await page.getByRole('status').textContent(), 'The invitation is on its way.');
  await looks('the people');
  await page.goto(`${url}/admin/tokens`);
  await type('Name', 'the deploy pipeline');
  await send();
  t.match(await page.locator('code').textContent(), /^candor_/);
  await looks('a new token');
});

t.test('axe finds nothing at the door, whatever was typed', async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const base = await freshDatabase(t, 'embedded');
  const { url } = await serveDesk(t, base);
  const page = await openPage(t, browser, { viewport: { width: 320, height: 640 } });
  const clean = async (what: string) => t.same(await axeFinds(page), [], what);
  const submit = async (form: string) => {
    await page.locator(form).evaluate((one) => one.setAttribute('novalidate', ''));
    await Promise.all([
      page.waitForNavigation(),
      page.locator(`${form} button[type=submit]`).first().click(),
    ]);
  };
  const way = `/admin/join/${await makeFirstLink(base.db, links, new Date())}`;
  await page.goto(url + way);
  await clean('the first link');
  await submit('form');
  await clean('with everything wrong');
  await page.fill('#name', 'Olga');
  await page.fill('#email', 'olga@paperboat.example');
  await page.fill('#password', password);
  await submit('form');
  for (const [path, form] of [
    ['/admin/staff', 'form[action="/admin/staff"]'],
    ['/admin/tokens', 'form[action="/admin/tokens"]'],
    ['/admin/me', 'form:has(#old)'],
    ['/admin/me', 'form:has(#name)'],
  ] as const) {
    await page.goto(url + path);
    if (path === '/admin/tokens')
      for (const box of await page.locator('[name=scope]').all()) await box.uncheck();
    if (form.includes('#name')) await page.fill('#name', '');
    await submit(form);
    t.ok((await page.locator('.error').count()) > 0, `${path} says what is wrong`);
    await clean(`${path} with an error`);
  }
  await page.goto(`${url}/admin/tokens`);
  await page.fill('#name', 'x');
  await submit('form[action="/admin/tokens"]');
  await clean('a new token');
  await page.context().clearCookies();
  await page.goto(`${url}/admin/sign-in`);
  await submit('form');
  await clean('a sign-in with nothing in it');
  await page.goto(`${url}/admin/forgotten`);
  await submit('form');
  await clean('no address');
  await page.fill('#email', 'nobody@paperboat.example');
  await submit('form');
  await clean('asked');
});
