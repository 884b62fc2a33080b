import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page, Request } from 'playwright-core';
import t, { type Test } from 'tap';
import { openApp } from '../fixtures/app.ts';
import { openBrowser, runAxe } from '../fixtures/browser.ts';
import { freePort, freshDatabase, onBoth } from '../fixtures/db.ts';

const hostile = `]]><script>alert(1)</script><img src=x onerror=alert(2)> & " ' 🐘 שלום`;

onBoth(t, 'the notice and the badge say what is wrong, no more and no less', async (t, base) => {
  const { app, api } = await openApp(t, base);
  const says = async (state: string, headline: string, badge: string, mark: string, about?: string) => {
    const notice = (await app.inject('/embed.json')).json();
    const url = `https://status.example.com/${about ? `issues/${about}` : ''}`;
    t.same(notice, { state, page: 'Paperboat', headline, url }, headline);
    const { body } = await app.inject('/badge.svg');
    t.match(body, `<title>Paperboat: ${badge}</title>`);
    t.match(body, `fill="${mark}"`);
  };
  const red = '#a8320f';
  const yellow = '#7a4d00';
  const blue = '#3d4a9e';
  const green = '#1f6a45';
  const fine = 'We know of nothing that is down';
  const open = async (body: object) =>
    (await api('POST', '/issues', { kind: 'incident', impact: 'minor', message: 'We see it.', ...body })).body
      .id;
  const close = (id: string, status = 'resolved') =>
    api('POST', `/issues/${id}/updates`, { status, message: 'It is over.' });

  await says('fine', fine, 'No known problems', green);
  await open({ title: 'A bug', kind: 'bug' });
  await open({ title: 'Later', kind: 'maintenance', scheduled_for: '2026-12-01T00:00:00Z' });
  await says('fine', fine, 'Nothing is down', green);

  const { body: part } = await api('POST', '/components', { name: 'Pay & <b>go</b>' });
  await api('PATCH', `/components/${part.id}`, { status: 'degraded_performance' });
  await says('broken', 'Pay & <b>go</b>: Slow or unreliable', 'A part is slow or unreliable', yellow);
  const { body: badge } = await app.inject(`/badge.svg?component=${part.id}`);
  t.match(badge, '<title>Pay &amp; &lt;b&gt;go&lt;/b&gt;: Slow or unreliable</title>');
  await api('PATCH', `/components/${part.id}`, { status: 'under_maintenance' });
  await says('planned_work', 'Planned work: Pay & <b>go</b>', 'Planned work under way', blue);
  await api('PATCH', `/components/${part.id}`, { status: 'operational' });

  const work = await open({ title: 'New disks', kind: 'maintenance', status: 'in_progress' });
  await says('planned_work', 'Planned work: New disks', 'Planned work under way', blue, work);
  const minor = await open({ title: 'A small one' });
  await says('broken', 'A small one', 'One thing is broken', red, minor);
  const big = await open({ title: hostile, impact: 'critical' });
  await says('broken', 'Two things are broken right now', 'Two things are broken', red);
  await close(minor);
  await says('broken', hostile, 'One thing is broken', red, big);
  await close(big);
  await close(work, 'completed');
  await says('fine', fine, 'Nothing is down', green);
});

t.test('embed.js is small', async (t) => {
  const { app } = await openApp(t, await freshDatabase(t, 'embedded'));
  const { body, headers } = await app.inject('/embed.js');
  t.ok(Buffer.byteLength(body) <= 3072, `${Buffer.byteLength(body)} bytes`);
  t.equal(headers['content-type'], 'text/javascript; charset=utf-8');
});

