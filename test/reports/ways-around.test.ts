import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { onBoth } from '../fixtures/db.ts';
import { type DeskVisitor, openDesk } from '../fixtures/desk.ts';
import { inOrder, textOf } from '../fixtures/text.ts';

/** Sends a form as somebody without an account; follows nothing. */
function sender(app: FastifyInstance) {
  return async (url: string, fields: Record<string, string> = {}, remoteAddress = '127.0.0.1') => {
    const { statusCode, headers, body } = await app.inject({
      method: 'POST',
      url,
      remoteAddress,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(fields).toString(),
    });
    return { status: statusCode, to: String(headers.location ?? ''), body };
  };
}

async function aBug(desk: DeskVisitor, title = 'Uploads stop at 99 %'): Promise<string> {
  const { body } = await desk.api('POST', '/issues', { kind: 'bug', title, message: 'We see it too.' });
  return body.id;
}

const read = async (app: FastifyInstance, url: string) => textOf((await app.inject(url)).body);

async function ledgerOf(app: FastifyInstance) {
  const { body } = await app.inject('/ledger.jsonl');
  return body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

onBoth(
  t,
  'what a customer found goes from her page over the desk to everybody',
  async (t, { db, ...base }) => {
    const desk = await openDesk(t, { db, ...base });
    const { app } = desk;
    const post = sender(app);
    const id = await aBug(desk);
    const { to: own } = await post(`/issues/${id}/me-too`, { email: 'ana@example.com' });
    t.match(await read(app, own), /Did you find a way around it\?/);

    const offer = { offer: 'Send it <b>as zip</b>.\nThen wait.', credit: ' Ana\u202e L. ' };
    t.equal((await app.inject(`${own}/workaround?offer=x`)).statusCode, 404, 'never by a GET');
    t.match(await post(`${own}/workaround`, { offer: ' ' }), { status: 400, body: /in a few words/ });
    t.match(await post(`${own}/workaround`, { ...offer, credit: 'x'.repeat(61) }), {
      status: 400,
      body: /Send it &lt;b&gt;as zip/,
    });
    for (const credit of ['card 4111 1111 1111 1111', 'ana@example.com'])
      t.match(await post(`${own}/workaround`, { ...offer, credit }), {
        status: 400,
        body: /This looks like a (?:card number|mail address), and would stand on a public page/,
      });
    t.match(await post(`${own}/workaround`, offer), { status: 303, to: `${own}#ways` });
    await post(`${own}/workaround`, offer);
    t.equal(
      (await db.selectFrom('workaround').selectAll().execute()).length,
      1,
      'the same words are one offer',
    );
    t.match(await read(app, own), /A person will read it\. Until then only you and our people see it/);
    t.notMatch(await read(app, `/issues/${id}`), /as zip/);

    t.match(await desk.get('/admin'), { html: /One customer tells\s+how to get around something/ });
    const list = await desk.get('/admin/ways');
    const [, way] = /href="\/admin\/ways\/([0-9a-z]{12})"/.exec(list.html)!;
    t.match((await desk.get(`/admin/issues/${id}`)).html, `/admin/ways/${way}`);
    t.match(textOf((await desk.get(`/admin/ways/${way}`)).html), /Say that it was found by “Ana L\.”/);
    t.match((await desk.get(`/admin/ways/${way}`)).html, /name="credited" value="yes" checked/);
    await db.updateTable('workaround').set({ credit: 'ana@example.com' }).where('id', '=', way!).execute();
    t.notMatch((await desk.get(`/admin/ways/${way}`)).html, /name="credited" value="yes" checked/);
    await db.updateTable('workaround').set({ credit: 'Ana L.' }).where('id', '=', way!).execute();
    const reader = await desk.colleague({ role: 'reader' });
    t.match(await reader.post(`/admin/ways/${way}/publish`, { message: 'x' }), { status: 403 });
    t.match(await desk.post(`/admin/ways/${way}/publish`, { message: '' }), { status: 400 });
    const preview = await desk.post(`/admin/ways/${way}/publish`, {
      message: 'Please **clear your cache**.',
      do: 'preview',
    });
    t.match(preview.html, /<strong>clear your cache<\/strong>[\s\S]*How it may sound/);
    const published = await desk.post(`/admin/ways/${way}/publish`, {
      message: 'Send it **as a zip**. <i>',
      credited: 'yes',
    });
    t.equal(published.to, `/admin/issues/${id}?said=way#ways`);
    t.match(await desk.post(`/admin/ways/${way}/publish`, { message: 'again' }), { status: 409 });

    const { body: page, headers } = await app.inject(`/issues/${id}`);
    t.match(page, /Send it <strong>as a zip<\/strong>\. &lt;i&gt;/);
    t.match(textOf(page), /What can I do meanwhile\? What others do Send it as a zip\. <i> Found by Ana L\./);
    t.match(String(headers['cache-control']), /^public/, 'the page stays everybody’s');
    t.match(await read(app, own), /It stands on the page now, with thanks to Ana L\./);
    t.match((await desk.api('GET', `/issues/${id}`)).body.workarounds, [
      { id: way, body: 'Send it **as a zip**. <i>', helped: 0 },
    ]);

    await desk.post(`/admin/ways/${way}/change`, { message: 'Send it as a **7z**.' });
    const changed = await read(app, `/issues/${id}`);
    t.match(changed, /Send it as a 7z\. Found by a customer\./, 'the name can be left out');
    t.match(changed, /What stood there before: Send it as a zip/);
    t.match(await desk.post(`/admin/ways/${way}/take-off`), { to: `/admin/issues/${id}?said=off#ways` });
    t.notMatch(await read(app, `/issues/${id}`), /7z/);
    t.match(await read(app, own), /It stood on the page for a time/);
    t.match(await desk.post(`/admin/ways/${way}/decline`), { status: 409 });

    const said = (await ledgerOf(app)).filter((entry) => entry.type.startsWith('workaround_'));
    t.match(
      said.map(({ type, workaround_id, body, was, credited }) => ({
        type,
        workaround_id,
        body,
        was,
        credited,
      })),
      [
        {
          type: 'workaround_published',
          workaround_id: way,
          body: 'Send it **as a zip**. <i>',
          credited: true,
        },
        { type: 'workaround_changed', body: 'Send it as a **7z**.', was: 'Send it **as a zip**. <i>' },
        { type: 'workaround_withdrawn', workaround_id: way },
      ],
    );
    t.notMatch(JSON.stringify(said), /Ana/);
    const owner = await desk.colleague({ role: 'owner' });
    t.match((await owner.get('/admin/audit.jsonl')).html, /took a customer’s way around off the page/);
  },
);

onBoth(
  t,
  'a declined offer is answered kindly, a few wait at most, and spam waits nowhere',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const { app } = desk;
    const post = sender(app);
    const id = await aBug(desk);
    const { to: own } = await post(`/issues/${id}/me-too`);
    for (const offer of ['one', 'two', 'three']) await post(`${own}/workaround`, { offer });
    t.match(await post(`${own}/workaround`, { offer: 'four' }), {
      status: 409,
      body: /waits for us to read it/,
    });
    const [first] = await base.db
      .selectFrom('workaround')
      .select('id')
      .where('offered', '=', 'one')
      .execute();
    t.match(await desk.post(`/admin/ways/${first!.id}/decline`), { status: 303 });
    t.match(
      await read(app, own),
      /one We read it, and did not put it on the page: it may not do for everybody/,
    );
    t.equal((await post(`${own}/workaround`, { offer: 'four' })).status, 303);
    t.match((await desk.get('/admin')).html, /3 customers tell/);
    await base.db.updateTable('report').set({ state: 'spam', issue_id: null }).execute();
    t.notMatch((await desk.get('/admin')).html, /customers? tells?/);
    t.match(await post(`${own}/workaround`, { offer: 'five' }), { status: 409 }, 'about no problem we know');
    t.equal((await ledgerOf(app)).filter((entry) => entry.type.startsWith('workaround_')).length, 0);
  },
);

