import t, { type Test } from 'tap';
import { axeFinds, openBrowser } from '../fixtures/browser.ts';
import { freshDatabase } from '../fixtures/db.ts';
import { openPage, overflowOf, serveDesk, signIn } from '../fixtures/desk-browser.ts';
import { until } from '../fixtures/outbox.ts';

async function prepare(t: Test) {
  const browser = await openBrowser(t);
  if (!browser) return null;
  const base = await freshDatabase(t, 'embedded');
  return { browser, base, server: await serveDesk(t, base) };
}

t.test('from “is it me?” to “it is fixed for you now”, by the pages alone and without scripts', async (t) => {
  const setup = await prepare(t);
  if (!setup) return;
  const { browser, base, server } = setup;
  const staff = await openPage(t, browser, { viewport: { width: 1280, height: 900 } });
  await signIn(staff, server.url, await server.hire('Ana', 'support'));

  // Staff say whom it reaches; what cannot be read comes back with what would help.
  await staff.goto(`${server.url}/admin/issues/new`);
  await staff.getByLabel('Title').fill('Export gives an empty file');
  await staff.getByLabel('What we say first').fill('We know about this. It is not your fault.');
  await staff.getByText('Whom does it reach?').click();
  await staff.getByLabel('Version', { exact: true }).fill('4.0 to 4.3');
  await staff.getByLabel('Browser').fill('Safari, Firefox');
  await staff.getByRole('button', { name: 'Publish it' }).click();
  await staff.getByText('Please write “to before …”').waitFor();
  t.same(await axeFinds(staff), []);
  await staff.getByLabel('Version', { exact: true }).fill('4.0 to before 4.3');
  await staff.getByRole('button', { name: 'Publish it' }).click();
  await staff.getByText('only with versions from 4.0 to before 4.3, in Safari or Firefox').waitFor();
  const { id } = await base.db.selectFrom('issue').select('id').executeTakeFirstOrThrow();

  // A reader without scripts, on a small screen.
  const page = await openPage(t, browser, {
    javaScriptEnabled: false,
    viewport: { width: 320, height: 640 },
  });
  const seeing = await openPage(t, browser, { viewport: { width: 320, height: 640 } });
  const looksWell = async () => {
    await seeing.goto(page.url());
    t.equal(await overflowOf(seeing), 0, page.url());
    t.same(await axeFinds(seeing), [], page.url());
  };
  await page.goto(`${server.url}/issues/${id}`);
  await page.getByText('Only with versions from 4.0 to before 4.3, in Safari or Firefox.').waitFor();
  await page.getByLabel('Which browser?').selectOption('Something else');
  await page.getByRole('button', { name: 'Is it mine?' }).click();
  await page.getByText('Probably not this one.').waitFor();
  t.match(page.url(), /#is-it-me$/, 'the answer is where she looks');
  await page.getByText('We know it only in Safari or Firefox, and yours is another one.').waitFor();
  await page.getByRole('link', { name: 'Tell us what you see' }).click();
  await page.getByText('With it goes what you told us that you use: another browser.').waitFor();
  await page.goBack();
  await page.getByLabel('Which browser?').selectOption('Safari');
  await page.getByRole('button', { name: 'Is it mine?' }).click();
  await page.getByText('We cannot tell from that.').waitFor();
  await page.getByText('What you told us fits. It also depends on your version.').waitFor();
  t.equal(await page.getByLabel('Which browser?').inputValue(), 'Safari', 'her answers stand in the form');
  await page.getByLabel('Which version do you use?').fill('v4.1.2');
  await page.keyboard.press('Enter');
  await page.getByText('Yes, this is yours. It is not your fault.').waitFor();
  await looksWell();
  await page.getByRole('link', { name: 'Say so' }).click();
  await page.getByText('what you told us that you use: version v4.1.2, Safari').waitFor();
  await page.getByLabel('Your mail address').fill('zoe@example.com');
  await page.getByRole('button', { name: 'Me too' }).click();
  await page.getByRole('heading', { name: 'Is it mine?' }).waitFor();
  await page.getByText('Yes, this is yours. It is not your fault.').waitFor();
  await looksWell();
  const own = page.url();
  const kept = await base.db.selectFrom('report').select('traits').execute();
  t.same(kept, [{ traits: { version: 'v4.1.2', browser: 'Safari' } }]);

  // The fix goes out step by step.
  await staff.goto(`${server.url}/admin/issues/${id}/resolve`);
  await staff.getByLabel('What we say about it').fill('Fixed in 4.2.5, which is on its way to you.');
  await staff.getByText('It reaches at first only …').click();
  await staff.getByLabel('Version', { exact: true }).fill('4.2.5 or newer');
  await staff.getByRole('button', { name: 'Show me first' }).click();
  await staff.getByText('One of them told us that they use something the fix does not reach yet').waitFor();
  t.match(
    await staff.locator('.letter').textContent(),
    /It is fixed for some: so far with version 4\.2\.5 or newer/,
  );
  t.same(await axeFinds(staff), []);
  await staff.getByRole('button', { name: /^Say that it is over and mail one person/ }).click();
  await staff.getByText('0 of 1 sent, 1 waiting until the fix reaches them.').waitFor();
  t.same(await axeFinds(staff), []);

  await page.goto(own);
  await page.getByRole('heading', { level: 1, name: 'The fix has not reached you yet.' }).waitFor();
  await page.getByText('We write to you when it reaches you.').waitFor();
  await page.goto(`${server.url}/issues/${id}`);
  await page
    .getByText('Fixed so far with version 4.2.5 or newer. We say here when it reaches others.')
    .waitFor();
  await page.getByLabel('Which version do you use?').fill('4.1');
  await page.getByRole('button', { name: 'Has the fix reached me?' }).click();
  await page.getByText('Not yet. The fix has not reached you.').waitFor();
  await looksWell();

  // Narrower is refused; further tells her.
  await staff.goto(`${server.url}/admin/issues/${id}`);
  const version = staff.locator('#reach').getByLabel('Version', { exact: true });
  t.equal(await version.inputValue(), '4.2.5 or newer', 'the form begins with how it stands');
  await version.fill('5 or newer');
  await staff.getByRole('button', { name: 'It has reached these' }).click();
  await staff.getByText('It must reach everybody it had reached before').waitFor();
  t.same(await axeFinds(staff), []);
  const before = server.smtp.accepted().length;
  await version.fill('4.1 or newer');
  await staff.getByRole('button', { name: 'It has reached these' }).click();
  await staff.getByText('Said in public, and those whom the fix has reached are being told.').waitFor();
  await until(() => server.smtp.accepted().length > before);
  t.match(server.smtp.accepted().at(-1), { to: ['zoe@example.com'], raw: /Subject: Fixed for you:/ });
  await page.goto(own);
  await page.getByText('The fix has reached you.').waitFor();
  await page.getByRole('heading', { name: 'Does it work for me?' }).waitFor();

  await staff.getByRole('button', { name: 'It has reached everybody' }).click();
  await staff.getByText('Said in public').waitFor();
  t.equal(await staff.locator('#reach').count(), 0);
  await page.goto(`${server.url}/issues/${id}`);
  await page.getByText('It is fixed. It was not your fault.').waitFor();
  t.equal(await page.getByRole('button', { name: 'Has the fix reached me?' }).count(), 0);
});

t.test(
  'with scripts and by keyboard; and the page of those who gave no answers is one for all',
  async (t) => {
    const setup = await prepare(t);
    if (!setup) return;
    const { browser, base, server } = setup;
    const now = new Date();
    await base.db
      .insertInto('issue')
      .values({
        id: 'conditions01',
        kind: 'incident',
        title: 'Nobody in some regions can pay',
        status: 'investigating',
        impact: 'major',
        started_at: now,
        created_at: now,
        updated_at: now,
        affected: JSON.stringify([
          { trait: 'region', any_of: ['<b>EU</b>', 'US'] },
          { trait: 'since', from: '2026-05-12' },
        ]),
      })
      .execute();
    const url = `${server.url}/issues/conditions01`;
    const page = await openPage(t, browser, { colorScheme: 'dark' });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${server.url}/`);
    await page.getByText('only in the region <b>EU</b> or US, since 12 May 2026').waitFor();
    await page.goto(url);
    await page.getByLabel('Which region?').focus();
    await page.keyboard.press('U');
    await page.keyboard.press('Tab');
    await page.getByLabel('Since which day').fill('2026-05-13');
    await page.keyboard.press('Enter');
    await page.getByText('Yes, this is yours.').waitFor();
    t.same(await axeFinds(page), []);
    t.same(complaints, []);

    const get = async (query: string) => {
      const answer = await fetch(url + query);
      return { cache: answer.headers.get('cache-control'), body: await answer.text() };
    };
    const plain = await get('');
    t.match(plain.cache, /^public/);
    t.same(await get('?q=1&browser[]=x'), plain, 'other addresses of it say the same');
    const hostile = await get(
      `?region=${encodeURIComponent('"><script>alert(1)</script>')}&since=${'x'.repeat(5_000)}`,
    );
    t.equal(hostile.cache, 'no-store');
    t.notMatch(hostile.body, /<script>alert/);
    t.ok(hostile.body.length < plain.body.length + 2_000, 'as long as she may answer, and no longer');
    t.match((await get('?region=&since=')).body, /We cannot tell from that\./);
  },
);
