import t from 'tap';
import type { Db } from '../../src/db.ts';
import { newId } from '../../src/ids.ts';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

const bug = { title: 'Export gives an empty file', kind: 'bug', message: 'We know about this.' };

onBoth(
  t,
  'every reporter is owed one mail when the issue is resolved, however often she told us',
  async (t, base) => {
    const { api } = await openApp(t, base);
    const { id } = (await api('POST', '/issues', bug)).body;
    const told = await api('POST', `/issues/${id}/reports`, [
      { email: 'ana@example.com', message: 'It is empty' },
      { email: 'ANA@example.com' },
      { email: 'bob@example.com', name: 'Bob', source: 'zendesk' },
      { email: 'nonsense' },
      'what',
      { email: 'eve@example.com', message: 'x'.repeat(5_001) },
    ]);
    t.equal(told.status, 201);
    t.match(told.body, {
      added: 2,
      already_there: 1,
      rejected: [{ index: 3, reason: /email/ }, { index: 4 }, { index: 5, reason: /message/ }],
    });
    t.match((await api('POST', `/issues/${id}/reports`, { email: 'Bob@Example.com' })).body, {
      added: 0,
      already_there: 1,
    });
    t.equal((await api('GET', `/issues/${id}`)).body.reporters_count, 2);
    t.same(await owed(base.db), [], 'nobody is mailed before there is news');

    await api('POST', `/issues/${id}/updates`, { status: 'identified', message: 'We found the cause.' });
    t.same(await owed(base.db), []);
    await api('POST', `/issues/${id}/updates`, {
      status: 'identified',
      message: 'Still on it.',
      notify: true,
    });
    t.same(await owed(base.db), ['update ana@example.com', 'update bob@example.com']);
    await api(
      'POST',
      `/issues/${id}/updates`,
      { status: 'resolved', message: 'Fixed.' },
      { 'idempotency-key': 'k' },
    );
    await api(
      'POST',
      `/issues/${id}/updates`,
      { status: 'resolved', message: 'Fixed.' },
      { 'idempotency-key': 'k' },
    );
    await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed!' });
    const both = ['resolved ana@example.com', 'resolved bob@example.com'];
    t.same(await owed(base.db), [...both, 'update ana@example.com', 'update bob@example.com']);
    t.match((await api('GET', `/issues/${id}/notifications`)).body, {
      total: 2,
      queued: 2,
      sent: 0,
      failed: 0,
      suppressed: 0,
      cancelled: 0,
      first_queued_at: '2026-11-21T12:00:00.000Z',
      last_sent_at: null,
      transport: 'files',
      note: /nothing leaves this machine/,
      paused: null,
    });

    const late = await api('POST', `/issues/${id}/reports`, [
      { email: 'late@example.com' },
      { email: 'ana@example.com' },
    ]);
    t.match(late.body, { added: 1, already_there: 1 });
    t.equal(
      (await api('GET', `/issues/${id}/notifications`)).body.total,
      3,
      'who is added after the end is told too',
    );

    await api('POST', `/issues/${id}/updates`, { status: 'investigating', message: 'It came back.' });
    t.equal(
      (await owed(base.db)).filter((one) => one.startsWith('resolved')).length,
      0,
      'a reopen takes back what was not sent',
    );
    await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed for good.' });
    t.equal((await owed(base.db)).filter((one) => one.startsWith('resolved')).length, 3);
    const ids = await base.db.selectFrom('delivery').select('message_id').execute();
    t.equal(new Set(ids.map((one) => one.message_id)).size, ids.length, 'each mail has an id of its own');
  },
);

const badReports: [what: string, body: unknown][] = [
  ['no address', { message: 'm' }],
  ['a bad address', { email: 'a@b\r\nBcc: c@d.example' }],
  ['an empty list', []],
  ['a list too long', Array.from({ length: 10_001 }, () => ({ email: 'a@example.com' }))],
  ['an unknown field', { email: 'ana@example.com', phone: '1' }],
  ['an address that is a list', { email: ['ana@example.com', 'bob@example.com'] }],
];