onBoth(t, 'it is counted once per person whom it helped, and the best stands first', async (t, base) => {
  const desk = await openDesk(t, base);
  const { app } = desk;
  const post = sender(app);
  const id = await aBug(desk);
  const { to: own } = await post(`/issues/${id}/me-too`);
  const ways: string[] = [];
  for (const words of ['Restart the printer.', 'Print from the phone.']) {
    await post(`${own}/workaround`, { offer: words });
    const row = await base.db
      .selectFrom('workaround')
      .select('id')
      .where('offered', '=', words)
      .executeTakeFirstOrThrow();
    ways.push(row.id);
    await desk.post(`/admin/ways/${row.id}/publish`, { message: words });
    desk.clock.now = new Date(desk.clock.now.getTime() + 1_000);
  }
  const [older, newer] = ways as [string, string];
  const page = () => read(app, `/issues/${id}`);
  t.equal(inOrder(await page(), ['Print from the phone.', 'Restart the printer.']), true, 'the newer first');

  const press = `/issues/${id}/workarounds/${older}/helped`;
  t.equal((await app.inject(press)).statusCode, 404, 'never by a GET');
  const once = await post(press, {}, '203.0.113.9');
  t.match(once, { status: 303, to: `/issues/${id}?helped=${older}#w-${older}` });
  t.match(await read(app, once.to.split('#')[0]!), /Thank you\. You are counted\./);
  const twice = await post(press, {}, '203.0.113.9');
  t.match(await read(app, twice.to.split('#')[0]!), /Thank you, we had counted you\./);
  await post(press, {}, '2001:db8:1:2::3');
  await post(press, {}, '2001:db8:1:2:ffff::4');
  await post(`${own}/workarounds/${older}/helped`, {}, '203.0.113.9');
  await post(`${own}/workarounds/${older}/helped`, {}, '203.0.113.10');
  t.match(await read(app, own), /You found this one\. Thank you\./);
  t.match(await page(), /It helped 2 people\./, 'a network and a /64; who found it is not counted');
  const { to: evas } = await post(`/issues/${id}/me-too`, { message: 'me too' });
  const hers = `${evas}/workarounds/${older}/helped`;
  await post(hers, {}, '203.0.113.9');
  await post(hers, {}, '203.0.113.10');
  t.match(
    await page(),
    /It helped 2 people\./,
    'she was counted by her network, and is known by her report now',
  );
  await post(press, {}, '203.0.113.9');
  t.match(await page(), /It helped 2 people\./);
  const { to: idas } = await post(`/issues/${id}/me-too`, { message: 'me too' });
  await post(`${idas}/workarounds/${older}/helped`, {}, '203.0.113.11');
  await post(press, {}, '203.0.113.11');
  t.match(await page(), /It helped 3 people\./, 'first on her own page, then on everybody’s');
  t.equal(inOrder(await page(), ['Restart the printer.', 'Print from the phone.']), true);
  t.same(
    (await desk.api('GET', `/issues/${id}`)).body.workarounds.map((way: { helped: number }) => way.helped),
    [3, 0],
  );
  const persons = await base.db.selectFrom('workaround_help').select('person').execute();
  await post(`/issues/${id}/workarounds/${newer}/helped`, {}, '203.0.113.9');
  const other = await base.db
    .selectFrom('workaround_help')
    .select('person')
    .where('workaround_id', '=', newer)
    .executeTakeFirstOrThrow();
  t.notOk(
    persons.some((one) => one.person === other.person),
    'nobody can be followed from one to another',
  );
  const elsewhere = await aBug(desk, 'Something else');
  t.equal((await post(`/issues/${elsewhere}/workarounds/${older}/helped`)).status, 404);
  t.equal((await post(`/issues/${id}/workarounds/000000000000/helped`)).status, 404);
  let last = 0;
  for (let n = 0; n < 61; n++) last = (await post(press, {}, '198.51.100.7')).status;
  t.equal(last, 429);

  await desk.api('POST', `/issues/${elsewhere}/updates`, {
    status: 'identified',
    message: 'The same cause.',
  });
  await base.db.updateTable('issue').set({ merged_into: elsewhere }).where('id', '=', id).execute();
  t.match(
    await read(app, `/issues/${elsewhere}`),
    /Restart the printer\./,
    'what is the same has the same ways',
  );
  t.equal((await post(`/issues/${elsewhere}/workarounds/${older}/helped`, {}, '192.0.2.1')).status, 303);
  t.match(await read(app, `/issues/${elsewhere}`), /It helped 5 people\./);
});