t.test("on somebody else's page, under a policy that lets in nothing but us", async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const port = await freePort();
  const ours = `http://127.0.0.1:${port}`;
  const { app, api } = await openApp(t, await freshDatabase(t, 'embedded'), {
    BASE_URL: ours,
    PORT: String(port),
  });
  await app.listen({ port, host: '127.0.0.1' });
  const [embed, embedBelow, badge] = snippetsOf((await app.inject('/tools')).body);
  const theirs = await hostPage(t, ours);
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  t.teardown(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`a script ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const { origin } = new URL(request.url());
    if (origin !== ours && origin !== theirs.url) complaints.push(`asked ${request.url()}`);
  });
  let answered = () => {};
  const noteAnswer = (request: Request) => request.url().endsWith('/embed.json') && answered();
  page.on('requestfinished', noteAnswer).on('requestfailed', noteAnswer);
  // Not until the network is idle: of what the browser asks anew behind an old answer it never says that it has come.
  const visit = async (html: string) => {
    theirs.body = html;
    const hasAnswer = new Promise<void>((resolve) => (answered = resolve));
    await page.goto(theirs.url);
    await hasAnswer;
    await page.evaluate(() => new Promise((shown) => setTimeout(shown, 100)));
  };
  const notice = page.locator('candor-notice');

  await visit(`<main><h1>Theirs</h1>${badge}</main>${embed}`);
  t.equal(await notice.count(), 0, 'nothing is shown while nothing is wrong');
  t.ok(Number(await page.evaluate('document.images[0].naturalWidth')) > 100, 'the badge is drawn');
  t.same((await runAxe(page)).wrong, []);

  const { body: incident } = await api('POST', '/issues', {
    kind: 'incident',
    impact: 'major',
    title: `${hostile} ${'long'.repeat(40)}`,
    message: 'We see it.',
  });
  await sleep(2_100); // so long a browser may show what it had, while it asks anew
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await visit(`${embed}<main><h1>Theirs</h1><p>${'Their words. '.repeat(400)}</p></main>`);
    const link = notice.locator('a');
    await link.waitFor();
    t.equal(await link.textContent(), `Paperboat: ${incident.title}`, 'our words, and no markup in them');
    t.equal(await link.getAttribute('href'), `${ours}/issues/${incident.id}`);
    t.equal((await notice.boundingBox())?.y, 0, 'at the top');
    t.equal(await overflow(page), 0, 'it fits 320 px');
    const { wrong, passes } = await runAxe(page);
    t.same(wrong, [], `axe, ${colorScheme}`);
    t.ok(passes > 10, 'axe did look');
  }

  await visit(`<main><h1>Theirs</h1></main>${embedBelow}`);
  await notice.locator('a').waitFor();
  const box = (await notice.locator('section').boundingBox())!;
  t.equal(box.y + box.height, 640, 'at the bottom, if they want it there');

  await visit(`<main><h1>Theirs</h1></main>${embed}`);
  await notice.locator('a').waitFor();
  await page.keyboard.press('Tab');
  t.equal(await focused(page), 'A');
  await page.keyboard.press('Tab');
  t.equal(await focused(page), 'BUTTON');
  await page.keyboard.press('Enter');
  t.equal(await notice.count(), 0, 'the keyboard closes it');
  t.same(await context.cookies(), []);
  t.equal(await page.evaluate('localStorage.length + sessionStorage.length'), 0);
  await page.reload();
  await notice.locator('a').waitFor();
  t.pass('for this view of the page alone');
  t.same(complaints, []);

  for (const answer of [
    { status: 503, contentType: 'application/problem+json', body: '{"title":"Away"}' },
    { status: 200, contentType: 'text/html', body: '<h1>Something else</h1>' },
    {
      status: 200,
      contentType: 'application/json',
      body: '{"state":"broken","page":"y","headline":"x","url":"javascript:alert(3)"}',
    },
    null,
  ]) {
    await page.route('**/embed.json', (route) =>
      answer ? route.fulfill({ ...answer, headers: { 'access-control-allow-origin': '*' } }) : route.abort(),
    );
    await visit(embed!);
    t.equal(await notice.count(), 0, `silent: ${answer?.body ?? 'unreachable'}`);
    await page.unroute('**/embed.json');
  }
  t.same(
    complaints.filter((one) => !/Failed to load resource/.test(one)),
    [],
    'the browser alone says that something did not load',
  );
});

t.test('the page of tools: nothing for axe to find, in the light and in the dark, at 320 px', async (t) => {
  const browser = await openBrowser(t);
  if (!browser) return;
  const { app, api } = await openApp(t, await freshDatabase(t, 'embedded'));
  await api('POST', '/components', { name: 'Publishing' });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
  await page.goto(`${url}/tools`);
  t.ok(Number(await page.evaluate('document.images[0].naturalWidth')) > 100, 'the badge is drawn');
  t.equal(await overflow(page), 0);
  t.same((await runAxe(page)).wrong, []);
  await page.emulateMedia({ colorScheme: 'dark' });
  t.same((await runAxe(page, 'colours')).wrong, []);
});

/** Another origin, with a policy as strict as can be and with everything isolated that can be. */
async function hostPage(t: Test, ours: string): Promise<{ url: string; body: string }> {
  const theirs = { url: '', body: '' };
  const policy = `default-src 'none'; script-src ${ours}; connect-src ${ours}; img-src ${ours} data:; base-uri 'none'; require-trusted-types-for 'script'`;
  const server = createServer((_, response) => {
    response
      .writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'cross-origin-embedder-policy': 'require-corp',
      })
      .end(
        `<!doctype html><html lang="en"><head><title>Theirs</title><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"></head><body>${theirs.body}</body></html>`,
      );
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.teardown(() => server.close());
  theirs.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return theirs;
}

/** What the page of tools gives to copy. */
function snippetsOf(html: string): string[] {
  return [...html.matchAll(/<pre><code>(.*?)<\/code><\/pre>/gs)].map(([, code]) =>
    code!.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );
}

const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
const focused = (page: Page) =>
  page.evaluate<string>(
    "document.activeElement.shadowRoot ? document.activeElement.shadowRoot.activeElement.tagName : ''",
  );
