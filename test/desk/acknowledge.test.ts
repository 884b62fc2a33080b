import t from 'tap';
import type { Db } from '../../src/db.ts';
import { fileReport } from '../../src/reports/file-report.ts';
import { gatherReports } from '../../src/reports/gather-reports.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

const sentences = [
  'The export gives me an empty file',
  'Hello, export to Excel: the file is empty. Write to me at ana@private.example!',
  'exported file is empty',
];

async function threeReports(db: Db, now: Date): Promise<string> {
  for (const [n, message] of sentences.entries()) {
    const email = n === 2 ? null : `person${n}@example.com`;
    await db.transaction().execute((trx) => fileReport(trx, { message, email, source: 'form' }, now));
  }
  await gatherReports(db, now);
  const rows = await db.selectFrom('report').select('group_id').execute();
  return rows[0]!.group_id!;
}

const value = (html: string, name: string) =>
  new RegExp(`name="${name}"[^>]* value="([^"]*)"`).exec(html)?.[1];

onBoth(
  t,
  'gathered reports become an issue with one form: prefilled, public, and everybody attached',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const group = await threeReports(base.db, desk.clock.now);
    const at = `/admin/inbox/${group}/acknowledge`;
    const { html } = await desk.get(at);
    t.match(value(html, 'title'), /[Ee]xport|file/, 'a title from their words');
    t.notMatch(value(html, 'title'), /private\.example/);
    t.match(html, /We know about this, and it is not your fault/);
    t.match(html, /<option value="2wd" selected>in two working days/);
    const incident = await desk.post(at, {
      kind: 'bug',
      do: 'as:incident',
      title: 'My own title',
      impact: 'minor',
      message: 'My own words.',
      next_update: '2wd',
    });
    t.match(incident.html, /<option value="30m" selected>/, 'another kind brings its promise');
    t.match(incident.html, /value="My own title"[\s\S]*My own words\./, 'and what was typed stays');
    const made = await desk.post(at, {
      title: 'Export gives an empty file',
      kind: 'bug',
      impact: 'minor',
      message: 'We know about this.',
      workaround: 'Choose CSV.',
      next_update: '2wd',
    });
    const [, id] = /^\/admin\/issues\/([0-9a-z]{12})\?deed=[0-9a-z]{12}$/.exec(made.to)!;
    t.match((await desk.api('GET', `/issues/${id}`)).body, {
      title: 'Export gives an empty file',
      workaround: 'Choose CSV.',
      reporters_count: 3,
      next_update_at: '2026-11-24T12:00:00.000Z',
    });
    t.match((await desk.app.inject(`/issues/${id}`)).body, /Export gives an empty file/);
    const mails = await base.db.selectFrom('delivery').selectAll().where('template', '=', 'linked').execute();
    t.same(mails.map((mail) => mail.address).sort(), ['person0@example.com', 'person1@example.com']);
    t.ok(
      mails.every((mail) => mail.due_at > desk.clock.now),
      'they wait a little, so that it can be taken back',
    );
    const again = await desk.post(at, {
      title: 'Twice',
      kind: 'bug',
      impact: 'minor',
      message: 'x',
      next_update: 'none',
    });
    t.equal(again.status, 409, 'a colleague who was slower does not open it twice');
    t.match(again.html, /Twice/, 'and loses no word');
    t.equal((await desk.api('GET', '/issues')).body.data.length, 1);
  },
);

onBoth(
  t,
  'taken back: the reports wait again, nobody hears of it, and the page says that it was a mistake',
  async (t, base) => {
    const desk = await openDesk(t, base);
    const group = await threeReports(base.db, desk.clock.now);
    const at = `/admin/inbox/${group}/acknowledge`;
    const form = { title: 'A mistake', kind: 'bug', impact: 'minor', message: 'Oh.', next_update: 'none' };
    const made = await desk.post(at, form);
    const [, id, deed] = /issues\/(\w+)\?deed=(\w+)/.exec(made.to)!;
    const { html } = await desk.get(made.to);
    t.match(html, new RegExp(`/admin/deeds/${deed}/undo`));
    t.match(
      textOf(html),
      /The page shows it at once\. Mails go out in 2 minutes; if you take it back before, nobody/,
    );
    t.notMatch(textOf(html), /nobody hears of it/, 'who reads the page has heard of it');
    await desk.post(`/admin/deeds/${deed}/undo`);
    t.match((await desk.api('GET', `/issues/${id}`)).body, {
      status: 'resolved',
      resolution: 'retracted',
      reporters_count: 0,
    });
    const page = textOf((await desk.app.inject(`/issues/${id}`)).body);
    for (const words of [
      'Taken back: we had opened it by mistake',
      'Any report that stood here went back to be read.',
      'Is something going wrong for you? Then tell us.',
    ])
      t.match(page, words);
    t.notMatch(page, /it is something else|Nobody told us here|Still broken/);
    t.same((await desk.app.inject('/search.json?q=a+mistake')).json().results ?? [], [], 'nor is it offered');
    t.match((await desk.get('/admin/issues?q=mistake')).html, id!, 'staff find it where they look for it');
    t.equal((await desk.api('GET', '/reports?state=new')).body.data.length, 3);
    const waiting = await base.db
      .selectFrom('delivery')
      .select('state')
      .where('template', 'in', ['linked', 'resolved'])
      .execute();
    t.ok(waiting.every((mail) => mail.state === 'cancelled'));
    t.equal((await desk.post(`/admin/deeds/${deed}/undo`)).status, 409, 'twice is not possible');
  },
);