onBoth(t, 'a report that cannot be read is refused', async (t, base) => {
  const { api } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  for (const [what, body] of badReports) {
    const { status, body: problem } = await api('POST', `/issues/${id}/reports`, body);
    t.equal(status, 400, what);
    t.ok(problem.errors.length > 0, what);
  }
  t.match((await api('POST', `/issues/${id}/reports`, { email: 'nonsense' })).body, {
    errors: [{ path: 'email' }],
  });
  t.equal((await api('POST', '/issues/zzzzzzzzzzzz/reports', { email: 'ana@example.com' })).status, 404);
});

onBoth(
  t,
  'staff see what customers said, link it or answer it, and the customer is told',
  async (t, base) => {
    const { api } = await openApp(t, base);
    const { id } = (await api('POST', '/issues', bug)).body;
    const mine = await said(base.db, 'my exports are empty files', 'ana@example.com');
    const other = await said(base.db, 'the button is green', 'bob@example.com');
    const silent = await said(base.db, 'no address here', null);

    const inbox = await api('GET', '/reports?state=new');
    t.equal(inbox.body.data.length, 3);
    const first = inbox.body.data.find((one: { id: string }) => one.id === mine);
    t.match(first, {
      state: 'new',
      email: 'ana@example.com',
      matches: [{ id, url: /\/issues\//, score: Number }],
    });

    t.match(await api('POST', `/reports/${mine}/link`, { issue_id: id }), {
      status: 200,
      body: { state: 'linked', issue_id: id },
    });
    await api('POST', `/reports/${mine}/link`, { issue_id: id });
    t.same(await owed(base.db), ['linked ana@example.com'], 'told once');
    t.equal((await api('GET', `/issues/${id}`)).body.reporters_count, 1);

    const answer = {
      verdict: 'works_as_designed',
      message: 'You are right that it is odd. Here is why it is green.',
    };
    t.match(await api('POST', `/reports/${other}/answer`, answer), {
      status: 200,
      body: { state: 'answered', ...{ verdict: answer.verdict } },
    });
    await api('POST', `/reports/${other}/answer`, answer);
    t.same(await owed(base.db), ['answered bob@example.com', 'linked ana@example.com'], 'told once');

    t.equal((await api('POST', `/reports/${silent}/link`, { issue_id: id })).status, 200);
    t.equal((await owed(base.db)).length, 2, 'without an address there is nobody to tell');
    t.equal((await api('GET', '/reports')).body.data.length, 0);
    t.equal((await api('GET', '/reports?state=linked')).body.data.length, 2);

    t.equal((await api('POST', '/reports/zzzzzzzzzzzz/link', { issue_id: id })).status, 404);
    t.equal((await api('POST', `/reports/${mine}/link`, { issue_id: 'zzzzzzzzzzzz' })).status, 404);
    t.equal((await api('POST', `/reports/${mine}/link`, {})).status, 400);
    t.equal(
      (await api('POST', `/reports/${other}/answer`, { verdict: 'user_error', message: 'm' })).status,
      400,
    );
    t.equal((await api('GET', '/reports?state=spam')).status, 400);
  },
);

onBoth(t, 'a report linked to an issue that is over is told so, once', async (t, base) => {
  const { api } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  const mine = await said(base.db, 'my exports are empty files', 'ana@example.com');
  await api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
  await api('POST', `/reports/${mine}/link`, { issue_id: id });
  t.same(await owed(base.db), ['resolved ana@example.com']);
});

async function said(db: Db, message: string, email: string | null): Promise<string> {
  const id = newId();
  await db
    .insertInto('report')
    .values({
      ...{
        id,
        message,
        email,
        source: 'form',
        created_at: new Date('2026-11-21T11:00:00Z'),
        issue_id: null,
        name: null,
      },
      ...{
        page_url: null,
        verdict: null,
        answer: null,
        linked_at: null,
        answered_at: null,
        withdrawn_at: null,
      },
    })
    .execute();
  return id;
}

async function owed(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('delivery')
    .select(['template', 'address'])
    .where('state', '=', 'queued')
    .execute();
  return rows.map((row) => `${row.template} ${row.address.toLowerCase()}`).sort();
}