onBoth(t, 'whoever takes it back or is erased leaves no word and no name behind', async (t, base) => {
  const desk = await openDesk(t, base, { role: 'owner' });
  const { app } = desk;
  const post = sender(app);
  const id = await aBug(desk);
  const owns: string[] = [];
  for (const who of ['ana', 'eva']) {
    const { to: own } = await post(`/issues/${id}/me-too`, { email: `${who}@example.com` });
    owns.push(own);
    await post(`${own}/workaround`, { offer: `published canary of ${who}`, credit: `Canary ${who}` });
    const { id: way } = await base.db
      .selectFrom('workaround')
      .select('id')
      .where('offered', 'like', `%${who}`)
      .executeTakeFirstOrThrow();
    await desk.post(`/admin/ways/${way}/publish`, { message: 'Use **the other door**.', credited: 'yes' });
    await post(`${own}/workaround`, { offer: `waiting canary of ${who}` });
  }
  t.match(await read(app, `/issues/${id}`), /Found by Canary ana\./);
  await post(`${owns[0]}/withdraw`);
  await desk.post('/admin/erase', { email: 'eva@example.com', do: 'erase' });
  const rows = await base.db.selectFrom('workaround').selectAll().execute();
  t.notMatch(JSON.stringify(rows), /canary/i);
  t.same(rows.map((row) => row.state).sort(), ['declined', 'declined', 'published', 'published']);
  t.match(await read(app, `/issues/${id}`), /Use the other door\. Found by a customer\./);
  t.match((await desk.get('/admin/ways')).html, /None waits to be read/);
});