onBoth(
  t,
  'who subscribes hears of it at once, and staff are told so before they rely on time',
  async (t, base) => {
    const desk = await openDesk(t, base, { role: 'owner' });
    await desk.api('POST', '/subscribers', {
      email: 'sub@example.com',
      consented_at: '2025-03-01T10:00:00.000Z',
      consent_source: 'the old page',
    });
    const group = await threeReports(base.db, desk.clock.now);
    const form = { title: 'No photos', kind: 'bug', impact: 'minor', message: 'Oh.', next_update: 'none' };
    const made = await desk.post(`/admin/inbox/${group}/acknowledge`, form);
    const said = textOf((await desk.get(made.to)).html);
    t.match(said, /2 people will be told\. One subscriber is mailed at once\./);
    t.match(
      said,
      /Mails to those who told us go out in 2 minutes, and not at all if you take it back before\./,
    );
    const [, id] = /issues\/(\w+)\?deed/.exec(made.to)!;
    const other = await desk.api('POST', '/issues', {
      kind: 'bug',
      title: 'Photos lie',
      message: 'We look.',
    });
    t.match(
      textOf((await desk.get(`/admin/issues/${other.body.id}/merge?into=${id}`)).html),
      /Nobody of those who told us is mailed\. One subscriber is mailed at once that it is followed there\..*those who told us hear of neither/,
    );
    const update = { status: 'identified', message: 'It is the disk.', next_update: 'none' };
    const { html } = await desk.get(`/admin/issues/${id}`);
    const revision = /name="revision" value="(\d+)"/.exec(html)![1]!;
    const posted = await desk.post(`/admin/issues/${id}/updates`, { ...update, revision });
    t.match(textOf((await desk.get(posted.to)).html), /Said in public\. The mails about it leave now/);
  },
);

onBoth(t, 'somebody who joined meanwhile is not left alone by taking it back', async (t, base) => {
  const desk = await openDesk(t, base);
  const group = await threeReports(base.db, desk.clock.now);
  const form = { title: 'Not so wrong', kind: 'bug', impact: 'minor', message: 'Oh.', next_update: 'none' };
  const made = await desk.post(`/admin/inbox/${group}/acknowledge`, form);
  const [, id, deed] = /issues\/(\w+)\?deed=(\w+)/.exec(made.to)!;
  await desk.app.inject({
    method: 'POST',
    url: `/issues/${id}/me-too`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'email=zoe%40example.com',
  });
  await desk.post(`/admin/deeds/${deed}/undo`);
  t.match((await desk.api('GET', `/issues/${id}`)).body, { status: 'investigating', reporters_count: 1 });
});

onBoth(t, 'only the reports that were ticked become part of it', async (t, base) => {
  const desk = await openDesk(t, base);
  const group = await threeReports(base.db, desk.clock.now);
  const [one, two] = await base.db.selectFrom('report').select('id').orderBy('id').execute();
  const { html } = await desk.get(`/admin/inbox/${group}/acknowledge?report=${one!.id}&report=${two!.id}`);
  t.equal(html.match(/type="hidden" name="report"/g)?.length, 2);
  const made = await desk.post(`/admin/inbox/${group}/acknowledge`, {
    title: 'Two of them',
    kind: 'incident',
    impact: 'major',
    message: 'We look.',
    next_update: '30m',
    report: [one!.id, two!.id],
  });
  const [, id] = /issues\/(\w+)/.exec(made.to)!;
  t.equal((await desk.api('GET', `/issues/${id}`)).body.reporters_count, 2);
  t.equal((await desk.api('GET', '/reports?state=new')).body.data.length, 1);
});

