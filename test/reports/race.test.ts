import t from 'tap';
import { openApp } from '../fixtures/app.ts';
import { onBoth } from '../fixtures/db.ts';

const bug = { title: 'Export gives an empty file', kind: 'bug', message: 'We know about this.' };
const rounds = 5;
const people = 60;

onBoth(t, 'whoever says "me too" while the issue is being resolved is told once', async (t, base) => {
  const { app, api } = await openApp(t, base);
  for (let round = 0; round < rounds; round++) {
    const { id } = (await api('POST', '/issues', bug)).body;
    const meToo = (person: number) =>
      app.inject({
        method: 'POST',
        url: `/issues/${id}/me-too`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: `email=p${round}-${person}%40example.com`,
      });
    const resolve = () => api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' });
    const at = Math.floor((people * (round + 1)) / (rounds + 1));
    const answers = await Promise.all(
      Array.from({ length: people }, async (_, person) => {
        if (person === at) await resolve();
        return meToo(person);
      }),
    );
    t.ok(
      answers.every((answer) => answer.statusCode === 303),
      'every one was taken',
    );
    const owed = await base.db
      .selectFrom('delivery')
      .select('address_key')
      .where('issue_id', '=', id)
      .where('template', '=', 'resolved')
      .execute();
    t.equal(owed.length, people, 'everybody is owed the news');
    t.equal(new Set(owed.map((row) => row.address_key)).size, people, 'once');
  }
});

onBoth(t, 'two resolves at once are one', async (t, base) => {
  const { api } = await openApp(t, base);
  const { id } = (await api('POST', '/issues', bug)).body;
  await api('POST', `/issues/${id}/reports`, { email: 'ana@example.com' });
  const answers = await Promise.all(
    Array.from({ length: 4 }, () =>
      api('POST', `/issues/${id}/updates`, { status: 'resolved', message: 'Fixed.' }),
    ),
  );
  t.same(answers.map((answer) => answer.status).sort(), [201, 409, 409, 409]);
  t.equal((await api('GET', `/issues/${id}/notifications`)).body.total, 1);
  t.equal((await api('GET', `/issues/${id}`)).body.updates.length, 2);
});
