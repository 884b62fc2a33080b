import { parse } from 'csv-parse/sync';
import t from 'tap';
import { onBoth } from '../fixtures/db.ts';
import { type DeskVisitor, openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

async function aBug(desk: DeskVisitor): Promise<string> {
  return (await desk.api('POST', '/issues', { kind: 'bug', title: 'It is broken', message: 'We know.' })).body
    .id;
}

const count = async (desk: DeskVisitor, id: string) =>
  (await desk.api('GET', `/issues/${id}`)).body.reporters_count;

onBoth(t, 'one person is added once, in whatever case', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBug(desk);
  const at = `/admin/issues/${id}/reporters`;
  const one = { do: 'one', email: 'Ana@example.com', name: 'Ana', message: 'It <i>fails</i>.' };
  t.equal((await desk.post(at, one)).to, `${at}?added=1`);
  t.equal((await desk.post(at, { do: 'one', email: 'ana@EXAMPLE.com' })).to, `${at}?already=1`);
  const { html } = await desk.get(at);
  t.match(textOf(html), /Ana@example\.com Ana It <i>fails<\/i>\. added at the desk/);
  const wrong = await desk.post(at, { ...one, email: 'ana@nowhere', message: 'kept' });
  t.equal(wrong.status, 400);
  t.match(textOf(wrong.html), /This is no mail address we can write to/);
  t.match(wrong.html, /kept/);
  t.equal(await count(desk, id), 1);
  const { rows } = await auditOf(base);
  t.match(
    rows.at(-1),
    { act: 'added reporters', address: 'ana@EXAMPLE.com' },
    'the act was about an address',
  );
});

onBoth(t, 'a list is tried out first, and nothing is added by that', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBug(desk);
  const at = `/admin/issues/${id}/reporters`;
  await desk.post(at, { do: 'one', email: 'ana@example.com' });
  const list = 'ana@example.com, bob@example.com\nCy <cy@example.com>\nnobody\nBOB@example.com';
  const tried = await desk.post(at, { do: 'check', list });
  const text = textOf(tried.html);
  t.match(text, /2 people are added; they are told once it is over/);
  t.match(text, /2 are there already, or stand in the list twice/);
  t.match(text, /1 cannot be taken/);
  t.match(text, /3 nobody must be a mail address/);
  t.equal(await count(desk, id), 1, 'nothing was added');
  t.equal((await desk.post(at, { do: 'add', list })).to, `${at}?added=2&already=2`);
  t.equal(await count(desk, id), 3);
  t.match(
    textOf((await desk.get(`${at}?added=2&already=2`)).html),
    /2 people were added\. 2 were there already\./,
  );
  t.equal((await desk.post(at, { do: 'check', list: ' ' })).status, 400);
  t.match(textOf((await desk.post(at, { do: 'check', list: 'email\n"open' })).html), /no CSV table/);
});

onBoth(t, 'a CSV file comes in, and goes out again the same for others’ parsers', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBug(desk);
  const at = `/admin/issues/${id}/reporters`;
  const csv = 'Name,Email,Message\n"Bell, Ana",ana@example.com,"=1+1 ""it""\nfails"\nBob,bob@example.com,\n';
  const sent = await sendFile(desk, at, csv, 'check');
  t.match(textOf(sent), /2 people are added/);
  const list = /<textarea name="list" hidden[^>]*>\n([\s\S]*?)<\/textarea>/.exec(sent)![1]!;
  const back = list.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&');
  t.equal((await desk.post(at, { do: 'add', list: back })).to, `${at}?added=2&already=0`);
  const out = await desk.get(`${at}.csv`);
  t.match(out.headers['content-disposition'], /attachment; filename="reporters-/);
  const rows = parse(out.html, { columns: true }) as Record<string, string>[];
  t.match(
    rows.sort((a, b) => a.email!.localeCompare(b.email!)),
    [
      { email: 'ana@example.com', name: 'Bell, Ana', message: `'=1+1 "it"\nfails`, source: 'list' },
      { email: 'bob@example.com', name: 'Bob', message: '' },
    ],
    'what a spreadsheet would run as a formula is plain text',
  );
});