onBoth(t, 'it began when we first heard of it, or when staff know that it did', async (t, base) => {
  const desk = await openDesk(t, base);
  const form = {
    title: 'Nothing opens',
    kind: 'incident',
    impact: 'major',
    message: 'Oh.',
    next_update: 'none',
  };
  const began = async (to: string) => {
    const [, id] = /issues\/(\w{12})/.exec(to) ?? [];
    return (await desk.api('GET', `/issues/${id}`)).body.started_at;
  };
  const group = await threeReports(base.db, desk.clock.now);
  const at = `/admin/inbox/${group}/acknowledge`;
  desk.clock.now = new Date('2026-11-21T12:40:30.000Z');
  t.match(
    textOf((await desk.get(at)).html),
    /Left empty, it began when we first heard of it, 21 Nov 2026, 12:00/,
  );
  t.match(textOf((await desk.get('/admin/issues/new')).html), /Left empty, it begins now/);
  for (const [typed, words] of [
    ['2026-11-21T12:41', /This time is still to come\./],
    ['yesterday', /Please give the day and the time, in UTC\./],
  ] as const) {
    const wrong = await desk.post(at, { ...form, started_at: typed });
    t.equal(wrong.status, 400);
    t.match(wrong.html, words);
    t.equal(value(wrong.html, 'started_at'), typed, 'it stays to be mended');
  }
  const planned = await desk.post(at, { ...form, started_at: '2026-11-21T09:30', do: 'as:maintenance' });
  t.equal(
    value(planned.html, 'started_at'),
    '2026-11-21T09:30',
    'and is kept while she looks at another kind',
  );
  t.equal(await began((await desk.post(at, form)).to), '2026-11-21T12:00:00.000Z');
  const known = { ...form, started_at: '2026-11-21T09:30' };
  t.equal(await began((await desk.post('/admin/issues/new', known)).to), '2026-11-21T09:30:00.000Z');
  const more = await threeReports(base.db, desk.clock.now);
  const again = await desk.post(`/admin/inbox/${more}/acknowledge`, known);
  t.equal(await began(again.to), '2026-11-21T09:30:00.000Z', 'what she knows goes before what we heard');
});

onBoth(t, 'what is wrong with the form is said, and it comes back as it was', async (t, base) => {
  const desk = await openDesk(t, base);
  const form = {
    title: 'T',
    kind: 'bug',
    impact: 'minor',
    message: 'My words',
    workaround: 'W <b>',
    next_update: '1d',
  };
  const cases: [Record<string, string>, RegExp][] = [
    [{ title: '' }, /Please say in a few words what does not work/],
    [{ message: '' }, /Please say something/],
    [{ title: 'x'.repeat(256) }, /at most 255 characters/],
    [
      { kind: 'maintenance', message: 'We are going to work on this. What you will notice of it: ' },
      /only our beginning/,
    ],
    [{ next_update: 'date', next_update_at: '2020-01-01T00:00' }, /has passed already/],
    [
      { kind: 'maintenance', scheduled_for: '2027-01-02T00:00', scheduled_until: '2027-01-01T00:00' },
      /would end before it begins/,
    ],
  ];
  for (const [wrong, words] of cases) {
    const { status, html } = await desk.post('/admin/issues/new', { ...form, ...wrong });
    t.equal(status, 400);
    t.match(html, words);
    t.match(html, /W &lt;b&gt;/);
    t.match(html, /Nothing is public yet/);
  }
  const strange = { ...form, kind: '__proto__', impact: 'huge', 'component-000000000000': 'major_outage' };
  t.equal((await desk.post('/admin/issues/new', strange)).status, 400);
  t.equal((await desk.api('GET', '/issues')).body.data.length, 0);
  t.match(await desk.post('/admin/issues/new', form), { status: 303 });
});

onBoth(t, 'a form that is sent twice, also at once, opens one issue', async (t, base) => {
  const desk = await openDesk(t, base);
  const group = await threeReports(base.db, desk.clock.now);
  for (const at of ['/admin/issues/new', `/admin/inbox/${group}/acknowledge`]) {
    const id = value((await desk.get(at)).html, 'id');
    const form = {
      id: id!,
      title: 'Export',
      kind: 'bug',
      impact: 'minor',
      message: 'We look.',
      next_update: '1d',
    };
    const sent = await Promise.all([desk.post(at, form), desk.post(at, form)]);
    sent.push(await desk.post(at, form));
    for (const { status, to } of sent) t.match({ status, to }, { status: 303, to: `/admin/issues/${id}` });
    t.equal(sent.filter(({ to }) => to.includes('?')).length, 1, 'and says so once');
    t.equal((await desk.api('GET', `/issues/${id}`)).body.updates.length, 1);
  }
  t.equal((await desk.api('GET', '/issues')).body.data.length, 2);
});
