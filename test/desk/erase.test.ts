import { sql } from 'kysely';
import t from 'tap';
import type { Database } from '../../src/db.ts';
import { onBoth } from '../fixtures/db.ts';
import { openDesk } from '../fixtures/desk.ts';
import { textOf } from '../fixtures/text.ts';

const canary = 'Canary.Bird@private.example';

/** Everything the database holds, as text. */
async function dump({ db }: Database): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db);
  const all: string[] = [];
  for (const { name } of rows) {
    const { rows: found } = await sql<{ line: string }>`
      select coalesce(string_agg(t::text, E'\n'), '') as line from ${sql.table(name)} as t`.execute(db);
    all.push(`${name}: ${found[0]!.line}`);
  }
  return all.join('\n');
}

onBoth(t, 'who asks to be forgotten is nowhere in the database any more', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner' });
  const { body: issue } = await owner.api('POST', '/issues', {
    kind: 'bug',
    title: 'Broken',
    message: 'We know.',
  });
  await owner.app.inject({
    method: 'POST',
    url: '/report',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({
      message: 'canary words of mine',
      email: canary,
      name: 'Canary Name',
    }).toString(),
  });
  await owner.api('POST', '/subscribers', { email: canary }, { 'idempotency-key': 'k0' });
  const report = (await owner.api('GET', '/reports?state=new')).body.data[0];
  await owner.api('POST', `/reports/${report.id}/link`, { issue_id: issue.id }, { 'idempotency-key': 'k1' });
  const entry = { do: 'one', email: canary.toUpperCase(), message: 'canary words again' };
  await owner.post(`/admin/issues/${issue.id}/reporters`, entry);
  await owner.post(`/admin/issues/${issue.id}/notes`, { note: `Called ${canary} today.` });
  await owner.post(`/admin/issues/${issue.id}/reporters`, {
    do: 'one',
    email: 'ana@example.com',
    message: 'stays',
  });
  t.match(await dump(base), /canary\.bird/i, 'she is there before');

  const found = await owner.post('/admin/erase', { email: canary.toLowerCase(), do: 'look' });
  t.match(textOf(found.html), /we keep \d report, a subscription and/);
  t.match(await dump(base), /canary/i, 'looking erases nothing');
  t.equal((await owner.post('/admin/erase', { email: canary, do: 'erase' })).to, '/admin/erase?said=erased');
  const after = await dump(base);
  t.notMatch(after, /canary/i, 'her address, her name and her words are gone');
  t.match(after, /ana@example\.com/, 'and nobody else');
  t.match(after, /erased a person/, 'that it was done is on record');
  t.equal(
    (await owner.post('/admin/erase', { email: canary, do: 'erase' })).status,
    303,
    'twice is the same',
  );
});

onBoth(t, 'what is no address is given back; only an owner may', async (t, base) => {
  const owner = await openDesk(t, base, { role: 'owner' });
  t.match(await owner.post('/admin/erase', { email: 'nobody', do: 'erase' }), {
    status: 400,
    html: /value="nobody"/,
  });
  const support = await owner.colleague({ role: 'support' });
  t.equal((await support.post('/admin/erase', { email: canary, do: 'erase' })).status, 403);
});