onBoth(
  t,
  'a file in an encoding we would have to guess is refused in words; what spreadsheets write is read',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const id = await aBug(desk);
    const at = `/admin/issues/${id}/reporters`;
    const latin = new Uint8Array(Buffer.from('email;name\nana@example.com;Jos\u00e9\n', 'latin1'));
    t.match(await sendFile(desk, at, latin, 'check'), /This file is not in UTF-8/);
    const utf16 = new Uint8Array(Buffer.from('\ufeffemail\tname\nana@example.com\tJos\u00e9\n', 'utf16le'));
    t.match(textOf(await sendFile(desk, at, utf16, 'check')), /1 person is added/);
    const otherWay = Buffer.from(utf16).swap16();
    t.match(textOf(await sendFile(desk, at, new Uint8Array(otherWay), 'check')), /1 person is added/);
    const oldMac = new Uint8Array(Buffer.from('email\rana@example.com\rbob@example.com\r'));
    t.match(textOf(await sendFile(desk, at, oldMac, 'check')), /2 people are added/);
    const endless = new Uint8Array(Buffer.from(`email\n${'x'.repeat(300_000)}\n`));
    const told = textOf(await sendFile(desk, at, endless, 'check'));
    t.equal(told.split('x'.repeat(300_000)).length, 2, 'whole in the list itself, and cut beside it');
  },
);

onBoth(t, 'ten thousand are pasted, found again and paged', async (t, base) => {
  const desk = await openDesk(t, base);
  const id = await aBug(desk);
  const at = `/admin/issues/${id}/reporters`;
  const list = Array.from({ length: 10_000 }, (_, n) => `person${n}@example.com`).join('\n');
  const html = await sendFile(desk, at, list, 'check');
  t.match(textOf(html), /10000 people are added/);
  await sendFile(desk, at, list, 'add');
  t.equal(await count(desk, id), 10_000);
  const { html: first } = await desk.get(at);
  t.equal(first.match(/<li><p><b/g)?.length, 50);
  const next = /rel="next" href="([^"]*)"/.exec(first)![1]!.replaceAll('&amp;', '&');
  t.match((await desk.get(at + next)).html, /person\d+@example\.com/);
  t.match(textOf((await desk.get(`${at}?q=PERSON4711%40`)).html), /person4711@example\.com/);
  t.match(textOf((await desk.get(`${at}?q=100%25_`)).html), /Nobody fits that/);
});

onBoth(
  t,
  'whoever is added to what is over is told so at once, and the desk says it first',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const id = await aBug(desk);
    await desk.api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
    const at = `/admin/issues/${id}/reporters`;
    t.match(
      textOf((await desk.post(at, { do: 'check', list: 'ana@example.com' })).html),
      /told at once that it is over/,
    );
    await desk.post(at, { do: 'add', list: 'ana@example.com' });
    t.match(await desk.api('GET', `/issues/${id}/notifications`), { body: { total: 1 } });
  },
);

function auditOf({ db }: Parameters<Parameters<typeof onBoth>[2]>[1]) {
  return db
    .selectFrom('audit')
    .selectAll()
    .orderBy('seq')
    .execute()
    .then((rows) => ({ rows }));
}

/** As a browser sends a form with a file in it. */
async function sendFile(
  desk: DeskVisitor,
  url: string,
  csv: string | Uint8Array<ArrayBuffer>,
  what: string,
): Promise<string> {
  const form = new FormData();
  form.set('csrf', desk.csrf);
  form.set('do', what);
  form.set('list', '');
  form.set('file', new File([csv], 'people.csv', { type: 'text/csv' }));
  const request = new Request('http://desk.example/', { method: 'POST', body: form });
  const answer = await desk.app.inject({
    method: 'POST',
    url,
    headers: {
      cookie: `${desk.cookie.name}=${desk.cookie.value}`,
      origin: 'https://status.example.com',
      'content-type': request.headers.get('content-type')!,
    },
    payload: Buffer.from(await request.arrayBuffer()),
  });
  return answer.body;
}
